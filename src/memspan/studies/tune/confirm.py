"""Finals and confirmation: who wins is decided with seeds that choose, and how good it is counted with others."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from memspan.core.estimate import Estimate
from memspan.stats import clopper_pearson
from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.questions import QUESTIONS
from memspan.studies.tune.search import spec_at
from memspan.studies.tune.shorten import EPOCHS, lengthened
from memspan.studies.tune.trial import Runner, Trial, tried

__all__ = ["Winner", "confirmed", "finalist"]


@dataclass(frozen=True, eq=False)
class Winner:
    """The configuration that answers a question, and how often it succeeds.

    Attributes:
        question: one of `QUESTIONS`.
        final: its runs that chose it.
        fresh: its runs with seeds that no choice has seen.
        target: the rate that was asked for.
        finalists: how many configurations were tried in the finals.
    """

    question: str
    final: Trial
    fresh: Trial
    target: float
    finalists: int

    @property
    def success(self) -> Estimate:
        """The share of the fresh runs that succeed, with its exact 95 % interval (Clopper and Pearson)."""
        return self.fresh.success

    @property
    def shown(self) -> bool:
        """Whether that interval lies at the target or above."""
        return self.success.low >= self.target

    def to_json(self) -> dict[str, Any]:
        """Return the winner as plain data."""
        return {
            "question": self.question,
            **{name: value for name, value in self.fresh.to_json().items() if name not in ("number", "given_up")},
            "shown": self.shown,
            "seeds": [self.fresh.runs[0].seed, self.fresh.runs[-1].seed],
            "chosen_with": {"runs": len(self.final.runs), "solved": self.final.solved, "finalists": self.finalists},
        }


def finalist(
    question: str,
    trials: Sequence[Trial],
    plan: Tuning,
    run: Runner,
    pool: Executor,
    on_final: Callable[[str, Trial], None] | None = None,
) -> tuple[Trial, int]:
    """Return the best configuration that more of the seeds that choose show to be good enough.

    Of those that held in the search the best is tried first. One that falls short comes again, with more epochs,
    where that puts it; so a configuration that was lucky to hold with few seeds is not given up for it.

    Args:
        question: what is best.
        trials: those of the search.
        plan: the tuning.
        run: makes runs, or finds them.
        pool: where they are made.
        on_final: called with every configuration that was tried.

    Returns:
        The configuration with its runs, and how many were tried.

    Raises:
        LookupError: none is good enough.
    """
    key = QUESTIONS[question]
    looks = _looks(len(plan.validation))
    queue = [(key(one.weights, one.updates), one.number, one.settings) for one in trials if one.holds(plan.target)]
    heapq.heapify(queue)
    seen: set[str] = set()
    while queue and len(seen) < plan.finalists:
        _, number, settings = heapq.heappop(queue)
        spec = spec_at(plan, settings)
        if spec.hash in seen:
            continue
        seen.add(spec.hash)
        runs = pool.submit(tried, spec, plan.validation, looks, plan.target, run).result()
        final = Trial(number, settings, spec, runs, len(runs) < looks[-1])
        if on_final:
            on_final(question, final)
        if not final.given_up and clopper_pearson(final.solved, len(runs), plan.sure).low >= plan.target:
            return final, len(seen)
        longer = lengthened(settings, plan)
        if longer is not None:
            updates = final.updates * longer[EPOCHS] / spec.epochs
            heapq.heappush(queue, (key(final.weights, updates), number, longer))
    raise LookupError(question)


def confirmed(question: str, final: Trial, tried: int, plan: Tuning, run: Runner, pool: Executor) -> Winner:
    """Return the winner, counted with fresh seeds: all of them, once, whatever they say.

    Args:
        question: what it answers.
        final: what was chosen.
        tried: how many were tried for it.
        plan: the tuning.
        run: makes runs, or finds them.
        pool: where they are made.
    """
    runs = pool.submit(run, final.spec, plan.confirming).result()
    fresh = Trial(final.number, final.settings, final.spec, runs, False)
    return Winner(question, final, fresh, plan.target, tried)


def _looks(most: int) -> tuple[int, ...]:
    """Return the numbers of runs at which a finalist may be given up."""
    return (*(n for n in (2**power for power in range(5, 20)) if n < most), most)
