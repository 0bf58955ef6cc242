"""A store: runs in one file, which outlive whatever happens to the process that made them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from memspan.core.errors import InvalidInput
from memspan.store.connect import frozen, make, reading, update, writing
from memspan.store.environment import Environment
from memspan.store.failure import StoreError, damaged, explained
from memspan.store.header import check_file
from memspan.store.lock import hold
from memspan.store.read import page_of_runs, read_environments, seeds_of
from memspan.store.run import STATUSES, StoredRun
from memspan.store.specs import StoredSpec, read_specs, the_one
from memspan.store.tensors import Tensors, load
from memspan.store.writer import Writer

__all__ = ["Store"]

T = TypeVar("T")


class Store:
    """Runs in one SQLite file. Many may read it while one writes; any thread may use it.

    Example:
        >>> import tempfile
        >>> with Store.open(Path(tempfile.mkdtemp()) / "runs.db") as store:
        ...     with store.writer() as writer:
        ...         run = StoredRun(0, "finished", True, 500, 120, Environment({}, "cpu", ""))
        ...         added = writer.add('{"epochs":250}', [run])
        ...     [(spec.hash, spec.runs, spec.solved) for spec in store.specs()]
        ...     store.missing("c5d22ba89711b334", range(3))
        [('c5d22ba89711b334', 1, 1)]
        [1, 2]
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self._connection, self._lock, self._closed = path, connection, threading.RLock(), False
        self._frozen = path.stat() if frozen(path) else None

    @classmethod
    def open(cls, path: str | Path, create: bool = True) -> Store:
        """Open a store; make it if there is none. One of an older version is brought to the newest.

        Args:
            path: the file. Beside it SQLite keeps its log while the store is in use, and the writer its lock.
            create: whether to make it if there is none.

        Raises:
            InvalidInput: there is none, or it is no store, or one of a newer version.
            StoreError: it cannot be read or made.
        """
        path = Path(path).resolve()
        if not check_file(path):
            if not create:
                raise InvalidInput(f"store must be a file that exists, but {path} does not; name another")
            make(path)
        update(path)
        with explained(path):
            return cls(path, reading(path))

    def close(self) -> None:
        """Close it, after what another thread is reading; whoever reads then is told."""
        with self._lock:
            self._closed = True
            self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writer(self) -> Generator[Writer, None, None]:
        """Be the one who writes; see `Writer.add`.

        Raises:
            StoreError: another process writes it, it may not be written, or it is damaged.
        """
        with hold(self.path):
            with explained(self.path):
                connection = writing(self.path)
            with closing(connection):
                yield Writer(connection, self.path)

    def specs(self, where: Mapping[str, Any] | None = None) -> tuple[StoredSpec, ...]:
        """Return the specs, in the order of their hashes.

        Args:
            where: what settings must be, under dotted names such as `{"spec.model.units": 20}`.
        """
        return self._read(lambda connection: read_specs(connection, where or {}))

    def spec(self, beginning: str) -> StoredSpec:
        """Return the one spec whose hash begins so.

        Raises:
            InvalidInput: there is none or more than one.
        """
        return the_one(self.specs(), beginning, self.path)

    def runs(self, spec: str, curves: bool = True) -> Iterator[StoredRun]:
        """Yield the runs of a spec in the order of their seeds; none if it is not there.

        Args:
            spec: its hash.
            curves: whether to read them; without, runs have none, and many more are read a second.
        """
        last = -1
        while page := self._read(lambda connection, last=last: page_of_runs(connection, spec, last, curves)):
            yield from page
            last = page[-1].seed

    def missing(self, spec: str, seeds: Iterable[int], retry_failed: bool = False) -> list[int]:
        """Return those seeds of a spec that are still to be run, in the order given: what to resume with.

        Args:
            spec: its hash; all seeds of one that is not there are missing.
            seeds: those asked for.
            retry_failed: whether a run that failed is to be run again.
        """
        statuses = [status for status in STATUSES if status != "failed" or not retry_failed]
        done = self._read(lambda connection: seeds_of(connection, spec, statuses))
        return [seed for seed in seeds if seed not in done]

    def weights(self, spec: str, seed: int) -> Tensors | None:
        """Return the trained weights of a run by name, or None where they were not kept.

        Args:
            spec: its hash.
            seed: which run.

        Raises:
            InvalidInput: safetensors is not installed.
        """
        row = self._read(
            lambda connection: connection.execute(
                "SELECT tensors FROM weights JOIN runs ON runs.id = run WHERE spec = ? AND seed = ?", (spec, seed)
            ).fetchone()
        )
        return load(row[0]) if row else None

    def with_weights(self, spec: str) -> set[int]:
        """Return the seeds of a spec whose trained weights are kept."""
        return self._read(
            lambda connection: {
                seed
                for (seed,) in connection.execute(
                    "SELECT seed FROM weights JOIN runs ON runs.id = run WHERE spec = ?", (spec,)
                )
            }
        )

    def environments(self) -> dict[str, Environment]:
        """Return where runs were computed, by hash."""
        return self._read(read_environments)

    def score_names(self) -> tuple[tuple[str, str], ...]:
        """Return the splits and names of all scores, in order."""
        return tuple(
            self._read(
                lambda connection: connection.execute(
                    "SELECT DISTINCT split, name FROM scores ORDER BY split, name"
                ).fetchall()
            )
        )

    def studies(self) -> dict[str, Any]:
        """Return what studies were asked for, by hash; see `Writer.note`."""
        rows = self._read(lambda connection: connection.execute("SELECT * FROM studies ORDER BY hash").fetchall())
        return {hash: json.loads(content) for hash, content in rows}

    def check(self) -> None:
        """Read all of it, and see that it is whole.

        Raises:
            StoreError: it is damaged; the sentence says where.
        """
        for pragma, good in (("integrity_check(3)", [("ok",)]), ("foreign_key_check", [])):
            rows = self._read(lambda connection, pragma=pragma: connection.execute(f"PRAGMA {pragma}").fetchall())
            if rows != good:
                raise damaged(self.path, "; ".join(str(row[0]) for row in rows))

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Answer a question with this store's connection, one thread at a time."""
        with self._lock, explained(self.path):
            if self._closed:
                raise InvalidInput(f"store must be open, but {self.path} was closed; open it again with Store.open")
            try:
                answer = question(self._connection)
            except (ValueError, KeyError) as error:  # bytes that are no curve, text that is no JSON
                raise damaged(self.path, error) from error
            now = self.path.stat() if self._frozen else None
        if self._frozen and now and (now.st_mtime_ns, now.st_size) != (self._frozen.st_mtime_ns, self._frozen.st_size):
            raise StoreError(
                f"{self.path} was written while it was read in a folder that may not be; open it again when it is done"
            )
        return answer
