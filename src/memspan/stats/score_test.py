"""The score test: whether two or more independent shares of successes differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

from scipy.special import chdtrc

from memspan.core.errors import InvalidInput
from memspan.stats.counts import check_counts
from memspan.stats.significance import Significance

__all__ = ["score_test"]


def score_test(successes: Sequence[SupportsIndex], n: Sequence[SupportsIndex]) -> Significance:
    """Return whether rates of success differ (Pearson's chi-squared, with the spread of the pooled rate).

    Example:
        >>> print(score_test([90, 41], [100, 100]))
        p < 0.001 (chi-squared 53.13, 1 degree of freedom, n = 200, score test)

    Args:
        successes: runs that succeeded on each side, two sides or more.
        n: independent runs of each side.

    Returns:
        Chi-squared with a degree of freedom fewer than sides; none, with a p-value of 1, where all runs
        succeeded or none did.

    Raises:
        InvalidInput: there are fewer than two sides, or counts that cannot be.

    Source:
        K. Pearson (1900), Philosophical Magazine 50; A. Agresti, "Categorical Data Analysis".
    """
    if len(successes) < 2 or len(successes) != len(n):
        raise InvalidInput(
            f"successes and n must be lists of two sides or more, but got {len(successes)} and {len(n)} values; "
            "give both for the same sides"
        )
    sides = [check_counts(k, runs) for k, runs in zip(successes, n, strict=True)]
    solved, runs = (sum(column) for column in zip(*sides, strict=True))
    pooled = solved / runs
    if solved in (0, runs):
        return Significance(0.0, 0, 1.0, runs, "score test")
    statistic = sum((k - size * pooled) ** 2 / (size * pooled * (1 - pooled)) for k, size in sides)
    return Significance(statistic, len(sides) - 1, float(chdtrc(len(sides) - 1, statistic)), runs, "score test")
