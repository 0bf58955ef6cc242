"""A spec made again of what a store says of it."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Mapping
from typing import Any

from memspan import adapters, engine, models, problems, rules
from memspan.core.errors import InvalidInput
from memspan.core.protocol import Protocol
from memspan.core.spec import Spec

__all__ = ["spec_of"]


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
        made = _made(settings)
    except (TypeError, KeyError, InvalidInput) as refusal:
        raise InvalidInput(
            f"spec {hash} must be of this memspan's own parts to be made again, but {refusal}; pass the Spec itself"
        ) from refusal
    if not isinstance(made, Spec) or made.hash != hash:
        raise InvalidInput(
            f"spec {hash} must be one of this version of memspan to be made again, but would now be "
            f"{getattr(made, 'hash', 'none')}; use the version that trained it"
        )
    return made


@functools.cache
def _types() -> dict[str, type[Any]]:
    """Return the library's own parts by the names that specs have for them."""
    found = {name: value for home in (engine, models, problems, rules) for name, value in vars(home).items()}
    parts = {name: value for name, value in found.items() if inspect.isclass(value) and dataclasses.is_dataclass(value)}
    return parts | {"Protocol": Protocol, "Spec": Spec}


def _named_by_user(value: Mapping[str, Any]) -> Any:
    """Return a part that stands for code of the user's; the hash of the spec tells whether that is what it was."""
    fields = {name: _made(each) for name, each in value.items() if name not in ("type", "user", "settings")}
    return getattr(adapters, value["type"])(value["user"]["name"], **fields, **dict(_made(value.get("settings", []))))


def _made(value: Any) -> Any:
    if isinstance(value, list):
        items: list[Any] = value
        return tuple(_made(item) for item in items)
    if not isinstance(value, Mapping):
        return value
    if value.get("type") in adapters.__all__ and isinstance(value.get("user"), Mapping):
        return _named_by_user(value)
    fields = {str(name): _made(each) for name, each in value.items() if name != "type"}
    name = value.get("type")
    if name not in _types():
        raise InvalidInput(f"got '{name}'")
    if name == "Optax":
        return engine.Optax(fields["name"], **dict(fields["settings"]))
    return _types()[name](**fields)
