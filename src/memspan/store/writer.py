"""Writing a store: a block of runs goes in as a whole, and a run that is there is never put in again."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from memspan.core.errors import InvalidInput
from memspan.store.curve import pack
from memspan.store.failure import explained
from memspan.store.identity import canonical, checked, hash_of
from memspan.store.read import run_of
from memspan.store.run import StoredRun, difference
from memspan.store.tensors import Tensors, load, save
from memspan.store.transaction import transaction

__all__ = ["Added", "Writer"]


class Added(NamedTuple):
    """What became of a block of runs.

    Attributes:
        new: runs that were not there.
        repeated: runs that were there; the first one is kept.
        differing: a sentence for each repeated run that came out differently: tell the person.
    """

    new: int
    repeated: int
    differing: tuple[str, ...]


class Writer:
    """Puts runs into a store; `Store.writer` makes it. Any thread may use it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._path, self._lock = connection, path, threading.Lock()

    def add(self, spec: str, runs: Iterable[StoredRun], weights: Mapping[int, Tensors] | None = None) -> Added:
        """Put runs of one spec in. When this returns, all of them are on the disk; if it raises, none is.

        A run that is there stays as it is, so that a block may be handed in twice; if it came out the same, scores of
        splits that it lacks are added, for those are of a judgement that was asked for later. A failure says nothing
        about a run: one that failed is replaced by one that did not.

        Example:
            >>> import tempfile
            >>> from memspan.store import Environment, Store
            >>> run = StoredRun(0, "finished", True, 500, 120, Environment({}, "cpu", ""))
            >>> with Store.open(Path(tempfile.mkdtemp()) / "runs.db") as store, store.writer() as writer:
            ...     writer.add('{"epochs":250}', [run]), writer.add('{"epochs":250}', [run])
            (Added(new=1, repeated=0, differing=()), Added(new=0, repeated=1, differing=()))

        Args:
            spec: its canonical JSON.
            runs: the block.
            weights: trained weights of some of these runs, by seed.

        Returns:
            How many were new, and which came out differently from what was there.

        Raises:
            InvalidInput: the spec is not in canonical JSON, or weights belong to no run of the block.
            StoreError: they could not be written.
        """
        hash = hash_of(checked(spec))
        # All that takes time comes before the transaction begins.
        block = [(run, {name: pack(curve) for name, curve in run.curves.items()}) for run in runs]
        tensors = {seed: save(arrays) for seed, arrays in (weights or {}).items()}
        if others := tensors.keys() - {run.seed for run, _ in block}:
            raise InvalidInput(f"weights must belong to runs of the block, but got seed {min(others)}; add its run too")
        with self._lock, explained(self._path), transaction(self._connection):
            self._name(hash, spec)
            for environment in {run.environment.hash: run.environment for run, _ in block}.values():
                self._execute("INSERT INTO environments VALUES (?, ?)", environment.hash, environment.canonical_json)
            new, differing = 0, list[str]()
            for run, curves in block:
                is_new, differs = self._put(hash, run, curves)
                new += is_new
                # Weights are kept of the run that is there, not of one that came out differently.
                if differs is None and run.status != "failed" and run.seed in tensors:
                    differs = self._keep(hash, run.seed, tensors[run.seed])
                differing += [differs] if differs else []
            return Added(new, len(block) - new, tuple(differing))

    def note(self, study: Any) -> str:
        """Write down what a study was asked for, so that the same can be asked for again.

        Args:
            study: plain data, such as the words of a command.

        Returns:
            The hash that it is known by.

        Raises:
            StoreError: it could not be written.
        """
        text = canonical(study)
        with self._lock, explained(self._path), transaction(self._connection):
            self._execute("INSERT INTO studies VALUES (?, ?)", hash_of(text), text)
        return hash_of(text)

    def _execute(self, insert: str, *values: Any) -> int | None:
        """Insert a row where there is none of its name; return its number if it is new."""
        cursor = self._connection.execute(f"{insert} ON CONFLICT DO NOTHING", values)
        return cursor.lastrowid if cursor.rowcount else None

    def _name(self, hash: str, spec: str) -> None:
        self._execute("INSERT INTO specs VALUES (?, ?)", hash, spec)
        there = self._connection.execute("SELECT settings FROM specs WHERE hash = ?", (hash,)).fetchone()[0]
        if there != spec:
            raise InvalidInput(f"spec must have a hash of its own, but another one in {self._path} has {hash} too")

    def _put(self, spec: str, run: StoredRun, curves: Mapping[str, bytes]) -> tuple[bool, str | None]:
        """Put a run in; return whether it is new, and in what it differs from the one that was there."""
        number = self._insert(spec, run)
        if number is None:
            there = run_of(self._connection, spec, run.seed)
            if there.status != "failed" or run.status == "failed":
                return False, None if run.status == "failed" else self._again(spec, there, run)
            self._connection.execute("DELETE FROM runs WHERE spec = ? AND seed = ?", (spec, run.seed))
            number = self._insert(spec, run)
        self._score(number, run.scores)
        for name, points in curves.items():
            self._execute("INSERT INTO curves VALUES (?, ?, ?)", number, name, points)
        return True, None

    def _again(self, spec: str, there: StoredRun, run: StoredRun) -> str | None:
        """Add the scores of splits that a run which is there lacks, unless both differ: return in what."""
        common = {split: run.scores[split] for split in run.scores if split in there.scores}
        before = {split: there.scores[split] for split in common}
        if differs := difference(replace(there, scores=before), replace(run, scores=common)):
            return _sentence(spec, there, run, differs)
        where = (spec, run.seed)
        number = self._connection.execute("SELECT id FROM runs WHERE spec = ? AND seed = ?", where).fetchone()[0]
        self._score(number, {split: named for split, named in run.scores.items() if split not in common})
        return None

    def _score(self, number: int | None, scores: Mapping[str, Mapping[str, float]]) -> None:
        for split, named in scores.items():
            for name, value in named.items():
                kept = None if math.isnan(value) else value
                self._execute("INSERT INTO scores VALUES (?, ?, ?, ?)", number, split, name, kept)

    def _insert(self, spec: str, run: StoredRun) -> int | None:
        return self._execute(
            "INSERT INTO runs (spec, seed, status, solved, updates, updates_until_solved, seconds, reason, environment)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            spec,
            run.seed,
            run.status,
            run.solved,
            run.updates,
            run.updates_until_solved,
            run.seconds,
            run.reason,
            run.environment.hash,
        )

    def _keep(self, spec: str, seed: int, file: bytes) -> str | None:
        """Put the weights of a run in; return in what they differ from those that were there."""
        where = (spec, seed)
        number = self._connection.execute("SELECT id FROM runs WHERE spec = ? AND seed = ?", where).fetchone()[0]
        if self._execute("INSERT INTO weights VALUES (?, ?)", number, file) is not None:
            return None
        there = self._connection.execute("SELECT tensors FROM weights WHERE run = ?", (number,)).fetchone()[0]
        if there == file or _same(load(there), load(file)):
            return None
        return f"weights of seed {seed} of spec {spec} came out differently when it was run again; the first are kept"


def _same(first: Tensors, second: Tensors) -> bool:
    return first.keys() == second.keys() and all(
        (array.dtype, array.shape, array.tobytes())
        == (second[name].dtype, second[name].shape, np.ascontiguousarray(second[name]).tobytes())
        for name, array in first.items()
    )


def _sentence(spec: str, there: StoredRun, run: StoredRun, differs: str) -> str:
    first, second = there.environment.to_json(), run.environment.to_json()
    apart = [name for name in first if first[name] != second[name]]
    where = f"in another environment ({', '.join(apart)} differ)" if apart else "in the same environment"
    return (
        f"seed {run.seed} of spec {spec} came out differently when it was run again {where}: {differs}; the first one "
        "is kept"
    )
