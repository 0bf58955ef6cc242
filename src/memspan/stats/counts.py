"""What every interval asks of its input: whole counts that can be, and a confidence below one."""

from __future__ import annotations

import operator
from typing import Any

from scipy.special import ndtri

from memspan.core.errors import InvalidInput

__all__ = ["check_counts", "critical_value", "method_name"]


def check_counts(successes: Any, n: Any) -> tuple[int, int]:
    """Return successes and runs as plain integers, if they can be counts.

    Example:
        >>> check_counts(41, 100)
        (41, 100)

    Args:
        successes: runs that succeeded, from 0 to `n`; Python's integers or NumPy's.
        n: runs, at least 1.

    Returns:
        Both counts.

    Raises:
        InvalidInput: a count is not a whole number, there is no run, or more successes than runs.
    """
    try:
        k, runs = operator.index(successes), operator.index(n)
    except TypeError:
        raise InvalidInput(
            f"successes and n must be whole numbers, but got {successes!r} and {n!r}; give counts, not shares"
        ) from None
    if runs < 1:
        raise InvalidInput(f"n must be at least 1, but got {runs}; an interval needs one run or more")
    if not 0 <= k <= runs:
        raise InvalidInput(f"successes must be from 0 to n = {runs:,}, but got {k:,}; give counts of the same runs")
    return k, runs


def critical_value(confidence: float) -> float:
    """Return how many standard errors a two-sided interval of the normal distribution reaches to each side.

    Example:
        >>> round(critical_value(0.95), 4)
        1.96

    Args:
        confidence: the share of intervals that are to contain the truth, between 0 and 1.

    Returns:
        The normal quantile at (1 + confidence) / 2.

    Raises:
        InvalidInput: the confidence does not lie between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InvalidInput(f"confidence must lie between 0 and 1, but got {confidence}; 0.95 is usual")
    return float(ndtri((1 + confidence) / 2))


def method_name(name: str, confidence: float) -> str:
    """Return how an estimate says what made its interval.

    Example:
        >>> method_name("wilson", 0.95)
        'wilson 95 %'
    """
    return f"{name} {100 * confidence:g} %"
