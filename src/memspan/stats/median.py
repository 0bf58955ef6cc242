"""The median of values, with an interval that assumes no distribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.stats.counts import critical_value, method_name

__all__ = ["median"]


def median(
    values: ArrayLike | Sequence[float], confidence: float = 0.95, low: float = 0.0, high: float = 1.0
) -> Estimate:
    """Return the median of values, between the two of them that the sign test leaves.

    How many of the values lie below the true median is a toss of fair coins, so the interval holds in at least its
    share of studies whatever the values are. With so few that all may lie on one side of it by chance (fewer than 6
    at 95 %) nothing is known but the ends that the values can have at all.

    Example:
        >>> print(median([0.5, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0]))
        1.00 [0.50, 1.00] (n = 7, sign test 95 %)
        >>> print(median([1.0, 1.0]))
        1.00 [0.00, 1.00] (n = 2, sign test 95 %)

    Args:
        values: one a run, from `low` to `high`.
        confidence: share of intervals that are to contain the truth, between 0 and 1.
        low: the least value there can be.
        high: the largest value there can be.

    Returns:
        The median and its interval.

    Raises:
        InvalidInput: there is no value, one is outside of its ends, or the confidence does not lie between 0 and 1.

    Source:
        W. R. Thompson (1936), "On confidence ranges for the median and other expectation distributions for
        populations of unknown distribution form", Annals of Mathematical Statistics 7.
    """
    given = np.sort(np.asarray(values, dtype=np.float64), axis=None)
    if given.size == 0 or np.ndim(values) != 1:
        raise InvalidInput(f"values must be a list, at least one, but got shape {np.shape(values)}; give it flat")
    if (bad := given[~((given >= low) & (given <= high))]).size:
        raise InvalidInput(f"values must be from {low:g} to {high:g}, but got {bad[0]}; give low and high that fit")
    critical_value(confidence)
    n = given.size
    # The most values that may lie below the median by chance, in at most half of what the interval may miss.
    outside = max((k for k in range(n // 2 + 1) if bdtr(k, n, 0.5) <= (1 - confidence) / 2), default=-1)
    ends = (low, high) if outside < 0 else (float(given[outside]), float(given[n - 1 - outside]))
    return Estimate(float(np.median(given)), *ends, int(n), method_name("sign test", confidence))
