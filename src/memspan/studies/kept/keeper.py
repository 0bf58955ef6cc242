"""Where a study keeps its runs: in a store, or in memory while it lasts."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from memspan.core.spec import Spec
from memspan.store import Store, StoredRun, Tensors, Writer
from memspan.studies.kept.beside import NOTHING, Beside

__all__ = ["InFile", "InMemory", "Keeper", "keeping", "missing_in"]


@runtime_checkable
class Keeper(Protocol):
    """Keeps runs. Any thread may use it."""

    def missing(self, spec: Spec, seeds: Iterable[int], beside: Beside = NOTHING) -> list[int]:
        """Return those seeds of a spec that are still to be run, or of which not all is kept, in the order given."""
        ...

    def add(self, spec: Spec, runs: Iterable[StoredRun], weights: Mapping[int, Tensors] | None = None) -> None:
        """Keep a block of runs: when this returns all of them are safe, if it raises none is kept."""
        ...

    def runs(self, spec: Spec, seeds: Iterable[int]) -> tuple[StoredRun, ...]:
        """Return the runs of these seeds without their curves, in the order of the seeds."""
        ...


class InMemory:
    """Keeps runs while the process lasts.

    Example:
        >>> import memspan as ms
        >>> spec = ms.Spec(ms.problems.Conflict(), ms.models.LSTM(), ms.rules.BPTT(), ms.Adam())
        >>> InMemory().missing(spec, range(3))
        [0, 1, 2]
    """

    def __init__(self) -> None:
        # By the spec itself: one made of functions that have no name has no hash that outlives the process.
        self._runs: dict[tuple[Spec, int], StoredRun] = {}

    def missing(self, spec: Spec, seeds: Iterable[int], beside: Beside = NOTHING) -> list[int]:
        """Return those seeds of a spec that are still to be run."""
        return [seed for seed in seeds if (spec, seed) not in self._runs]

    def add(self, spec: Spec, runs: Iterable[StoredRun], weights: Mapping[int, Tensors] | None = None) -> None:
        """Keep a block of runs; their curves and weights, which nobody could ask for, are let go."""
        self._runs |= {(spec, run.seed): replace(run, curves={}) for run in runs}

    def runs(self, spec: Spec, seeds: Iterable[int]) -> tuple[StoredRun, ...]:
        """Return the runs of these seeds."""
        return tuple(self._runs[spec, seed] for seed in sorted(seeds))


class InFile:
    """Keeps runs in a store, of which this process is the writer.

    Args:
        store: the store.
        writer: of the same store.

    Attributes:
        differing: a sentence for each run that was made again, for something was not kept of it, and came out
            differently: the first one is kept, and nothing of the second.
    """

    def __init__(self, store: Store, writer: Writer) -> None:
        self.store, self._writer = store, writer
        self.differing: list[str] = []

    def missing(self, spec: Spec, seeds: Iterable[int], beside: Beside = NOTHING) -> list[int]:
        """Return those seeds of a spec that have no result yet, or not all that is asked for."""
        return missing_in(self.store, spec, seeds, beside)

    def add(self, spec: Spec, runs: Iterable[StoredRun], weights: Mapping[int, Tensors] | None = None) -> None:
        """Put a block of runs in."""
        self.differing += self._writer.add(spec.canonical_json(), runs, weights).differing

    def runs(self, spec: Spec, seeds: Iterable[int]) -> tuple[StoredRun, ...]:
        """Return the runs of these seeds; the store may hold others of the same spec."""
        wanted = set(seeds)
        return tuple(run for run in self.store.runs(spec.hash, curves=False) if run.seed in wanted)

    def note(self, study: Any) -> str:
        """Write down what was asked for; return the hash that it is known by."""
        return self._writer.note(study)


def missing_in(store: Store, spec: Spec, seeds: Iterable[int], beside: Beside = NOTHING) -> list[int]:
    """Return those seeds of a spec that a store has no result of, or not all that is asked for.

    Args:
        store: which is only read.
        spec: what is trained.
        seeds: those asked for.
        beside: what is to be kept of each run besides its record.
    """
    asked = list(seeds)
    missing = set(store.missing(spec.hash, asked, retry_failed=True))
    if beside != NOTHING:
        kept = store.with_weights(spec.hash)
        runs = store.runs(spec.hash, curves=False)
        missing |= {run.seed for run in runs if run.status != "failed" and beside.lacks(run, run.seed in kept)}
    return [seed for seed in asked if seed in missing]


@contextmanager
def keeping(path: str | Path | None) -> Generator[InMemory | InFile, None, None]:
    """Keep runs in a store that only this process writes, or in memory.

    Args:
        path: the store, made if there is none; None for memory.

    Raises:
        InvalidInput: something else is there.
        StoreError: it cannot be written, or another process writes it.
    """
    if path is None:
        yield InMemory()
        return
    with Store.open(path) as store, store.writer() as writer:
        yield InFile(store, writer)
