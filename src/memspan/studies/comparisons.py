"""All recipes of a study compared with each other, lag by lag: the primary question alone, the rest corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from memspan.core.estimate import Estimate
from memspan.stats import holm, log_rank, mcnemar, newcombe, newcombe_paired, score_test
from memspan.stats.looks import error_of_looks, level_of_looks
from memspan.studies.outcomes import AbstractOutcomes, Outcomes, time_to_json
from memspan.studies.primary import MEASURES, Primary

__all__ = ["ALPHA", "Compared", "Comparisons", "Evidence", "compare"]

ALPHA = 0.05

Rows = Mapping[str, Mapping[int, AbstractOutcomes]]


@dataclass(frozen=True)
class Evidence:
    """How surprising the runs would be if two recipes did not differ.

    Attributes:
        method: the test.
        p_value: as the test gives it.
        adjusted: for all exploratory tests of the study together (Holm); None for the primary one, which stands alone.
    """

    method: str
    p_value: float
    adjusted: float | None

    @property
    def counts(self) -> float:
        """The p-value to be read: the adjusted one, where there is one."""
        return self.p_value if self.adjusted is None else self.adjusted

    @property
    def differs(self) -> bool:
        """Whether the runs show a difference at 5 %."""
        return self.counts <= ALPHA

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "method": self.method,
            "p_value": self.p_value,
            "adjusted": self.adjusted,
            "role": "primary" if self.adjusted is None else "exploratory",
            "differs": self.differs,
        }


@dataclass(frozen=True)
class Compared:
    """Two recipes at one lag.

    Attributes:
        first: name of the one.
        second: name of the other.
        lag: the lag.
        runs: how many seeds both ran, or the runs of each where they share none.
        solved: how many of these runs of each succeeded.
        difference: the first rate of success minus the second. The intervals of all exploratory differences hold
            together; that of a primary question stands alone.
        success: the test of the two rates.
        medians: updates until solved of each, over all its runs.
        updates: the test of these updates.
    """

    first: str
    second: str
    lag: int
    runs: tuple[int, int]
    solved: tuple[int, int]
    difference: Estimate
    success: Evidence
    medians: tuple[Estimate, Estimate]
    updates: Evidence

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "first": self.first,
            "second": self.second,
            "lag": self.lag,
            "runs": list(self.runs),
            "solved": list(self.solved),
            "difference": self.difference.to_json(),
            "success": self.success.to_json(),
            "medians": [time_to_json(median) for median in self.medians],
            "updates": self.updates.to_json(),
        }


@dataclass(frozen=True)
class Comparisons:
    """All comparisons of a study, as far as it is measured.

    Attributes:
        primary: the question that was declared beforehand; None where there is none.
        pairs: by lag and recipes, in the study's order.
        family: how many exploratory tests were corrected together.
        looks: numbers of runs at which a side could have stopped, which they are corrected for too; empty where the
            runs were fixed before.
    """

    primary: Primary | None
    pairs: tuple[Compared, ...]
    family: int
    looks: tuple[int, ...] = ()

    @property
    def answer(self) -> Compared | None:
        """What the runs say to the primary question; None where there is none or they are not measured."""
        asked = self.primary
        if asked is None:
            return None
        return next(
            (one for one in self.pairs if one.lag == asked.lag and {one.first, one.second} == {*asked.compare}), None
        )

    def to_json(self) -> dict[str, Any]:
        """Return them as plain data."""
        asked = self.primary
        return {
            "primary": asked and {"compare": list(asked.compare), "lag": asked.lag, "on": asked.on},
            "pairs": [one.to_json() for one in self.pairs],
            "family": self.family,
            "correction": f"holm over {self.family} exploratory tests" + _looked(self.looks),
            "looks": list(self.looks),
            "alpha": ALPHA,
        }


def compare(rows: Rows, primary: Primary | None = None, looks: Sequence[int] = ()) -> Comparisons:
    """Compare every recipe with every later one at every lag that both have runs of.

    Success is compared over the seeds that both ran, as pairs: all recipes start from the same seeds, hence from the
    same weights where they have the same ones, so that runs of one seed are not independent. Updates until solved are
    compared by the log-rank test over all runs of both; it takes them for independent, and is careful where the same
    seeds are quick on both sides.

    Where runs were added until something was seen, the runs themselves decided how many seeds both ran. Exploratory
    intervals and p-values are then strict enough to hold at all looks together (Pocock), hence at the one at which
    the shorter side stopped, whatever made it stop; updates are compared over the shared seeds, too. The runs of a
    primary question must be fixed before.

    Example:
        >>> from memspan.store import Environment, StoredRun
        >>> from memspan.studies.outcomes import Outcomes
        >>> here = Environment({}, "cpu", "")
        >>> good = Outcomes(tuple(StoredRun(seed, "finished", True, 500, 100 + seed, here) for seed in range(8)))
        >>> bad = Outcomes(tuple(StoredRun(seed, "finished", False, 500, None, here) for seed in range(8)))
        >>> found = compare({"good": {10: good}, "bad": {10: bad}}, Primary(["good", "bad"], lag=10))
        >>> print(found.answer.difference)
        1.00 [0.54, 1.00] (n = 8, newcombe paired 95 %)
        >>> round(found.answer.success.p_value, 3), found.answer.success.differs, found.family
        (0.004, True, 1)

    Args:
        rows: by recipe and lag, the runs.
        primary: the question that was declared beforehand. It is tested alone at 5 %; all other tests are exploratory.
        looks: numbers of runs at which a side could have stopped, ascending; empty where the runs were fixed before.

    Returns:
        The comparisons; their p-values are of two sides.
    """
    lags = sorted({lag for row in rows.values() for lag in row})
    sides = [
        (*_ordered(first, second, lag, primary), lag)
        for lag in lags
        for first, second in combinations([name for name in rows if lag in rows[name]], 2)
    ]
    asked = {(one, measure) for one in sides for measure in MEASURES if _is_primary(*one, measure, primary)}
    others = _Others(sum((one, "success") not in asked for one in sides), tuple(looks))
    pairs = [_pair(rows[one][lag], rows[other][lag], others) for one, other, lag in sides]
    tests = {
        (one, measure): p_value
        for one, (_, found) in zip(sides, pairs, strict=True)
        for measure, (_, p_value) in found.items()
    }
    family = [key for key in tests if key not in asked]
    looked = [others.p_value(tests[key]) for key in family]
    adjusted = dict(zip(family, holm(looked).tolist(), strict=True)) if family else {}
    made: list[Compared] = []
    for one, (counted, found) in zip(sides, pairs, strict=True):
        told = {name: Evidence(*found[name], adjusted.get((one, name))) for name in MEASURES}
        difference = counted.alone if (one, "success") in asked else counted.together
        medians = (rows[one[0]][one[2]].updates_until_solved, rows[one[1]][one[2]].updates_until_solved)
        made.append(Compared(*one, counted.runs, counted.solved, difference, told["success"], medians, told["updates"]))
    return Comparisons(primary, tuple(made), len(family), tuple(looks))


@dataclass(frozen=True)
class _Others:
    """What the exploratory comparisons are corrected for.

    Attributes:
        intervals: how many of them are to hold together.
        looks: numbers of runs at which a side could have stopped.
    """

    intervals: int
    looks: tuple[int, ...]

    @property
    def confidence(self) -> float:
        """The confidence of each interval."""
        error = ALPHA / max(self.intervals, 1)
        return 1 - (2 * level_of_looks(self.looks, 0.5, error / 2, "above") if self.looks else error)

    @property
    def words(self) -> str:
        """What a method's name adds."""
        return (f", bonferroni over {self.intervals}" if self.intervals > 1 else "") + _looked(self.looks)

    def p_value(self, alone: float) -> float:
        """Return how often a p-value as small as this comes at one look or more, if nothing differs.

        Seeds that tell two sides apart are then tosses of a coin, whatever the rates.
        """
        if not self.looks:
            return alone
        return min(1.0, max(alone, 2 * error_of_looks(self.looks, 0.5, alone / 2, "above")))


@dataclass(frozen=True)
class _Counted:
    """Success on two sides: the difference with an interval that stands alone, and one that holds with others."""

    runs: tuple[int, int]
    solved: tuple[int, int]
    alone: Estimate
    together: Estimate


def _ordered(first: str, second: str, lag: int, primary: Primary | None) -> tuple[str, str]:
    """Return the two names as the primary question has them, if it is about them."""
    asked = primary is not None and primary.lag == lag and tuple(primary.compare) == (second, first)
    return (second, first) if asked else (first, second)


def _is_primary(first: str, second: str, lag: int, measure: str, primary: Primary | None) -> bool:
    return primary is not None and (first, second, lag, measure) == (*primary.compare, primary.lag, primary.on)


def _pair(
    first: AbstractOutcomes, second: AbstractOutcomes, others: _Others
) -> tuple[_Counted, dict[str, tuple[str, float]]]:
    """Return the counts of two sides, and by measure the test and its p-value."""
    by_seed = [{run.seed: run.solved for run in side.runs} for side in (first, second)]
    shared = sorted(by_seed[0].keys() & by_seed[1].keys())
    levels = (1 - ALPHA, others.confidence)
    if shared:
        one, other = ([solved[seed] for seed in shared] for solved in by_seed)
        counts = [sum(pair == outcome for pair in zip(one, other, strict=True)) for outcome in OUTCOMES]
        differences = [newcombe_paired(*counts, confidence=confidence) for confidence in levels]
        runs, solved = (len(shared), len(shared)), (sum(one), sum(other))
        success = ("mcnemar mid-p", mcnemar(counts[1], counts[2]))
    else:
        runs, solved = (len(first.runs), len(second.runs)), (first.solved, second.solved)
        differences = [newcombe(solved[0], runs[0], solved[1], runs[1], confidence) for confidence in levels]
        tested = score_test(solved, runs)
        success = (tested.method, tested.p_value)
    alone, all_hold = differences
    if others.words:
        all_hold = replace(all_hold, method=alone.method + others.words)
    if others.looks and shared:
        first, second = _of(first, shared), _of(second, shared)
    times = log_rank(first.times, second.times)
    tests = {"success": success, "updates": (times.method, times.p_value)}
    return _Counted(runs, solved, alone, all_hold), tests


def _of(side: AbstractOutcomes, seeds: Sequence[int]) -> Outcomes:
    """Return the runs of these seeds."""
    wanted = set(seeds)
    return Outcomes(tuple(run for run in side.runs if run.seed in wanted))


def _looked(looks: Sequence[int]) -> str:
    return f", {len(looks)} looks" if looks else ""


OUTCOMES = ((True, True), (True, False), (False, True), (False, False))
