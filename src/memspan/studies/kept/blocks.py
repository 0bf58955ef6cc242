"""Run what is missing of a spec, block by block; each is kept as soon as it is done."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError

from memspan.core.spec import Spec
from memspan.engine.train import Progress, run
from memspan.studies.kept.beside import NOTHING, Beside, kept_of
from memspan.studies.kept.keeper import Keeper
from memspan.studies.kept.stored import stored

__all__ = ["Halt", "finish"]

SHORT = 1.0  # seconds; blocks that take less are made larger, for each is written to the disk


class Halt:
    """Asks a study to stop. Once `now` has returned, nothing more is kept."""

    def __init__(self) -> None:
        self._asked, self._keeping = threading.Event(), threading.Lock()

    def now(self) -> None:
        """Stop; a block that is being kept is kept first."""
        with self._keeping:
            self._asked.set()

    def check(self) -> None:
        """Raise where stopping was asked for.

        Raises:
            CancelledError: it was.
        """
        if self._asked.is_set():
            raise CancelledError

    def unless_asked(self, keep: Callable[[], None]) -> None:
        """Keep a block, unless stopping was asked for.

        Raises:
            CancelledError: it was.
        """
        with self._keeping:
            self.check()
            keep()


def finish(
    spec: Spec,
    seeds: Sequence[int],
    keeper: Keeper,
    on_progress: Callable[[Progress], None] | None = None,
    halt: Halt | None = None,
    beside: Beside = NOTHING,
) -> None:
    """Run those seeds of a spec that are not kept yet.

    A block is as many seeds as all cores train at once, or several times as many where that takes no time. Blocks
    change no result, for a seed's run is bitwise the same whatever runs beside it.

    Example:
        >>> import memspan as ms
        >>> from memspan.studies.kept import InMemory
        >>> spec = ms.Spec(ms.problems.Conflict(lag=1), ms.models.LSTM(units=2), ms.rules.BPTT(), ms.Adam(), epochs=2)
        >>> keeper = InMemory()
        >>> finish(spec, range(2), keeper)
        >>> finish(spec, range(3), keeper, print)
        Progress(epochs=2, of=2, loss=...)
        >>> [run.seed for run in keeper.runs(spec, range(3))]
        [0, 1, 2]

    Args:
        spec: what to train.
        seeds: from which seeds.
        keeper: where runs are kept.
        on_progress: called after every block of epochs with what is done of what was missing.
        halt: stops the work; what is under way is not kept.
        beside: what is kept of each run besides its record. A run that lacks some of it is made again.

    Raises:
        InvalidInput: a rule does not go with a model, or a network cannot read a problem that it is judged on.
        StoreError: a block could not be written; those before it are kept.
        CancelledError: it was stopped.
    """
    halt = halt or Halt()
    left = keeper.missing(spec, seeds, beside)
    of, done, size = len(left) * spec.epochs, 0, spec.chunk * (os.cpu_count() or 1)

    def report(progress: Progress) -> None:
        halt.check()
        if on_progress:
            on_progress(Progress(done + progress.epochs, of, progress.loss))

    while left:
        block, left = left[:size], left[size:]
        start = time.perf_counter()
        runs = run(spec, block, report)
        seconds = time.perf_counter() - start
        records, weights = kept_of(runs, stored(runs, seconds), beside)
        halt.unless_asked(lambda records=records, weights=weights: keeper.add(spec, records, weights))
        done += len(block) * spec.epochs
        size *= 2 if seconds < SHORT else 1
