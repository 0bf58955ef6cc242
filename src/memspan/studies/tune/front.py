"""The Pareto front: what is not beaten in every respect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from memspan.studies.tune.trial import Trial

__all__ = ["beats", "front", "unbeaten"]

Point = tuple[int | float, ...]
T = TypeVar("T")


def beats(one: Point, other: Point) -> bool:
    """Return whether a point is nowhere worse than another, and better somewhere; less is better.

    Example:
        >>> beats((1, 2), (1, 3)), beats((1, 2), (1, 2)), beats((1, 3), (2, 2))
        (True, False, False)
    """
    return one != other and all(mine <= its for mine, its in zip(one, other, strict=True))


def unbeaten(points: Sequence[Point]) -> list[int]:
    """Return the places of the points that no other beats, in order of the points; of equal ones the first.

    Example:
        >>> unbeaten([(3, 1), (2, 2), (3, 2), (2, 2)])
        [1, 0]
    """
    kept: list[int] = []
    # Sorted, a point can only be beaten by one before it, and if by any then by one that is kept.
    for place in sorted(range(len(points)), key=lambda place: (points[place], place)):
        if not any(points[other] == points[place] or beats(points[other], points[place]) for other in kept):
            kept.append(place)
    return kept


def front(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials that no other beats in weights, updates and rate of success, the smallest first.

    Rates are those that chose, each the better for having been chosen; trials that were given up rest on few runs.

    Args:
        trials: any; those without a result, lost to code of the user's, are left out.
    """
    made = [one for one in trials if one.failed < len(one.runs)]
    return [made[place] for place in unbeaten([(one.weights, one.updates, -one.rate) for one in made])]
