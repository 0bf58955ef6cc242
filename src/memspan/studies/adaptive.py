"""An adaptive study: how lags are looked for, and when a lag has had runs enough."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

from memspan.core.errors import InvalidInput, check_range, nearest
from memspan.stats.fixed_width import check_width, is_narrow
from memspan.stats.mid_p import mid_p

__all__ = ["Adaptive", "adaptive_of", "bracketing", "most_tried"]

FAILED = 0.1  # mid-p-value at which a pilot's runs end the doubling
SEEN = 0.01  # mid-p-value below which a first look must be able to fall, so that a level can be shown at all


@dataclass(frozen=True)
class Adaptive:
    """The lags are looked for with a pilot, and measured with fresh seeds until the rates are known well enough.

    A pilot of a few runs doubles the lag until its runs show that the rate lies below the level, and then bisects
    between the longest lag that held and the next one. All lags that it visited are then measured with seeds that it
    has not seen, so that what is measured did not choose where. Each lag gets blocks of runs until its interval is
    narrow enough, or the most runs are spent.

    Example:
        >>> Adaptive(level=0.9, width=0.1).looks(100)
        (38, 54, 70, 86, 100)

    Attributes:
        level: the rate of success that is looked for.
        width: of Wilson's 95 % interval of a rate, from end to end: at this a lag has had runs enough.
        pilot: runs of the pilot at each lag.
        block: runs that are added before one looks again.
    """

    level: float = 0.5
    width: float = 0.2
    pilot: int = 10
    block: int = 16

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise InvalidInput(f"level must be a share above 0 and below 1, but got {self.level}; 0.5 is usual")
        check_width(self.width)
        check_range("pilot", self.pilot, 1, 1_000_000)
        check_range("block", self.block, 1, 1_000_000)

    @property
    def least(self) -> int:
        """The fewest runs with which either side of the level can be shown; one looks not before."""
        return math.ceil(math.log(2 * SEEN) / math.log(max(self.level, 1 - self.level)))

    def looks(self, most: int) -> tuple[int, ...]:
        """Return the numbers of runs at which a lag may have had enough.

        Args:
            most: runs that it may have.

        Raises:
            InvalidInput: they are too few to show anything.
        """
        if most < self.least:
            raise InvalidInput(
                f"seeds must be {self.least:,} or more, for fewer runs cannot show on which side of the level "
                f"{self.level:g} a rate lies, but got {most:,}; give each lag up to {10 * self.least:,}"
            )
        return (*range(max(self.block, self.least), most, self.block), most)

    def next_look(self, solved: int, runs: int, most: int) -> int | None:
        """Return how many runs a lag should have, or None where it has had enough.

        Args:
            solved: of its runs so far.
            runs: so far, 0 or one of the looks.
            most: runs that it may have.
        """
        if runs >= most or (runs and is_narrow(solved, runs, self.width)):
            return None
        return next(look for look in self.looks(most) if look > runs)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def adaptive_of(table: Mapping[str, Any], where: str) -> Adaptive:
    """Return what stands below [adaptive].

    Example:
        >>> adaptive_of({"level": 0.9}, "mine.toml").width
        0.2
        >>> adaptive_of({"levle": 0.9}, "mine.toml")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: keys of adaptive of mine.toml must be among level, width, pilot, block, but
        got 'levle'; did you mean 'level'?

    Args:
        table: its settings.
        where: the file's name.

    Raises:
        InvalidInput: one is unknown or not what it should be.
    """
    known = [field.name for field in fields(Adaptive)]
    for key in table:
        if key not in known:
            guess = nearest(key, known)
            advice = f"did you mean '{guess}'?" if guess else "leave it out"
            raise InvalidInput(
                f"keys of adaptive of {where} must be among {', '.join(known)}, but got '{key}'; {advice}"
            )
    given = dict(table)
    for key in ("level", "width"):
        value = table.get(key, 0.5)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput(f"{key} of adaptive of {where} must be a share, but got {value!r}; 0.5 is one")
        given |= {key: float(value)} if key in table else {}
    for key in ("pilot", "block"):
        check_range(f"{key} of adaptive of {where}", table.get(key, 1), 1)
    return Adaptive(**given)


def bracketing(grid: Sequence[int], level: float, pilot: int) -> Generator[int, int, tuple[int, ...]]:
    """Look for the lag at which the rate falls below a level: yields lags, is sent how many of the runs solved each.

    Example:
        >>> search = bracketing([3, 4, 6, 8, 12, 16, 24], level=0.5, pilot=10)
        >>> next(search), search.send(10), search.send(9), search.send(1)
        (3, 6, 12, 8)

    Args:
        grid: the lags that there are, ascending. Doubling goes to the first that is twice as long, or to the last.
        level: the rate.
        pilot: runs at each lag.

    Yields:
        The next lag to try.

    Returns:
        The lags that were tried, ascending.
    """
    solved: dict[int, int] = {}
    place, last = 0, len(grid) - 1
    while True:
        solved[place] = yield grid[place]
        if place == last or mid_p(solved[place], pilot, level).below <= FAILED:
            break
        place = _doubled(grid, place)
    held = [place for place in solved if solved[place] >= level * pilot]
    low = max(held, default=last)
    high = min((place for place in solved if place > low), default=low)
    while high - low > 1:
        middle = (low + high) // 2
        solved[middle] = yield grid[middle]
        low, high = (middle, high) if solved[middle] >= level * pilot else (low, middle)
    return tuple(grid[place] for place in sorted(solved))


def most_tried(grid: Sequence[int]) -> tuple[tuple[int, ...], int]:
    """Return the lags that doubling comes to, and how many others a bisection tries at most.

    Example:
        >>> most_tried([3, 4, 6, 8, 12, 16, 24])
        ((3, 6, 12, 24), 1)
    """
    places = [0]
    while places[-1] < len(grid) - 1:
        places.append(_doubled(grid, places[-1]))
    widest = max((after - before for before, after in pairwise(places)), default=1)
    return tuple(grid[place] for place in places), (widest - 1).bit_length()


def _doubled(grid: Sequence[int], place: int) -> int:
    """Return the place of the first lag that is twice as long, or of the last."""
    return next((far for far in range(place + 1, len(grid)) if grid[far] >= 2 * grid[place]), len(grid) - 1)
