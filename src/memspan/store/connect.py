"""Connections to a store: how one is made, written and read."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from memspan.core.errors import InvalidInput
from memspan.store.failure import StoreError, damaged, explained
from memspan.store.header import check_version
from memspan.store.lock import hold
from memspan.store.schema import STEPS, migrate, version_of

__all__ = ["frozen", "make", "reading", "update", "writing"]

BUSY = 30.0  # seconds to wait for another program; our own writer is kept out by its lock
TRIES = 200  # for a lock that is held for moments only
OLDEST = (3, 37)  # STRICT tables


def make(path: Path) -> None:
    """Make an empty store. It is made under another name, so that at its own there is all of it or nothing.

    Args:
        path: where; nothing may be there.

    Raises:
        StoreError: it cannot be made there, or SQLite is too old.
        InvalidInput: there is no such folder.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        raise StoreError(f"SQLite must be 3.37 or newer, but is {sqlite3.sqlite_version}; use a newer Python")
    if not path.parent.is_dir():
        raise InvalidInput(f"store must lie in a folder that exists, but {path.parent} is none; make it first")
    unfinished = path.with_name(path.name + ".new")
    with hold(path, TRIES), explained(path):
        if path.exists() and path.stat().st_size:
            return  # another was faster
        _remove(unfinished)
        try:
            with closing(_connect(unfinished, "rwc")) as connection:
                migrate(connection, path)
                mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise StoreError(
                    f"{path} must lie on a disk that programs can share, but SQLite's log does not work there (journal "
                    f"mode {mode}); put it on a local disk"
                )
            _lasting(unfinished)
            unfinished.replace(path)
            _lasting(path.parent)
        finally:
            _remove(unfinished)


def update(path: Path) -> None:
    """Bring a store to the newest version; one that is there already is not touched.

    Args:
        path: the store.

    Raises:
        StoreError: it may not be written, another process writes it, or a step failed: it is as it was.
        InvalidInput: a newer memspan made it.
    """
    with explained(path):
        with closing(reading(path)) as connection:
            version = version_of(connection)
            check_version(path, version)
        if version < len(STEPS):
            with hold(path, TRIES), closing(_connect(path, "rw")) as connection:
                migrate(connection, path)


def writing(path: Path) -> sqlite3.Connection:
    """Return a connection that writes; `hold` the store first.

    What is there is checked as a whole before anything is added to it.

    Args:
        path: the store.

    Raises:
        StoreError: it is damaged.
        sqlite3.Error: it may not be written.
    """
    connection = _connect(path, "rw")
    try:
        # The log is synced at every commit: what was said to be stored outlives a power failure too.
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        # On what may not be written, only a change fails, not the transaction.
        connection.execute(f"PRAGMA user_version = {version_of(connection)}")
        connection.execute("ROLLBACK")
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise damaged(path, found)
    except BaseException:
        connection.close()
        raise
    return connection


def reading(path: Path) -> sqlite3.Connection:
    """Return a connection that reads, while another may write.

    Args:
        path: the store.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    connection = _connect(path, "ro&immutable=1" if frozen(path) else "rw")
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def frozen(path: Path) -> bool:
    """Return whether a store must be read as a file that nobody writes.

    Readers of a log keep their marks in a file beside it. Where they may not make one, and there is no log, the
    store itself is all there is.
    """
    own = os.access in os.supports_effective_ids
    return not os.access(path.parent, os.W_OK, effective_ids=own) and not path.with_name(path.name + "-wal").exists()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY,
        isolation_level=None,  # transactions begin where we say
        check_same_thread=False,  # whoever shares one has a lock
    )


def _lasting(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
