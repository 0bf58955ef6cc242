"""The memory span: the longest tested lag up to which enough of the runs succeed, with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.stats.counts import critical_value, method_name
from memspan.stats.fixed_width import level_of_width
from memspan.stats.looks import level_of_looks
from memspan.stats.mid_p import Tails, mid_p

__all__ = ["MemorySpan", "memory_span"]

# Share of the error that all lags together may spend on ending the span before lags that look better again.
DIPS = 1 / 50


@dataclass(frozen=True)
class MemorySpan:
    """The longest tested lag up to which the rate of success is at least a level, with its interval.

    Example:
        >>> print(MemorySpan(level=0.5, point=30, low=None, high=100, tested=(3, 30, 100), confidence=0.95))
        30 [< 3, >= 100]

    Attributes:
        level: the least rate of success.
        point: the span; None where it is below the shortest tested lag.
        low: its lower end; None where that is below the shortest tested lag.
        high: its upper end; the same.
        tested: the lags, ascending. A span that is the last of them may in truth be longer.
        confidence: of the interval.
        looks: numbers of runs at which the study could have stopped; empty where they were fixed before.
    """

    level: float
    point: int | None
    low: int | None
    high: int | None
    tested: tuple[int, ...]
    confidence: float
    looks: tuple[int, ...] = ()

    @property
    def is_longest_tested(self) -> bool:
        """Whether the span is the longest tested lag, so that it may be longer."""
        return self.point == self.tested[-1]

    @property
    def below(self) -> int | None:
        """The shortest tested lag beyond the interval, None if there is none.

        Where the rate never rises with the lag, the longest of all lags, tested or not, at which it is at
        least the level lies from `low` to less than this.
        """
        beyond = [lag for lag in self.tested if self.high is None or lag > self.high]
        return beyond[0] if beyond else None

    @property
    def method(self) -> str:
        """How the interval was made."""
        looked = f", {len(self.looks)} looks" if self.looks else ""
        return method_name("fixed-sequence mid-p", self.confidence) + looked

    def __str__(self) -> str:
        return f"{self._name(self.point)} [{self._name(self.low)}, {self._name(self.high)}]"

    def _name(self, lag: int | None) -> str:
        if lag is None:
            return f"< {self.tested[0]}"
        return f">= {lag}" if lag == self.tested[-1] else str(lag)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data; null is "below the shortest tested lag", in `below` "no such lag"."""
        return {
            "level": self.level,
            "point": self.point,
            "low": self.low,
            "high": self.high,
            "below": self.below,
            "shortest_tested": self.tested[0],
            "longest_tested": self.tested[-1],
            "is_longest_tested": self.is_longest_tested,
            "method": self.method,
        }


def memory_span(
    lags: Sequence[int],
    solved: Sequence[int],
    runs: Sequence[int],
    level: float,
    confidence: float = 0.95,
    looks: Sequence[int] = (),
    width: float | None = None,
) -> MemorySpan:
    """Return the largest tested lag such that there, and at every shorter one, the rate is at least the level.

    The lower end is reached from the shortest lag on, going on while the runs show that the rate is at least
    the level; the upper end from the longest lag down, while they show that it is less. Each step is one test
    at 1 - confidence (mid-p), and no correction for the number of lags is needed:

    The lower end is too long only if the first lag beyond the span was wrongly found to be at least the level,
    the upper end too short only if the span's own lag was wrongly found to be less: one test each, whatever
    the number of lags, and whether the rates fall steadily or not. And both errors together stay at the error
    of one test: the first also needs the span's own lag to be found at least the level, which is likely only
    where its rate is so high that the second error is not.

    A lag that fails beyond doubt ends the span even if longer ones do well: an exact test, all lags together
    at a fiftieth of the error, which adds that much at most.

    Measured at 95 %: where the rate at the span's lag is the level, or that of the next lag just less, 93 to
    97 % of the intervals contain the span (level 0.5: from 20 runs a lag; level 0.9: from 100; with fewer, down
    to 90 %, for counts are coarse). Where no rate lies near the level nearly all do: a span among few lags is
    then simply known. Runs of the same seeds at different lags do no harm up to a correlation of 0.8.

    Lags chosen in the light of the runs themselves (bracketing) are not covered by this: for rates that fall
    with the lag as a logistic curve 97 % and more still contain the span, but where they stay at the level
    over many lags only 86 to 92 %. Then run fresh seeds at the lags chosen.

    Example:
        >>> print(memory_span([3, 10, 30], [20, 15, 2], [20, 20, 20], level=0.5))
        10 [10, 10]
        >>> print(memory_span([3, 10], [5, 5], [5, 5], level=0.9))
        >= 10 [< 3, >= 10]

    Args:
        lags: tested, ascending, fixed beforehand.
        solved: runs that succeeded at each.
        runs: runs at each, independent of each other.
        level: the least rate, above 0 and up to 1.
        confidence: share of intervals that are to contain the truth, between 0 and 1.
        looks: if runs were added in blocks until something was seen: all numbers of runs, planned beforehand,
            at which a lag could have stopped. The tests are then strict enough for any way to stop.
        width: if each lag stopped at the first look at which Wilson's 95 % interval was no wider than this, or at the
            last: the tests need to be strict enough for that way only (`memspan.stats.fixed_width`).

    Returns:
        The span with its interval, which contains it.

    Raises:
        InvalidInput: the lags do not ascend, the three are not as long as each other, the level is no such
            rate, the counts cannot be, or a number of runs is not one of the looks.

    Source:
        J. C. Hsu and R. L. Berger (1999), "Stepwise confidence intervals without multiplicity adjustment for
        dose-response and toxicity studies", JASA 94, for the lower end; the upper end mirrors it.
    """
    _check(lags, solved, runs, confidence, looks)
    error = 1 - confidence
    strict = Tails(error, error)
    if looks and level < 1:
        strict = _strict(tuple(looks), level, error, width)
    tails = [mid_p(k, n, level) for k, n in zip(solved, runs, strict=True)]
    # Twice a mid-p-value is no less than the exact one.
    beyond_doubt = DIPS * error / len(lags) / max(len(looks), 1) / 2
    return MemorySpan(
        level,
        _last(lags, [k / n >= level for k, n in zip(solved, runs, strict=True)]),
        _last(lags, [tail.above <= strict.above for tail in tails]),
        _until(lags, [tail.below <= strict.below for tail in tails], [tail.below <= beyond_doubt for tail in tails]),
        tuple(lags),
        confidence,
        tuple(looks),
    )


def _strict(looks: tuple[int, ...], level: float, error: float, width: float | None) -> Tails:
    """Return the mid-p-values that convince, above and below, where the number of runs was not fixed."""
    if width is None:
        return Tails(*(level_of_looks(looks, level, error, side) for side in ("above", "below")))
    return Tails(*(level_of_width(looks, width, level, error, side) for side in ("above", "below")))


def _last(lags: Sequence[int], holds: Iterable[bool]) -> int | None:
    """Return the last lag of those, from the shortest on, at which something holds."""
    reached = [lag for lag, _ in takewhile(lambda pair: pair[1], zip(lags, holds, strict=True))]
    return reached[-1] if reached else None


def _until(lags: Sequence[int], failed: Sequence[bool], doubtless: Sequence[bool]) -> int | None:
    """Return the longest lag before any that failed without doubt, those that just failed taken off from the end."""
    before = list(takewhile(lambda each: not each[2], zip(lags, failed, doubtless, strict=True)))
    left = [lag for lag, fails, _ in before if not fails]
    return left[-1] if left else None


def _check(
    lags: Sequence[int], solved: Sequence[int], runs: Sequence[int], confidence: float, looks: Sequence[int]
) -> None:
    critical_value(confidence)
    if not len(lags) == len(solved) == len(runs) or not lags:
        raise InvalidInput(
            "lags, solved and runs must be lists of one value per lag, at least one, but got "
            f"{len(lags)}, {len(solved)} and {len(runs)} values; give all three for the same lags"
        )
    if any(one >= other for one, other in pairwise(lags)):
        raise InvalidInput(f"lags must ascend, but got {list(lags)}; sort them, each once, with their counts")
    if looks and (odd := [n for n in runs if n not in looks]):
        raise InvalidInput(f"runs must each be one of the looks {tuple(looks)}, but got {odd[0]}; name every look")
