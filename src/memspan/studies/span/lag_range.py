"""Lags from one to another, four to each doubling, written as 3..3000."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memspan.core.errors import InvalidInput

__all__ = ["in_short", "lags_between"]

WRITTEN = re.compile(r"\s*([0-9]{1,9})\s*\.\.\s*([0-9]{1,9})\s*")
STEPS = 4  # lags to a doubling


def lags_between(argument: str, text: str) -> tuple[int, ...]:
    """Return lags from one to another, each about a fifth longer than the one before.

    Example:
        >>> lags_between("lags", "3..24")
        (3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24)

    Args:
        argument: its name, as the user wrote it.
        text: two whole numbers with two dots between them.

    Raises:
        InvalidInput: something else is written there, or the first is not the shorter one.
    """
    match = WRITTEN.fullmatch(text)
    if match is None or not 1 <= int(match[1]) < int(match[2]):
        raise InvalidInput(f"{argument} must be such as 3..3000, from a shorter lag to a longer one, but got '{text}'")
    first, last = int(match[1]), int(match[2])
    lags, power = {first, last}, 0
    while (lag := round(first * 2 ** (power / STEPS))) < last:
        lags.add(lag)
        power += 1
    return tuple(sorted(lags))


def in_short(lags: Sequence[int]) -> str:
    """Return lags as a person would write them.

    Example:
        >>> in_short((3, 10, 30)), in_short(lags_between("lags", "3..24"))
        ('3,10,30', '3..24')
    """
    between = f"{lags[0]}..{lags[-1]}"
    if len(lags) > STEPS and tuple(lags) == lags_between("lags", between):
        return between
    return ",".join(map(str, lags))
