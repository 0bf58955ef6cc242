"""What a tuning came to, written down in its store as it goes, so that others can look at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memspan.studies.kept import InFile, InMemory
    from memspan.studies.tune import Trial, Tuned, Tuning

__all__ = ["Noting"]


class Noting:
    """Writes down every configuration that a tuning tried. Nothing reads it but `memspan list` and `show`.

    Args:
        keeper: where runs are kept; nothing is written where that is memory.
        study: the hash that the tuning is known by.
        plan: the tuning.
    """

    def __init__(self, keeper: InFile | InMemory, study: str, plan: Tuning) -> None:
        from memspan.studies.kept import InFile

        self._keeper = keeper if isinstance(keeper, InFile) else None
        self._study, self._plan = study, plan
        self._trials, self._number, self._told = 0, 0, set[str]()

    def before(self, tell: Callable[[Tuned], None]) -> Callable[[Tuned], None]:
        """Return what writes down what is new, and then tells it."""

        def step(found: Tuned) -> None:
            for trial in found.trials[self._trials :]:
                self._note(trial, f"trial {trial.number}")
            self._trials = len(found.trials)
            for question, winner in found.winners.items():
                if winner is not None and question not in self._told:
                    self._told.add(question)
                    self._note(winner.fresh, f"{question}, fresh")
            tell(found)

        return step

    def before_final(self, tell: Callable[[str, Trial], None]) -> Callable[[str, Trial], None]:
        """Return what writes down a finalist, and then tells it."""

        def final(question: str, trial: Trial) -> None:
            self._note(trial, f"{question}, final")
            tell(question, trial)

        return final

    def end(self) -> None:
        """Write down that the tuning has ended."""
        from memspan.studies.noted import end_of

        if self._keeper is not None:
            self._keeper.note(end_of(self._study))

    def _note(self, trial: Trial, what: str) -> None:
        from memspan.studies.noted import NotedCell, found_by
        from memspan.studies.tune.in_words import settings_in_words

        if self._keeper is None:
            return
        name, lag = f"{what}: {settings_in_words(trial.settings)}", getattr(trial.spec.problem, "lag", 0)
        cell = NotedCell(name, lag, trial.spec.hash, trial.runs[0].seed, len(trial.runs))
        self._keeper.note(found_by(self._study, self._number, cell))
        self._number += 1
