"""Wilson's interval: a share of successes with the score interval."""

from __future__ import annotations

from math import sqrt
from typing import SupportsIndex

from memspan.core.estimate import Estimate
from memspan.stats.counts import check_counts, critical_value, method_name

__all__ = ["wilson"]


def wilson(successes: SupportsIndex, n: SupportsIndex, confidence: float = 0.95) -> Estimate:
    """Return the share of successes with Wilson's score interval, whose coverage is right on average.

    Example:
        >>> print(wilson(41, 100))
        0.41 [0.32, 0.51] (n = 100, wilson 95 %)

    Args:
        successes: runs that succeeded, from 0 to `n`.
        n: independent runs, at least 1.
        confidence: share of intervals that are to contain the truth, between 0 and 1.

    Returns:
        The share, from 0 to 1, and its interval, which always contains it.

    Raises:
        InvalidInput: the counts cannot be, or the confidence does not lie between 0 and 1.

    Source:
        E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    k, runs = check_counts(successes, n)
    z = critical_value(confidence)
    centre = (k + z**2 / 2) / (runs + z**2)
    half = z / (runs + z**2) * sqrt(k * (runs - k) / runs + z**2 / 4)
    # At the ends the bound is exactly 0 or 1; rounding would leave it a hair inside or outside.
    low = 0.0 if k == 0 else centre - half
    high = 1.0 if k == runs else centre + half
    return Estimate(k / runs, low, high, runs, method_name("wilson", confidence))
