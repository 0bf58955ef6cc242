"""A spec made again of what was written down of it."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from memspan import models, problems, rules
from memspan.core.errors import InvalidInput
from memspan.core.protocol import Protocol
from memspan.core.spec import Spec
from memspan.engine.optax_optimizer import Optax

__all__ = ["Others", "remade", "spec_of"]

# (plain data of a part that is not ours, what makes parts of plain data) -> the part, or None where it is none of these
Others = Callable[[Mapping[str, Any], Callable[[Any], Any]], Any]


def spec_of(settings: Mapping[str, Any], hash: str, others: Others | None = None) -> Spec:
    """Return the spec that was written down as plain data, if this version of the library makes the same of it.

    Nothing but settings of the library's own parts is ever made, unless `others` makes more.

    Example:
        >>> import json, memspan as ms
        >>> spec = ms.Spec(ms.problems.Conflict(lag=5), ms.models.LSTM(units=2), ms.rules.BPTT(), ms.Adam())
        >>> spec_of(json.loads(spec.canonical_json()), spec.hash) == spec
        True

    Args:
        settings: the spec's canonical JSON, read.
        hash: its hash.
        others: makes parts that are not the library's own.

    Raises:
        InvalidInput: it names something that is not the library's own, whose code a file does not hold; or another
            version wrote it, whose specs are not the same.
    """
    try:
        made = remade(settings, others)
    except (TypeError, KeyError, ValueError) as refusal:
        raise InvalidInput(
            f"spec {hash} must be of this memspan's own parts to be made again, but {refusal}; pass the Spec itself"
        ) from refusal
    if not isinstance(made, Spec) or made.hash != hash:
        raise InvalidInput(
            f"spec {hash} must be one of this version of memspan to be made again, but would now be "
            f"{getattr(made, 'hash', 'none')}; use the version that trained it"
        )
    return made


def remade(value: Any, others: Others | None = None) -> Any:
    """Return the part of a spec that plain data describe; lists become tuples.

    Example:
        >>> remade({"type": "GRU", "units": 4, "reset": "after"})
        GRU(units=4, reset='after')

    Args:
        value: as `core.spec.describe` gives it.
        others: makes parts that are not the library's own.

    Raises:
        InvalidInput: it names something that is not the library's own.
    """
    again = functools.partial(remade, others=others)
    if isinstance(value, list):
        items: list[Any] = value
        return tuple(again(item) for item in items)
    if not isinstance(value, Mapping):
        return value
    plain: Mapping[str, Any] = value
    other = others(plain, again) if others is not None else None
    if other is not None:
        return other
    fields = {str(name): again(each) for name, each in plain.items() if name != "type"}
    name = plain.get("type")
    if name not in _types():
        raise InvalidInput(f"got '{name}'")
    return Optax(fields["name"], **dict(fields["settings"])) if name == "Optax" else _types()[name](**fields)


@functools.cache
def _types() -> dict[str, type[Any]]:
    """Return the library's own parts by the names that specs have for them."""
    from memspan import engine  # whose list of names is not yet there when this is imported

    found = {name: value for home in (engine, models, problems, rules) for name, value in vars(home).items()}
    parts = {name: value for name, value in found.items() if inspect.isclass(value) and dataclasses.is_dataclass(value)}
    return parts | {"Protocol": Protocol, "Spec": Spec}
