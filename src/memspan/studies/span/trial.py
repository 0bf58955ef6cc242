"""How long a study will take: each cell is tried for a moment, and the rest is proportion."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from memspan.core.errors import InvalidInput
from memspan.core.spec import Spec
from memspan.engine.train import run
from memspan.studies.span.plan import Cell, Study

__all__ = ["Trial", "peak_memory", "time_of", "try_out"]

ENOUGH = 0.5  # seconds of training from which the rest is guessed


@dataclass(frozen=True)
class Trial:
    """What one recipe at one lag is expected to take.

    Attributes:
        cell: what would be run.
        runs: how many of its runs are to be made.
        compiling: seconds, as measured.
        seconds: expected for all of them, compiling included; with a curriculum at most this, for easier stages are
            shorter.
    """

    cell: Cell
    runs: int
    compiling: float
    seconds: float


def try_out(study: Study, missing: Mapping[tuple[str, int], int]) -> Iterator[Trial]:
    """Try each cell of a study for a moment; nothing is kept but the compiled programs.

    Example:
        >>> from memspan.models import LSTM
        >>> from memspan.problems import Conflict
        >>> from memspan.studies.span import Recipe
        >>> study = Study(Conflict().with_lag, [Recipe("a", LSTM(2), epochs=4)], lags=[1], seeds=20)
        >>> [trial.runs for trial in try_out(study, {("a", 1): 12})]
        [12]

    Args:
        study: what would be run.
        missing: how many runs of each recipe and lag are to be made.

    Yields:
        What each cell is expected to take, in the order of `Study.cells`.

    Raises:
        InvalidInput: a rule does not go with a model.
    """
    for cell in study.cells():
        runs = missing[cell.recipe, cell.lag]
        try:
            compiling, each = time_of(cell.spec, runs) if runs else (0.0, 0.0)
        except InvalidInput as refusal:
            raise InvalidInput(f"recipe '{cell.recipe}' at lag {cell.lag}: {refusal}") from refusal
        yield Trial(cell, runs, compiling, compiling + each)


def peak_memory() -> int | None:
    """Return the most bytes that this process has used, or None where the system does not say."""
    try:
        import resource
        import sys
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def time_of(spec: Spec, runs: int) -> tuple[float, float]:
    """Return the seconds of compiling, and those that all runs are expected to take.

    Args:
        spec: what would be trained.
        runs: how many.
    """
    block = min(runs, spec.chunk * (os.cpu_count() or 1))
    start = time.perf_counter()
    run(replace(spec, epochs=1), 1)
    compiling = time.perf_counter() - start
    epochs = min(spec.epochs, spec.evaluate_every)
    while True:
        start = time.perf_counter()
        run(replace(spec, epochs=epochs, curriculum=()), block)
        seconds = time.perf_counter() - start
        if seconds >= ENOUGH or epochs == spec.epochs:
            return compiling, seconds / epochs * spec.epochs * math.ceil(runs / block)
        epochs = min(spec.epochs, max(2 * epochs, int(epochs * ENOUGH / seconds)))
