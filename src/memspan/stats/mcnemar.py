"""McNemar's test: whether two shares of successes over the same seeds differ."""

from __future__ import annotations

from typing import SupportsIndex

from memspan.stats.counts import check_counts
from memspan.stats.mid_p import mid_p

__all__ = ["mcnemar"]


def mcnemar(first_only: SupportsIndex, second_only: SupportsIndex) -> float:
    """Return the two-sided mid-p-value of no difference, where each seed was run on both sides.

    Seeds that succeed on both sides or on neither say nothing about a difference; of the others each side would have
    half. The mid-p-value counts half of the chance of what was seen: the exact test is too careful with few seeds.

    Example:
        >>> round(mcnemar(first_only=12, second_only=2), 4)
        0.0074

    Args:
        first_only: seeds that succeeded on the first side only.
        second_only: seeds that succeeded on the second side only.

    Returns:
        The p-value; 1 where no seed tells the sides apart.

    Raises:
        InvalidInput: a count cannot be.

    Source:
        Q. McNemar (1947), "Note on the sampling error of the difference between correlated proportions or
        percentages", Psychometrika 12; the mid-p-value: M. W. Fagerland, S. Lydersen and P. Laake (2013), "The
        McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC
        Medical Research Methodology 13.
    """
    first, _ = check_counts(first_only, 2**62)
    second, _ = check_counts(second_only, 2**62)
    if first + second == 0:
        return 1.0
    return min(1.0, 2 * mid_p(min(first, second), first + second, 0.5).below)
