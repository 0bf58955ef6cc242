"""Clopper and Pearson's interval: a share of successes with a guaranteed coverage."""

from __future__ import annotations

from typing import SupportsIndex

from scipy.special import betaincinv

from memspan.core.estimate import Estimate
from memspan.stats.counts import check_counts, critical_value, method_name

__all__ = ["clopper_pearson"]


def clopper_pearson(successes: SupportsIndex, n: SupportsIndex, confidence: float = 0.95) -> Estimate:
    """Return the share of successes with the exact interval, which covers the truth at least as often.

    Example:
        >>> print(clopper_pearson(41, 100))
        0.41 [0.31, 0.51] (n = 100, clopper-pearson 95 %)

    Args:
        successes: runs that succeeded, from 0 to `n`.
        n: independent runs, at least 1.
        confidence: least share of intervals that contain the truth, between 0 and 1.

    Returns:
        The share, from 0 to 1, and its interval, which always contains it.

    Raises:
        InvalidInput: the counts cannot be, or the confidence does not lie between 0 and 1.

    Source:
        C. J. Clopper and E. S. Pearson (1934), "The use of confidence or fiducial limits illustrated in the
        case of the binomial", Biometrika 26.
    """
    k, runs = check_counts(successes, n)
    critical_value(confidence)
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, runs - k + 1, tail))
    high = 1.0 if k == runs else float(betaincinv(k + 1, runs - k, 1 - tail))
    return Estimate(k / runs, low, high, runs, method_name("clopper-pearson", confidence))
