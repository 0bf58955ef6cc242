"""Settings that depend on the lag, in a notation so small that nothing needs to be evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from memspan.core.errors import InvalidInput

__all__ = ["at_lag", "names_lag"]

MULTIPLE = re.compile(r"\s*(?:([0-9]{1,9})\s*\*\s*)?lag\s*(?:\+\s*([0-9]{1,9})\s*)?")
WORD = re.compile(r"\blag\b")


def at_lag(argument: str, value: Any, lag: int, lags: Sequence[int]) -> Any:
    """Return what a setting is at one lag.

    Example:
        >>> [at_lag("chrono", value, 100, [10, 100]) for value in ("10 * lag", "lag + 2", [5, 7], 12, "keras")]
        [1000, 102, 7, 12, 'keras']
        >>> at_lag("chrono", "lag / 2", 100, [10, 100])
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: chrono may depend on the lag as 'lag', '10 * lag', 'lag + 2' or a list of
        one value per lag, but got 'lag / 2'; write it so

    Args:
        argument: the setting's name, as the user wrote it.
        value: "lag", a multiple of it such as "10 * lag", a number added as in "lag + 2", a list of one value per
            lag, or a value for all lags.
        lag: the lag.
        lags: the lags that a list is about, in its order.

    Returns:
        The value at the lag.

    Raises:
        InvalidInput: it speaks of the lag in another notation, or a list has another length than the lags.
    """
    if isinstance(value, list):
        values: list[Any] = value
        if len(values) != len(lags) or lag not in lags:
            raise InvalidInput(
                f"{argument} as a list must hold one value for each of the lags {', '.join(map(str, lags))}, but got "
                f"{values!r} for lag {lag}; give {len(lags)} values"
            )
        return values[list(lags).index(lag)]
    if not isinstance(value, str) or not WORD.search(value):
        return value
    match = MULTIPLE.fullmatch(value)
    if match is None:
        raise InvalidInput(
            f"{argument} may depend on the lag as 'lag', '10 * lag', 'lag + 2' or a list of one value per "
            f"lag, but got '{value}'; write it so"
        )
    return int(match[1] or 1) * lag + int(match[2] or 0)


def names_lag(settings: Mapping[str, Any]) -> bool:
    """Return whether any setting depends on the lag in this notation.

    Example:
        >>> names_lag({"length": "2 * lag"}), names_lag({"middle": "random"})
        (True, False)
    """
    return any(isinstance(value, str) and MULTIPLE.fullmatch(value) for value in settings.values())
