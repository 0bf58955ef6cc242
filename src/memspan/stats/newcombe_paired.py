"""Newcombe's interval for pairs: the difference of two shares of successes over the same seeds."""

from __future__ import annotations

from math import sqrt
from typing import SupportsIndex

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.stats.counts import check_counts, method_name
from memspan.stats.wilson import wilson

__all__ = ["newcombe_paired"]


def newcombe_paired(
    both: SupportsIndex,
    first_only: SupportsIndex,
    second_only: SupportsIndex,
    neither: SupportsIndex,
    confidence: float = 0.95,
) -> Estimate:
    """Return how much larger one share of successes is than another, where each seed was run on both sides.

    Where seeds that succeed on one side tend to succeed on the other, this interval is narrower than
    `newcombe`, which takes the sides for independent.

    Example:
        >>> print(newcombe_paired(both=80, first_only=12, second_only=2, neither=6))
        0.10 [0.03, 0.18] (n = 100, newcombe paired 95 %)

    Args:
        both: seeds that succeeded on both sides.
        first_only: seeds that succeeded on the first side only.
        second_only: seeds that succeeded on the second side only.
        neither: seeds that succeeded on neither.
        confidence: share of intervals that are to contain the truth, between 0 and 1.

    Returns:
        The first share minus the second, from -1 to 1, with its interval; `n` counts the seeds.

    Raises:
        InvalidInput: a count cannot be, or the confidence does not lie between 0 and 1.

    Source:
        R. G. Newcombe (1998), "Improved confidence intervals for the difference between binomial proportions
        based on paired data", Statistics in Medicine 17, method 10.
    """
    a, b, c, d = _checked(both, first_only, second_only, neither)
    n = a + b + c + d
    first, second = wilson(a + b, n, confidence), wilson(a + c, n, confidence)
    together = _correlation(a, b, c, d)
    difference = (b - c) / n
    low = difference - _added(first.point - first.low, second.high - second.point, together)
    high = difference + _added(first.high - first.point, second.point - second.low, together)
    return Estimate(difference, low, high, n, method_name("newcombe paired", confidence))


def _checked(*counts: SupportsIndex) -> tuple[int, ...]:
    try:
        whole = tuple(check_counts(count, 2**62)[0] for count in counts)
    except InvalidInput as refusal:
        raise InvalidInput(
            f"counts of seeds must be whole numbers, 0 or more, but got {counts}; count the seeds of each outcome"
        ) from refusal
    if not sum(whole):
        raise InvalidInput("counts of seeds must not all be 0, but they are; an interval needs one seed or more")
    return whole


def _correlation(a: int, b: int, c: int, d: int) -> float:
    """Return the correlation of the two outcomes of a seed, drawn towards 0 where it is positive."""
    size = (a + b) * (c + d) * (a + c) * (b + d)
    if size == 0:
        return 0.0
    excess = a * d - b * c
    if excess > 0:
        excess = max(excess - (a + b + c + d) / 2, 0)
    return excess / sqrt(size)


def _added(one: float, other: float, together: float) -> float:
    return sqrt(max(one**2 - 2 * together * one * other + other**2, 0.0))
