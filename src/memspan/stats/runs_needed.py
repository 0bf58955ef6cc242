"""How many runs until an interval is narrow enough, and how many to add now."""

from __future__ import annotations

from math import ceil, sqrt
from typing import NamedTuple, SupportsIndex

from memspan.core.errors import InvalidInput
from memspan.stats.counts import check_counts, critical_value
from memspan.stats.wilson import wilson

__all__ = ["RunsNeeded", "next_block", "runs_needed"]


class RunsNeeded(NamedTuple):
    """How many runs there must be in all, those already made included.

    Attributes:
        expected: if the rate is the share seen so far.
        most: if it is the rate in the interval that asks for most, the one nearest to a half.
    """

    expected: int
    most: int


def runs_needed(successes: SupportsIndex, n: SupportsIndex, half_width: float, confidence: float = 0.95) -> RunsNeeded:
    """Return how many runs there must be in all until Wilson's interval is narrow enough.

    Example:
        >>> runs_needed(18, 20, half_width=0.05)
        RunsNeeded(expected=141, most=321)

    Args:
        successes: runs that succeeded so far, from 0 to `n`.
        n: runs so far, at least 1.
        half_width: largest half width of the interval, above 0 and below 0.5.
        confidence: share of intervals that are to contain the truth, between 0 and 1.

    Returns:
        The numbers; at least `n`.

    Raises:
        InvalidInput: the counts cannot be, or the width or confidence is out of its range.
    """
    check_half_width(half_width)
    now, z = wilson(successes, n, confidence), critical_value(confidence)
    if (now.high - now.low) / 2 <= half_width:
        return RunsNeeded(now.n, now.n)
    worst = min(max(0.5, now.low), now.high)
    expected, most = (max(now.n, _size(rate, half_width, z)) for rate in (now.point, worst))
    return RunsNeeded(expected, most)


def next_block(
    successes: SupportsIndex, n: SupportsIndex, half_width: float, block: int, most: int, confidence: float = 0.95
) -> int:
    """Return how many runs to add now: a block, what is left of the budget, or none.

    Stopping when Wilson's interval is narrow enough hardly touches its coverage, for the width depends on the
    share only smoothly: measured over rates from 0.1 to 0.9 (blocks of 20, half widths 0.05 to 0.15), 95 % on
    average and 92 % at least, as with a fixed number of runs. It is different for a rule that stops when the
    interval leaves some value out: that finds differences that are not there. `memory_span` has `looks` for it.

    Example:
        >>> next_block(18, 20, half_width=0.1, block=20, most=200), next_block(38, 40, 0.1, 20, 200)
        (20, 0)

    Args:
        successes: runs that succeeded so far, from 0 to `n`.
        n: runs so far; 0 before the first block.
        half_width: largest half width of the interval, above 0 and below 0.5.
        block: runs in a block, at least 1.
        most: runs that there may be in all.
        confidence: share of intervals that are to contain the truth, between 0 and 1.

    Returns:
        The number of runs; 0 where the interval is narrow enough or the budget is spent.

    Raises:
        InvalidInput: the counts cannot be, or the width, the block or the confidence is out of its range.

    Source:
        Y. S. Chow and H. Robbins (1965), "On the asymptotic theory of fixed-width sequential confidence
        intervals for the mean", Annals of Mathematical Statistics 36.
    """
    check_half_width(half_width)
    if block < 1:
        raise InvalidInput(f"block must be at least 1, but got {block}; 20 is usual")
    if n == 0:
        return min(block, most)
    _, done = check_counts(successes, n)
    now = wilson(successes, n, confidence)
    narrow = (now.high - now.low) / 2 <= half_width
    return 0 if narrow else max(0, min(block, most - done))


def check_half_width(half_width: float) -> None:
    """Refuse a half width that no interval of a share could have as its aim.

    Raises:
        InvalidInput: it does not lie between 0 and 0.5.
    """
    if not 0 < half_width < 0.5:
        raise InvalidInput(f"half_width must lie between 0 and 0.5, but got {half_width}; 0.05 is usual")


def _size(rate: float, half_width: float, z: float) -> int:
    """Return the n at which Wilson's half width, a quadratic in n once squared, is no more than wanted."""
    a = half_width**2
    b = z**2 * (2 * a - rate * (1 - rate))
    c = z**4 * (a - 1 / 4)
    return ceil((-b + sqrt(b * b - 4 * a * c)) / (2 * a))
