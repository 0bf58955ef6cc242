"""An adaptive study, run: the pilot's lags first, then fresh seeds at each until its rate is known well enough."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.engine.train import Progress
from memspan.studies.kept import InMemory, Keeper
from memspan.studies.span.adaptive import Adaptive, bracketing, most_tried
from memspan.studies.span.measure import MeasuredCell, measure
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
    study: Study, on_progress: OnProgress | None = None, keeper: Keeper | None = None, **ways: Any
) -> Generator[Step, None, None]:
    """Yield the steps of an adaptive study as they are done. They depend on the study and on what runs say only.

    The pilot's seeds are the first `adaptive.pilot` from `study.seed` on; the fresh ones follow, and are at most
    `study.seeds` at each lag.

    Args:
        study: one that is adaptive.
        on_progress: called after every block of epochs with what is being run, and what is done of it.
        keeper: where runs are kept; those that are there are not run again. None keeps them while this lasts.
        **ways: others that `measure` takes.

    Yields:
        A step after every lag of the pilot, and after every block of fresh runs.

    Raises:
        InvalidInput: a rule does not go with a model.
        StoreError: runs could not be kept; those before them are.
    """
    kept: Keeper = keeper or InMemory()
    adaptive = _of(study)

    def run(recipe: Recipe, lag: int, first: int, runs: int) -> MeasuredCell:
        """Return the first runs of a cell from a seed on, those that are kept among them."""
        part = replace(recipe, lags=(lag,), seeds=runs)
        alone = replace(study, recipes=[part], lags=(lag,), seed=first, adaptive=None)
        with closing(measure(alone, on_progress, kept, **ways)) as cells:
            return next(cells)

    for recipe in study.listed:
        search = bracketing(study.lags_of(recipe), adaptive.level, adaptive.pilot)
        lags = yield from _pilot(search, lambda lag, recipe=recipe: run(recipe, lag, study.seed, adaptive.pilot))
        for lag in lags:
            solved, runs = 0, 0
            while (look := adaptive.next_look(solved, runs, study.seeds)) is not None:
                measured = run(recipe, lag, study.seed + adaptive.pilot, look)
                solved, runs = measured.solved, look
                yield Step(measured, False, adaptive.next_look(solved, runs, study.seeds) is None)


def at_most(study: Study, recipe: Recipe) -> int:
    """Return how many runs a recipe of an adaptive study takes at most, the pilot's included.

    Args:
        study: one that is adaptive.
        recipe: one of its recipes.
    """
    doubled, others = most_tried(study.lags_of(recipe))
    return (len(doubled) + others) * (_of(study).pilot + study.seeds)


def _pilot(
    search: Generator[int, int, Sequence[int]], run: Callable[[int], MeasuredCell]
) -> Generator[Step, None, Sequence[int]]:
    """Yield the pilot's steps, and return the lags that it visited."""
    lag = next(search)
    while True:
        measured = run(lag)
        yield Step(measured, True, True)
        try:
            lag = search.send(measured.solved)
        except StopIteration as done:
            return done.value


def _of(study: Study) -> Adaptive:
    if study.adaptive is None:
        raise InvalidInput("study must be adaptive, but is not; give it adaptive=Adaptive()")
    return study.adaptive
