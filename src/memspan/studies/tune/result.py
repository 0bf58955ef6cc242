"""A tuning from beginning to end: search, finals, confirmation."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from memspan.cluster import Here, Place
from memspan.core.spec import Spec
from memspan.store import StoredRun
from memspan.studies.kept.blocks import Halt, finish
from memspan.studies.kept.keeper import InMemory, Keeper
from memspan.studies.tune.confirm import Winner, confirmed, finalist
from memspan.studies.tune.front import front
from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.questions import QUESTIONS
from memspan.studies.tune.search import judging, search
from memspan.studies.tune.trial import Runner, Trial

__all__ = ["Tuned", "running", "tune"]


@dataclass(frozen=True, eq=False)
class Tuned:
    """What was found, whole or as far as it goes.

    Attributes:
        plan: what was asked for.
        trials: of the search, in order.
        winners: by question; None where nothing was good enough. A question that is not answered yet is missing.
    """

    plan: Tuning
    trials: tuple[Trial, ...]
    winners: dict[str, Winner | None]

    @property
    def complete(self) -> bool:
        """Whether all questions are answered."""
        return len(self.winners) == len(QUESTIONS)

    @property
    def shown(self) -> bool:
        """Whether every winner's fresh runs show that it reaches the target."""
        return self.complete and all(one is not None and one.shown for one in self.winners.values())

    @property
    def front(self) -> list[Trial]:
        """The trials that no other beats in weights, updates and rate of success."""
        return front(self.trials)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        plan = self.plan
        return {
            "target": plan.target,
            "seeds": {
                "search": [plan.seed, plan.seed + plan.seeds - 1],
                "choosing": [plan.validation.start, plan.validation.stop - 1],
                "confirming": [plan.confirming.start, plan.confirming.stop - 1],
            },
            "winners": [one.to_json() for one in self.winners.values() if one is not None],
            "unanswered": [name for name in QUESTIONS if self.winners.get(name) is None],
            "front": [one.number for one in self.front],
            "trials": [one.to_json() for one in self.trials],
        }


def tune(
    plan: Tuning,
    run: Runner | None = None,
    on_step: Callable[[Tuned], None] | None = None,
    on_final: Callable[[str, Trial], None] | None = None,
    at_once: int | None = None,
) -> Tuned:
    """Find the configuration with the fewest weights, and that with the fewest updates, that reach a rate of success.

    Args:
        plan: what is searched, and how good it must be.
        run: makes the runs of a spec and seeds, in the order of the seeds; `running` gives one that keeps them. None
            keeps them while this lasts.
        on_step: called with what is known after every trial and every winner.
        on_final: called with a question and every configuration that was tried for it after the search.
        at_once: trials of a batch under way at once; as many as there are cores by default. It changes no result.

    Returns:
        What was found. The same plan gives the same, in one go or in several where runs are kept.

    Raises:
        InvalidInput: settings do not go together, or Optuna is not installed.
    """
    plan.check()
    if run is None:
        with running(InMemory()) as made:
            return tune(plan, made, on_step, on_final)
    trials: list[Trial] = []
    winners: dict[str, Winner | None] = {}

    def step() -> None:
        if on_step:
            on_step(Tuned(plan, tuple(trials), dict(winners)))

    # Threads of their own, so that an interrupt is answered at once and not at the end of a block.
    pool = ThreadPoolExecutor(at_once or os.cpu_count() or 1)
    try:
        for trial in search(plan, judging(plan, run), pool):
            trials.append(trial)
            step()
        for question in QUESTIONS:
            try:
                final, count = finalist(question, trials, plan, run, pool, on_final)
            except LookupError:
                winners[question] = None
            else:
                winners[question] = confirmed(question, final, count, plan, run, pool)
            step()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return Tuned(plan, tuple(trials), winners)


@contextmanager
def running(keeper: Keeper, place: Place | None = None) -> Generator[Runner, None, None]:
    """Give what makes those runs that are not kept yet; at the end, or when interrupted, all work stops.

    Args:
        keeper: where runs are kept.
        place: where they are made; this process by default.
    """
    where = place or Here()
    halt = Halt()

    def run(spec: Spec, seeds: Sequence[int]) -> tuple[StoredRun, ...]:
        finish(spec, seeds, keeper, halt=halt, place=where)
        return keeper.runs(spec, seeds)

    try:
        yield run
    finally:
        halt.now()
