"""A tuning as a store keeps it: what was tried, what was tried again, and the winners with their fresh runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.engine.network import count_weights
from memspan.report.kept import KeptCell, KeptStudy
from memspan.stats import clopper_pearson
from memspan.store import StoredRun
from memspan.studies.outcomes import AbstractOutcomes
from memspan.studies.tune import QUESTIONS, Tuning, tuning_of
from memspan.studies.tune.trial import given_up
from memspan.studies.tune.tuning_file import NUMBERS

__all__ = ["KeptTrial", "KeptTuning", "kept_tuning"]


@dataclass(frozen=True, eq=False)
class KeptTrial(AbstractOutcomes):
    """One configuration with its runs.

    Attributes:
        name: what it was run for, such as "trial 3".
        words: its settings.
        cell: its runs, and what they are runs of.
        target: the share of runs that was asked for.
        given_up: whether few runs showed that its rate lies below the target.
    """

    name: str
    words: str
    cell: KeptCell
    target: float
    given_up: bool

    @property
    def runs(self) -> tuple[StoredRun, ...]:  # pyright: ignore[reportIncompatibleVariableOverride] - read only
        """Its runs, in the order of the seeds."""
        return self.cell.runs

    @cached_property
    def weights(self) -> int:
        """How many numbers a run trains."""
        spec = self.cell.spec
        if spec is None:
            raise InvalidInput(
                f"a tuning must be of this version's parts to be reported on, but spec {self.cell.stored.hash} of "
                f"{self.name} is not; report with the version that made it"
            )
        return count_weights(spec.problem, spec.model)

    @property
    def success(self) -> Estimate:
        """The share of its runs that succeed, with its exact 95 % interval (Clopper and Pearson)."""
        return clopper_pearson(self.solved, len(self.runs))

    @property
    def kind(self) -> str:
        """What became of it: "holds", "falls short" or "given up"."""
        if self.given_up:
            return "given up"
        return "holds" if self.solved >= self.target * len(self.runs) else "falls short"


@dataclass(frozen=True, eq=False)
class KeptTuning:
    """A tuning, as far as it is done.

    Attributes:
        study: all that the store has of it.
        plan: what was asked for.
        trials: of the search, in order.
        finals: by question what was tried with all the seeds that choose, in order.
        winners: by question what won, with its fresh runs; a question without a winner is missing.
    """

    study: KeptStudy
    plan: Tuning
    trials: tuple[KeptTrial, ...]
    finals: Mapping[str, tuple[KeptTrial, ...]]
    winners: Mapping[str, KeptTrial]

    def chosen(self, question: str) -> KeptTrial:
        """Return the winner of a question with the runs that chose it."""
        spec = self.winners[question].cell.stored.hash
        return next(one for one in self.finals[question] if one.cell.stored.hash == spec)

    def shown(self, question: str) -> bool:
        """Return whether the fresh runs of a winner show that it reaches the target."""
        return self.winners[question].success.low >= self.plan.target

    @property
    def variant(self) -> str:
        """What is to be solved."""
        spec = self.trials[0].cell.spec
        return str(spec.problem.variant) if spec else "the problem"

    @cached_property
    def once(self) -> KeptStudy:
        """The same runs, each counted once: those of a trial are the first of its final."""
        longest: dict[tuple[str, int], KeptCell] = {}
        for cell in self.study.cells:
            key = (cell.noted.spec, cell.noted.seed)
            if key not in longest or len(longest[key].runs) < len(cell.runs):
                longest[key] = cell
        cells = tuple(longest.values())
        return replace(self.study, cells=cells, noted=replace(self.study.noted, cells=tuple(c.noted for c in cells)))

    @property
    def fresh(self) -> KeptStudy | None:
        """The winners with their fresh runs, as a study of its own; None where there is none."""
        cells = [
            replace(one.cell, noted=replace(one.cell.noted, recipe=question)) for question, one in self.winners.items()
        ]
        return replace(self.study, cells=tuple(cells), empty=()) if cells else None


def kept_tuning(study: KeptStudy) -> KeptTuning:
    """Return a tuning of what the store has of it; nothing is searched, and Optuna is not needed.

    Args:
        study: the tuning's runs, each configuration a cell.

    Raises:
        InvalidInput: it was asked for in words that this version does not know, or none of its trials has runs.
    """
    noted = study.noted
    asked: dict[str, Any] = {name: noted.asked.get(name) for name in ("lag", *NUMBERS)}
    plan = tuning_of(noted.table, noted.name, **asked)
    found: dict[str, list[KeptTrial]] = {}
    for cell in study.cells:
        name, _, words = cell.noted.recipe.partition(": ")
        n, solved = len(cell.runs), cell.solved
        hopeless = name.startswith("trial ") and n in plan.looks and given_up(solved, n, plan.looks, plan.target)
        final = name.endswith(", final")
        hopeless |= final and n < len(plan.validation)
        found.setdefault(name, []).append(KeptTrial(name, words, cell, plan.target, hopeless))
    trials = [one for name, ones in found.items() if name.startswith("trial ") for one in ones]
    if not trials:
        raise InvalidInput(f"a tuning must have tried something to be reported on, but {noted.hash} has not; go on")
    finals = {question: tuple(found.get(f"{question}, final", ())) for question in QUESTIONS}
    winners = {question: found[f"{question}, fresh"][0] for question in QUESTIONS if f"{question}, fresh" in found}
    return KeptTuning(study, plan, tuple(trials), finals, winners)
