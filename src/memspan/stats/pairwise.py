"""All pairs compared at once: differences of rates whose intervals hold together, and adjusted p-values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, SupportsIndex

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.stats.counts import critical_value, method_name
from memspan.stats.holm import holm
from memspan.stats.newcombe import newcombe
from memspan.stats.score_test import score_test

__all__ = ["Comparison", "pairwise"]


@dataclass(frozen=True)
class Comparison:
    """One side against another, as one of several comparisons.

    Attributes:
        first: name of the one.
        second: name of the other.
        difference: the first rate minus the second; the intervals of all comparisons hold together.
        p_value: of no difference, adjusted for the number of comparisons.
    """

    first: str
    second: str
    difference: Estimate
    p_value: float

    def __str__(self) -> str:
        p = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"
        return f"{self.first} - {self.second}: {self.difference}, {p}"

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "first": self.first,
            "second": self.second,
            "difference": self.difference.to_json(),
            "p_value": self.p_value,
            "p_value_method": "score test, holm",
        }


def pairwise(sides: Mapping[str, tuple[SupportsIndex, SupportsIndex]], confidence: float = 0.95) -> list[Comparison]:
    """Return every side compared with every later one, corrected for the number of comparisons.

    Each interval is Newcombe's at 1 - (1 - confidence) / comparisons, so that all hold together in a share of
    studies of at least about `confidence` (Bonferroni). The p-values are the score test's with Holm's
    correction, which may find a difference where the interval just includes 0.

    Example:
        >>> for one in pairwise({"lstm": (90, 100), "gru": (84, 100), "elman": (41, 100)}):
        ...     print(one)
        lstm - gru: 0.06 [-0.06, 0.18] (n = 200, newcombe 95 %, bonferroni over 3), p = 0.207
        lstm - elman: 0.49 [0.34, 0.61] (n = 200, newcombe 95 %, bonferroni over 3), p < 0.001
        gru - elman: 0.43 [0.27, 0.56] (n = 200, newcombe 95 %, bonferroni over 3), p < 0.001

    Args:
        sides: by name, runs that succeeded and runs; two sides or more, independent of each other.
        confidence: share of studies in which all intervals are to contain their truths, between 0 and 1.

    Returns:
        The comparisons, in the order of the sides.

    Raises:
        InvalidInput: there are fewer than two sides, counts that cannot be, or the confidence is out of range.
    """
    critical_value(confidence)
    pairs = list(combinations(sides, 2))
    if not pairs:
        raise InvalidInput(f"sides must be two or more, but got {len(sides)}; a comparison needs another side")
    each = 1 - (1 - confidence) / len(pairs)
    method = method_name("newcombe", confidence) + (f", bonferroni over {len(pairs)}" if len(pairs) > 1 else "")
    differences = [replace(newcombe(*sides[one], *sides[other], each), method=method) for one, other in pairs]
    tests = [score_test(*zip(sides[one], sides[other], strict=True)) for one, other in pairs]
    adjusted = holm([test.p_value for test in tests]).tolist()
    facts = zip(pairs, differences, adjusted, strict=True)
    return [Comparison(one, other, difference, p_value) for (one, other), difference, p_value in facts]
