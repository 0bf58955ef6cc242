"""What runs of one spec show together: how many solve it, and after how many updates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from memspan.core.estimate import Estimate
from memspan.stats import SurvivalCurve, kaplan_meier, median_time, wilson
from memspan.store import Environment, StoredRun

__all__ = ["AbstractOutcomes", "Outcomes", "time_to_json"]


def time_to_json(estimate: Estimate) -> dict[str, float | int | str | None]:
    """Return a time as plain data; null is "not reached within the budget", for JSON has no infinity.

    Example:
        >>> time_to_json(Estimate(120.0, 90.0, np.inf, 20, "brookmeyer-crowley 95 %"))["high"] is None
        True
    """
    told = estimate.to_json()
    return {key: None if isinstance(value, float) and np.isinf(value) else value for key, value in told.items()}


class AbstractOutcomes:
    """Counts, rates and times of runs; whoever has one run or more, as `runs`, has these.

    Attributes:
        runs: records of the store, in the order of their seeds.
    """

    runs: tuple[StoredRun, ...]

    @property
    def solved(self) -> int:
        """Runs that hold the problem's criterion at the end of the budget."""
        return sum(run.solved for run in self.runs)

    @property
    def success(self) -> Estimate:
        """Their share, with a 95 % Wilson interval."""
        return wilson(self.solved, len(self.runs))

    @property
    def ever_solved(self) -> Estimate:
        """The share of runs that held the criterion after some evaluation, whether or not they lost it again."""
        return wilson(sum(run.updates_until_solved is not None for run in self.runs), len(self.runs))

    @property
    def diverged(self) -> int:
        """Runs whose loss stopped being finite; they count as failures."""
        return sum(run.status == "diverged" for run in self.runs)

    @property
    def failed(self) -> int:
        """Runs without a result, lost to the model's own code or with what ran them; they count as failures."""
        return sum(run.status == "failed" for run in self.runs)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why runs were lost, each reason once, in the order of the seeds."""
        return tuple(dict.fromkeys(run.reason for run in self.runs if run.status == "failed"))

    @property
    def updates(self) -> int:
        """Weight updates of the run that made the most of them: the budget."""
        return max(run.updates for run in self.runs)

    @property
    def updates_until_solved(self) -> Estimate:
        """Median updates until first solved, over all runs; those that never solved it count as censored."""
        return median_time(*self.times)

    @property
    def survival(self) -> SurvivalCurve:
        """The share of runs that have not solved it yet, over updates, with its pointwise 95 % interval."""
        return kaplan_meier(*self.times)

    @property
    def times(self) -> tuple[Float[np.ndarray, " run"], Bool[np.ndarray, " run"]]:
        """For each run the updates until it first solved it, or until it was given up, and whether it solved it."""
        solved = np.array([run.updates_until_solved is not None for run in self.runs])
        ends = [run.updates if run.updates_until_solved is None else run.updates_until_solved for run in self.runs]
        return np.array(ends, float), solved

    @property
    def seconds(self) -> float:
        """On the wall, for all runs together, compilation included; over all the times that they were resumed."""
        return sum(run.seconds for run in self.runs)

    @property
    def environments(self) -> tuple[Environment, ...]:
        """Where the runs were computed; more than one where a study was resumed elsewhere."""
        return tuple({run.environment.hash: run.environment for run in self.runs}.values())


@dataclass(frozen=True, eq=False)
class Outcomes(AbstractOutcomes):
    """Runs and what they show.

    Example:
        >>> here = Environment({}, "cpu", "")
        >>> runs = tuple(StoredRun(seed, "finished", seed > 0, 500, 120 if seed else None, here) for seed in range(4))
        >>> shown = Outcomes(runs)
        >>> shown.solved, shown.updates_until_solved.point
        (3, 120.0)

    Attributes:
        runs: one or more.
    """

    runs: tuple[StoredRun, ...]
