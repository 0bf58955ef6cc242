"""A spec made again of what a store says of it, parts that stand for code of the user's too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from memspan import adapters
from memspan.adapters.predict import CommandLine
from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput
from memspan.core.spec import Spec
from memspan.engine import rebuilt

__all__ = ["changed_code", "spec_of"]


def spec_of(settings: Mapping[str, Any], hash: str) -> Spec:
    """Return the spec that was written down as plain data, if this version of the library makes the same of it.

    Example:
        >>> import json, memspan as ms
        >>> spec = ms.Spec(ms.problems.Conflict(lag=5), ms.models.LSTM(units=2), ms.rules.BPTT(), ms.Adam())
        >>> spec_of(json.loads(spec.canonical_json()), spec.hash) == spec
        True

    Args:
        settings: the spec's canonical JSON, as the store gives it.
        hash: its hash.

    Raises:
        InvalidInput: it names something that is not the library's own, whose code a file does not hold; or another
            version wrote it, whose specs are not the same.
    """
    try:
        return rebuilt.spec_of(settings, hash, _named_by_user)
    except InvalidInput as refusal:
        if code := changed_code(settings):
            raise InvalidInput(
                f"spec {hash} must be of the file that it was run with, but that of {code} is another now"
            ) from refusal
        raise


def changed_code(settings: Mapping[str, Any]) -> str:
    """Return the name of code of the user's that is another now than when a spec was made; "" where there is none.

    Example:
        >>> user = {"type": "UserCode", "name": "keyword:iskeyword", "sha256": "0" * 64}
        >>> changed_code({"model": {"type": "Predict", "user": user}, "epochs": 1})
        'keyword:iskeyword'

    Args:
        settings: the spec's canonical JSON, as the store gives it.

    Raises:
        InvalidInput: it is no longer there.
    """
    for part in settings.values():
        user: Any = part.get("user") if isinstance(part, Mapping) else None  # pyright: ignore[reportUnknownMemberType]
        if isinstance(user, Mapping):
            now = CommandLine(user["name"]) if user["type"] == "CommandLine" else UserCode("model", user["name"])  # pyright: ignore
            if now.sha256 != user["sha256"]:
                return now.name
    return ""


def _named_by_user(value: Mapping[str, Any], again: Callable[[Any], Any]) -> Any:
    """Return a part that stands for code of the user's; the hash of the spec tells whether that is what it was."""
    if value.get("type") not in adapters.__all__ or not isinstance(value.get("user"), Mapping):
        return None
    fields = {name: again(each) for name, each in value.items() if name not in ("type", "user", "settings")}
    return getattr(adapters, value["type"])(value["user"]["name"], **fields, **dict(again(value.get("settings", []))))
