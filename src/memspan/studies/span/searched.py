"""An adaptive study, run: the pilot's lags first, then fresh seeds at each until its rate is known well enough."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass

from memspan.cluster import Here, Place
from memspan.core.errors import InvalidInput
from memspan.engine.train import Progress
from memspan.studies.adaptive import Adaptive, bracketing, most_tried
from memspan.studies.kept import InMemory, Keeper
from memspan.studies.span.measure import MeasuredCell, measured_cells
from memspan.studies.span.plan import Cell, Study
from memspan.studies.span.recipe import Recipe

__all__ = ["Step", "at_most", "searched"]

OnProgress = Callable[[Cell, Progress], None]


@dataclass(frozen=True, eq=False)
class Step:
    """Some runs more of one recipe at one lag.

    Attributes:
        measured: all of its runs so far: the pilot's, or the fresh ones.
        pilot: whether they are the pilot's.
        enough: whether this lag has had all of its runs.
    """

    measured: MeasuredCell
    pilot: bool
    enough: bool


def searched(
    study: Study, on_progress: OnProgress | None = None, keeper: Keeper | None = None, place: Place | None = None
) -> Generator[Step, None, None]:
    """Yield the steps of an adaptive study as they are done. They depend on the study and on what runs say only.

    The pilot's seeds are the first `adaptive.pilot` from `study.seed` on; the fresh ones follow, and are at most
    `study.seeds` at each lag. A recipe that the primary question is about has all of these at its lag, whatever they
    say. All that can be run next is asked for at once: of a pilot one lag, then a block at each lag that has not
    enough. A place that does one thing after the other takes one recipe after the other.

    Args:
        study: one that is adaptive.
        on_progress: called after every block of epochs with what is being run, and what is done of it.
        keeper: where runs are kept; those that are there are not run again. None keeps them while this lasts.
        place: where they are run; this process by default.

    Yields:
        A step after every lag of the pilot, and after every block of fresh runs.

    Raises:
        InvalidInput: a rule does not go with a model.
        StoreError: runs could not be kept; those before them are.
        ClusterError: the place is no more.
    """
    kept: Keeper = keeper or InMemory()
    where = place or Here()
    courses = [_Course(study, recipe) for recipe in study.listed]
    for together in [courses] if where.jobs > 1 else [[course] for course in courses]:
        while wanted := [(course, lag, cell) for course in together for lag, cell in course.wanted().items()]:
            with closing(measured_cells([cell for _, _, cell in wanted], on_progress, kept, where)) as cells:
                for (course, lag, _), measured in zip(wanted, cells, strict=True):
                    yield course.took(lag, measured)


def at_most(study: Study, recipe: Recipe) -> int:
    """Return how many runs a recipe of an adaptive study takes at most, the pilot's included.

    Args:
        study: one that is adaptive.
        recipe: one of its recipes.
    """
    doubled, others = most_tried(study.lags_of(recipe))
    asked = sum(study.seeds for lag in study.asks_about(recipe) if lag not in doubled)
    return (len(doubled) + others) * (_of(study).pilot + study.seeds) + asked


class _Course:
    """How far one recipe is: what it wants next, and what it makes of it."""

    def __init__(self, study: Study, recipe: Recipe) -> None:
        self._study, self._recipe, self._adaptive = study, recipe, _of(study)
        self._search = bracketing(study.lags_of(recipe), self._adaptive.level, self._adaptive.pilot)
        self._pilot: int | None = next(self._search)
        self._next: dict[int, int | None] = {}

    def wanted(self) -> dict[int, Cell]:
        """Return what is to be run next, by lag; nothing where all is done."""
        first = self._study.seed
        if self._pilot is not None:
            return {self._pilot: self._cell(self._pilot, range(first, first + self._adaptive.pilot))}
        first += self._adaptive.pilot
        return {lag: self._cell(lag, range(first, first + runs)) for lag, runs in self._next.items() if runs}

    def took(self, lag: int, measured: MeasuredCell) -> Step:
        """Take what came out at a lag."""
        if self._pilot is None:
            self._next[lag] = self._look(lag, measured.solved, len(measured.runs))
            return Step(measured, False, self._next[lag] is None)
        try:
            self._pilot = self._search.send(measured.solved)
        except StopIteration as done:
            self._pilot = None
            lags = sorted({*done.value, *self._study.asks_about(self._recipe)})
            self._next = {lag: self._look(lag, 0, 0) for lag in lags}
        return Step(measured, True, True)

    def _look(self, lag: int, solved: int, runs: int) -> int | None:
        """Return how many runs a lag should have next; None where it has had enough."""
        most = self._study.seeds
        if lag in self._study.asks_about(self._recipe):
            return most if runs < most else None
        return self._adaptive.next_look(solved, runs, most)

    def _cell(self, lag: int, seeds: range) -> Cell:
        return self._study.cell(self._recipe, lag, seeds)


def _of(study: Study) -> Adaptive:
    if study.adaptive is None:
        raise InvalidInput("study must be adaptive, but is not; give it adaptive=Adaptive()")
    return study.adaptive
