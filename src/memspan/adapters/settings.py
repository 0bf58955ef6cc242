"""Settings of a user's own as a spec can hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memspan.core.errors import InvalidInput

__all__ = ["frozen_settings"]


def frozen_settings(name: str, settings: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return settings sorted by name, their lists as tuples.

    Example:
        >>> frozen_settings("mymodel:lstm", {"hidden": 32, "dilations": [1, 2]})
        (('dilations', (1, 2)), ('hidden', 32))

    Args:
        name: whose settings they are.
        settings: numbers, strings, truth values, None, and lists of these.

    Raises:
        InvalidInput: one is something else, which a spec could not hold.
    """
    return tuple((key, _frozen(f"{key} of {name}", value)) for key, value in sorted(settings.items()))


def _frozen(where: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        items: Any = value
        return tuple(_frozen(where, item) for item in items)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise InvalidInput(
        f"{where} must be a number, a string, a truth value or a list of these, but got {value!r}; make other things "
        "of such settings in your own code"
    )
