"""How surprising a count of successes would be if the rate were exactly some level, from above and from below."""

from __future__ import annotations

from typing import NamedTuple, SupportsIndex

from scipy.special import bdtr, bdtrc

from memspan.core.errors import InvalidInput
from memspan.stats.counts import check_counts

__all__ = ["Tails", "mid_p"]


class Tails(NamedTuple):
    """Two one-sided mid-p-values of a count against a level.

    Attributes:
        above: small where the runs show that the rate is at least the level.
        below: small where they show that it is less.
    """

    above: float
    below: float


def mid_p(successes: SupportsIndex, n: SupportsIndex, level: float) -> Tails:
    """Return the chance of more extreme counts at a rate of exactly the level, plus half of that of this count.

    The half makes the test right on average over n, where the exact test is too careful: a count of runs
    cannot hit 5 % exactly.

    Example:
        >>> above, below = mid_p(60, 100, 0.5)
        >>> round(above, 4), round(below, 4)
        (0.023, 0.977)

    Args:
        successes: runs that succeeded, from 0 to `n`.
        n: independent runs, at least 1.
        level: the rate, above 0 and up to 1.

    Returns:
        The two, which add up to 1.

    Raises:
        InvalidInput: the counts cannot be, or the level is no such rate.

    Source:
        H. O. Lancaster (1961), "Significance tests in discrete distributions", JASA 56.
    """
    k, runs = check_counts(successes, n)
    if not 0 < level <= 1:
        raise InvalidInput(f"level must be above 0 and at most 1, but got {level}; 0.5 and 0.9 are usual")
    at_most, more = float(bdtr(k, runs, level)), float(bdtrc(k, runs, level))
    fewer = float(bdtr(k - 1, runs, level)) if k else 0.0
    equal = at_most - fewer
    return Tails(more + equal / 2, fewer + equal / 2)
