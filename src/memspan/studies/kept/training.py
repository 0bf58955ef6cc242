"""What a study has done with seeds, here or on another machine: a spec is trained, and records come back."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from memspan.cluster import Here, Place, Report, reach
from memspan.core.spec import Spec
from memspan.engine.outside import check_reads
from memspan.engine.train import Progress, run
from memspan.store import StoredRun, Tensors
from memspan.studies.kept.beside import NOTHING, Beside, kept_of
from memspan.studies.kept.stored import stored

__all__ = ["Made", "Training", "working"]


class Made(NamedTuple):
    """What training makes of seeds.

    Attributes:
        records: one a seed.
        weights: final weights by seed, where they are kept.
    """

    records: list[StoredRun]
    weights: Mapping[int, Tensors] | None


@dataclass(frozen=True)
class Training:
    """Training of one spec, from any seeds.

    Example:
        >>> import memspan as ms
        >>> spec = ms.Spec(ms.problems.Conflict(lag=1), ms.models.LSTM(units=2), ms.rules.BPTT(), ms.Adam(), epochs=2)
        >>> [record.updates for record in Training(spec, threads=1)((0, 1), print).records]
        4 0...
        [4, 4]

    Attributes:
        spec: what is trained.
        threads: chunks of seeds trained at once.
        beside: what is kept of each run besides its record.
    """

    spec: Spec
    threads: int
    beside: Beside = NOTHING

    def __call__(self, seeds: tuple[int, ...], report: Report) -> Made:
        """Return a record for each seed, and what is kept beside it.

        Args:
            seeds: one or more.
            report: told the epochs done, and the loss.

        Raises:
            InvalidInput: a rule does not go with a model, or a network cannot read a problem that it is judged on.
        """

        def told(progress: Progress) -> None:
            report(progress.epochs, progress.loss)

        for longer in self.beside.longer:
            check_reads(self.spec, longer.problem)
        start = time.perf_counter()
        runs = run(self.spec, seeds, told, self.threads)
        return Made(*kept_of(runs, stored(runs, time.perf_counter() - start), self.beside))


@contextmanager
def working(cluster: str | None) -> Generator[tuple[Place, list[str]], None, None]:
    """Give the place where units run, and what a person should know about it; at the end all units are let go.

    Args:
        cluster: address of a Dask scheduler; None for this process.

    Raises:
        InvalidInput: it is no address, or Dask is not installed here.
        ClusterError: nobody answers there, or a worker is not fit.
    """
    place, notes = (Here(), []) if cluster is None else reach(cluster)
    try:
        yield place, notes
    finally:
        place.close()
