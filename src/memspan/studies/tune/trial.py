"""A trial: one configuration, run until it is hopeless or has had all its runs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.estimate import Estimate
from memspan.core.spec import Spec
from memspan.engine.network import count_weights
from memspan.stats import clopper_pearson
from memspan.stats.looks import level_of_looks
from memspan.stats.mid_p import mid_p
from memspan.store import StoredRun
from memspan.studies.outcomes import AbstractOutcomes

__all__ = ["ERROR", "Runner", "Trial", "given_up", "tried"]

ERROR = 0.05  # share of configurations exactly at the target that are given up

Runner = Callable[[Spec, Sequence[int]], tuple[StoredRun, ...]]


@dataclass(frozen=True, eq=False)
class Trial(AbstractOutcomes):
    """One configuration and what became of it.

    Attributes:
        number: in the order of the search, from 0.
        settings: what was searched, by name.
        spec: what was trained.
        runs: what came out, in the order of the seeds.
        given_up: whether the runs show that its rate lies below the target; it then has fewer than others.
        shortened: the trial whose runs suggested it, where the sampler did not ask for it.
    """

    number: int
    settings: Mapping[str, Any]
    spec: Spec
    runs: tuple[StoredRun, ...]
    given_up: bool
    shortened: int | None = None

    @functools.cached_property
    def weights(self) -> int:
        """How many numbers a run trains."""
        return count_weights(self.spec.problem, self.spec.model)

    @property
    def rate(self) -> float:
        """The share of its runs that succeed."""
        return self.solved / len(self.runs)

    @property
    def success(self) -> Estimate:
        """That share with its exact 95 % interval (Clopper and Pearson)."""
        return clopper_pearson(self.solved, len(self.runs))

    def holds(self, target: float) -> bool:
        """Return whether it had all its runs, and as many succeeded as the target asks."""
        return not self.given_up and self.rate >= target

    def to_json(self) -> dict[str, Any]:
        """Return the trial as plain data."""
        return {
            "number": self.number,
            "settings": {name: value for name, value in self.settings.items()},
            "weights": self.weights,
            "updates": self.updates,
            "runs": len(self.runs),
            "solved": self.solved,
            "success": self.success.to_json(),
            "failed": self.failed,
            "reasons": list(self.reasons),
            "given_up": self.given_up,
            "shortened": self.shortened,
            "spec": self.spec.hash,
        }


def tried(spec: Spec, seeds: range, looks: Sequence[int], target: float, run: Runner) -> tuple[StoredRun, ...]:
    """Run a configuration up to the first look that shows it hopeless, or to the last.

    Args:
        spec: what is trained.
        seeds: from which seeds; the first `looks[-1]` of them at most.
        looks: numbers of runs, ascending.
        target: the rate that is asked for.
        run: makes the runs of a spec and seeds, or finds them where they are kept.

    Returns:
        The runs that were looked at.
    """
    runs: tuple[StoredRun, ...] = ()
    for n in looks:
        runs = run(spec, seeds[:n])
        if given_up(sum(one.solved for one in runs), n, looks, target):
            break
    return runs


def given_up(solved: int, n: int, looks: Sequence[int], target: float) -> bool:
    """Return whether so few successes at a look show that the rate lies below the target.

    A configuration whose rate is the target, or above, is given up in at most 5 % of all searches, over all looks
    together (`memspan.stats.looks`).

    Example:
        >>> [given_up(solved, 8, (8, 16, 32, 64, 100), 0.99) for solved in (6, 7)]
        [True, False]

    Args:
        solved: runs that succeeded.
        n: runs, one of the looks.
        looks: numbers of runs, ascending.
        target: the rate that is asked for.
    """
    return mid_p(solved, n, target).below <= level_of_looks(tuple(looks), target, ERROR, "below")
