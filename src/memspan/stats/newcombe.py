"""Newcombe's interval: the difference of two independent shares of successes."""

from __future__ import annotations

from math import hypot
from typing import SupportsIndex

from memspan.core.estimate import Estimate
from memspan.stats.counts import method_name
from memspan.stats.wilson import wilson

__all__ = ["newcombe"]


def newcombe(
    successes: SupportsIndex,
    n: SupportsIndex,
    other_successes: SupportsIndex,
    other_n: SupportsIndex,
    confidence: float = 0.95,
) -> Estimate:
    """Return how much larger one share of successes is than another, with the interval made of Wilson's two.

    The runs of the two sides must be independent: runs that share seeds are pairs, and this is not for pairs.

    Example:
        >>> print(newcombe(90, 100, 41, 100))
        0.49 [0.37, 0.59] (n = 200, newcombe 95 %)

    Args:
        successes: runs of the first side that succeeded, from 0 to `n`.
        n: independent runs of the first side, at least 1.
        other_successes: runs of the second side that succeeded, from 0 to `other_n`.
        other_n: independent runs of the second side, at least 1.
        confidence: share of intervals that are to contain the truth, between 0 and 1.

    Returns:
        The first share minus the second, from -1 to 1, with its interval; `n` counts the runs of both sides.

    Raises:
        InvalidInput: the counts cannot be, or the confidence does not lie between 0 and 1.

    Source:
        R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions:
        comparison of eleven methods", Statistics in Medicine 17, method 10.
    """
    first = wilson(successes, n, confidence)
    second = wilson(other_successes, other_n, confidence)
    difference = first.point - second.point
    low = difference - hypot(first.point - first.low, second.high - second.point)
    high = difference + hypot(first.high - first.point, second.point - second.low)
    return Estimate(difference, low, high, first.n + second.n, method_name("newcombe", confidence))
