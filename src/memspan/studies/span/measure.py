"""Run a study cell by cell; each is handed over as soon as it is done."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from memspan.cluster import Here, Place
from memspan.core.errors import InvalidInput
from memspan.core.spec import describe
from memspan.engine.network import count_weights
from memspan.engine.train import Progress
from memspan.store import StoredRun
from memspan.studies.kept.blocks import Halt, finish
from memspan.studies.kept.keeper import InMemory, Keeper
from memspan.studies.longer import at_longer
from memspan.studies.outcomes import AbstractOutcomes, time_to_json
from memspan.studies.span.plan import Cell, Study

__all__ = ["MeasuredCell", "measure", "measured_cells"]


@dataclass(frozen=True, eq=False)
class MeasuredCell(AbstractOutcomes):
    """One recipe at one lag, with its runs. All it says is computed from these records, old or new.

    Attributes:
        cell: what was run.
        runs: what came out, in the order of the seeds; curves stay in the store. `memspan.train` makes the
            same run again of the cell's settings and a seed, with its weights.
    """

    cell: Cell
    runs: tuple[StoredRun, ...]

    @functools.cached_property
    def weights(self) -> int:
        """How many numbers a run trains."""
        return count_weights(self.cell.spec.problem, self.cell.spec.model)

    def to_json(self) -> dict[str, Any]:
        """Return the cell as plain data; null in a time is "not reached within the budget"."""
        spec = self.cell.spec
        return {
            "lag": self.cell.lag,
            "runs": len(self.runs),
            "solved": self.solved,
            "success": self.success.to_json(),
            "ever_solved": self.ever_solved.to_json(),
            "diverged": self.diverged,
            "failed": self.failed,
            "reasons": list(self.reasons),
            "updates_until_solved": time_to_json(self.updates_until_solved),
            "survival": {
                "method": "kaplan-meier, log-log 95 %",
                **{name: column.tolist() for name, column in self.survival._asdict().items()},
            },
            "longer": [one.to_json() for one in at_longer(self.runs, self.cell.longer)],
            "updates": self.updates,
            "weights": self.weights,
            "seconds": self.seconds,
            "environments": len(self.environments),
            "score": spec.problem.score_name,
            "chance": spec.problem.chance,
            "floor": spec.problem.floor,
            "best": spec.problem.best,
            "spec": spec.hash,
            "settings": describe(spec),
        }


def measure(
    study: Study,
    on_progress: Callable[[Cell, Progress], None] | None = None,
    keeper: Keeper | None = None,
    place: Place | None = None,
) -> Generator[MeasuredCell, None, None]:
    """Yield the cells of a study as they are done: one after the other here, as many as it takes on a cluster.

    Args:
        study: what to run.
        on_progress: called after every block of epochs, from the thread that trained it, with what is done of what
            was not kept before.
        keeper: where runs are kept; those that are there are not run again. None keeps them while this lasts.
        place: where they are run; this process by default.

    Yields:
        One measured cell at a time, in the order of `Study.cells`. Closing it stops the work.

    Raises:
        InvalidInput: a rule does not go with a model; cells done before are not lost, for they were yielded.
        StoreError: runs could not be kept; those before them are.
        ClusterError: the place is no more.
    """
    yield from measured_cells(study.cells(), on_progress, keeper, place)


def measured_cells(
    cells: Sequence[Cell],
    on_progress: Callable[[Cell, Progress], None] | None = None,
    keeper: Keeper | None = None,
    place: Place | None = None,
) -> Generator[MeasuredCell, None, None]:
    """Yield cells as they are done, in the order given; for the rest see `measure`.

    Args:
        cells: what to run.
        on_progress: as `measure` takes it.
        keeper: the same.
        place: the same.

    Yields:
        One measured cell at a time.
    """
    kept: Keeper = keeper or InMemory()
    halt, where = Halt(), place or Here()

    def one(cell: Cell) -> MeasuredCell:
        def report(progress: Progress) -> None:
            if on_progress:
                on_progress(cell, progress)

        try:
            finish(cell.spec, cell.seeds, kept, report, halt, cell.beside, where)
        except InvalidInput as refusal:
            raise InvalidInput(f"recipe '{cell.recipe}' at lag {cell.lag}: {refusal}") from refusal
        return MeasuredCell(cell, kept.runs(cell.spec, cell.seeds))

    # Threads of their own, so that an interrupt is answered at once and not at the end of a block.
    pool = ThreadPoolExecutor(where.jobs)
    try:
        for future in [pool.submit(one, cell) for cell in cells]:
            yield future.result()
    finally:
        halt.now()
        pool.shutdown(wait=False, cancel_futures=True)
