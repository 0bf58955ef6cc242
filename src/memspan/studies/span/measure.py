"""Run a study cell by cell; each is handed over as soon as it is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.core.spec import describe
from memspan.engine import Runs
from memspan.engine.train import Progress, run
from memspan.stats import median_time
from memspan.studies.span.plan import Cell, Study

__all__ = ["MeasuredCell", "measure"]


@dataclass(frozen=True, eq=False)
class MeasuredCell:
    """One recipe at one lag, with its runs.

    Attributes:
        cell: what was run.
        runs: what came out.
        seconds: on the wall, for all seeds together, compilation included.
    """

    cell: Cell
    runs: Runs
    seconds: float

    @property
    def solved(self) -> int:
        """Runs that hold the problem's criterion at the end of the budget."""
        return int(self.runs.solved.sum())

    @property
    def diverged(self) -> int:
        """Runs whose loss stopped being finite; they count as failures."""
        return int((~self.runs.finite).sum())

    @property
    def updates_until_solved(self) -> Estimate:
        """Median updates until first solved, over all runs; those that never solved it count as censored."""
        times = self.runs.updates_until_solved
        return median_time(np.minimum(times, self.runs.updates_at[:, -1]), np.isfinite(times))

    def to_json(self) -> dict[str, Any]:
        """Return the cell as plain data; null in a time is "not reached within the budget"."""
        problem = self.cell.spec.problem
        times = self.updates_until_solved.to_json()
        return {
            "lag": self.cell.lag,
            "runs": len(self.runs),
            "solved": self.solved,
            "success": self.runs.success.to_json(),
            "ever_solved": self.runs.ever_solved.to_json(),
            "diverged": self.diverged,
            "updates_until_solved": {
                key: None if isinstance(value, float) and np.isinf(value) else value for key, value in times.items()
            },
            "updates": self.runs.updates,
            "weights": int(self.runs.weights.shape[1]),
            "seconds": self.seconds,
            "score": problem.score_name,
            "chance": problem.chance,
            "floor": problem.floor,
            "best": problem.best,
            "spec": self.cell.spec.hash,
            "settings": describe(self.cell.spec),
        }


def measure(study: Study, on_progress: Callable[[Cell, Progress], None] | None = None) -> Iterator[MeasuredCell]:
    """Yield the cells of a study as they are done, one after the other, so that their times are their own.

    Args:
        study: what to run.
        on_progress: called after every block of epochs, from the thread that trained it.

    Yields:
        One measured cell at a time, in the order of `Study.cells`.

    Raises:
        InvalidInput: a rule does not go with a model; cells done before are not lost, for they were yielded.
    """
    stopped = threading.Event()

    def one(cell: Cell) -> MeasuredCell:
        def report(progress: Progress) -> None:
            if stopped.is_set():
                raise CancelledError  # nobody reads this cell any more: leave it at the end of its block
            if on_progress:
                on_progress(cell, progress)

        start = time.perf_counter()
        try:
            runs = run(cell.spec, cell.seeds, report)
        except InvalidInput as refusal:
            raise InvalidInput(f"recipe '{cell.recipe}' at lag {cell.lag}: {refusal}") from refusal
        return MeasuredCell(cell, runs, time.perf_counter() - start)

    # A thread of its own, so that an interrupt is answered at once and not at the end of a block.
    pool = ThreadPoolExecutor(1)
    try:
        for future in [pool.submit(one, cell) for cell in study.cells()]:
            yield future.result()
    finally:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
