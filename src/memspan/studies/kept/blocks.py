"""Run what is missing of a spec, block by block; each is kept as soon as it is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait

from memspan.cluster import Here, Place, UnitKilled
from memspan.core.spec import Spec
from memspan.engine.train import Progress
from memspan.store import StoredRun
from memspan.studies.kept.beside import NOTHING, Beside
from memspan.studies.kept.keeper import Keeper
from memspan.studies.kept.stored import here
from memspan.studies.kept.training import Made, Training

__all__ = ["Halt", "finish"]


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
    place: Place | None = None,
) -> None:
    """Run those seeds of a spec that are not kept yet.

    A block is as many seeds as a unit of the place trains at once, or several times as many where that takes no time.
    Blocks change no result, for a seed's run is bitwise the same whatever runs beside it. A block that has no result,
    for whatever ran it died each time, is kept as runs that failed.

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
        place: where the blocks are run; this process by default.

    Raises:
        InvalidInput: a rule does not go with a model, or a network cannot read a problem that it is judged on.
        StoreError: a block could not be written; those before it are kept.
        ClusterError: the place is no more; what it handed back is kept.
        CancelledError: it was stopped.
    """
    halt, place = halt or Halt(), place or Here()
    left = keeper.missing(spec, seeds, beside)
    job, size = Training(spec, place.threads, beside), spec.chunk * place.threads
    tally = _Tally(len(left) * spec.epochs, on_progress, halt)
    under_way: dict[Future[Made], list[int]] = {}
    try:
        while left or under_way:
            while left and len(under_way) < place.slots:
                # Towards the end blocks are small, so that all slots have something to do.
                share = -(-len(left) // (spec.chunk * place.slots)) * spec.chunk
                block, left = left[: min(size, share)], left[min(size, share) :]
                under_way[place.submit(job, tuple(block), tally.watch(block))] = block
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                block = under_way.pop(done)
                made = _made(done, block)
                halt.unless_asked(lambda made=made: keeper.add(spec, *made))
                tally.kept(block, spec.epochs)
                short = sum(record.seconds for record in made.records) < place.patience
                size *= 2 if short and len(block) >= size else 1
    finally:
        for future in under_way:
            future.cancel()


def _made(done: Future[Made], block: list[int]) -> Made:
    """Return what became of a block: what it made, or that it failed."""
    try:
        return done.result()
    except UnitKilled as reason:
        return Made([StoredRun(seed, "failed", False, 0, None, here(), reason=str(reason)) for seed in block], None)


class _Tally:
    """Adds up the epochs of blocks that are done and of those under way."""

    def __init__(self, of: int, on_progress: Callable[[Progress], None] | None, halt: Halt) -> None:
        self._of, self._on_progress, self._halt = of, on_progress, halt
        self._done, self._under_way = 0, dict[int, int]()

    def watch(self, block: list[int]) -> Callable[[int, float], None]:
        """Return what is told of a block."""

        def report(epochs: int, loss: float) -> None:
            self._halt.check()
            self._under_way[block[0]] = epochs
            if self._on_progress:
                self._on_progress(Progress(self._done + sum(self._under_way.copy().values()), self._of, loss))

        return report

    def kept(self, block: list[int], epochs: int) -> None:
        """Count a block that is done."""
        self._under_way.pop(block[0], None)
        self._done += len(block) * epochs
