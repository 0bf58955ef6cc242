"""A row of shares as a line of bars, for pictures in a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable

__all__ = ["BARS", "bars"]

BARS = ("▁▂▃▄▅▆▇█", "_.-:=+*#")  # the second where the output knows no block characters


def bars(shares: Iterable[float], ascii_only: bool = False) -> str:
    """Return one character a share: the lowest only for none, the highest only for all, a blank for no number.

    Example:
        >>> bars([0.0, 0.01, 0.5, 0.99, 1.0]), bars([0.0, float("nan"), 1.0], ascii_only=True)
        ('▁▂▅▇█', '_ #')

    Args:
        shares: from 0 to 1; what lies outside is drawn as the nearer end.
        ascii_only: whether the output knows no block characters.
    """
    known = BARS[ascii_only]
    return "".join(" " if math.isnan(share) else known[_level(share, len(known) - 1)] for share in shares)


def _level(share: float, last: int) -> int:
    if share <= 0 or share >= 1:
        return last if share >= 1 else 0
    return min(max(round(share * last), 1), last - 1)
