"""The tables of a store, and the steps that make each version of them of the one before."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from memspan.store.failure import damaged
from memspan.store.transaction import transaction

__all__ = ["APPLICATION", "STEPS", "migrate", "version_of"]

APPLICATION = 0x6D656D73  # "mems"; tells a store from other programs' databases

# Step n makes version n of version n-1. A step that was released is never changed: a store may have gone through it.
# `tests/store/versions` holds a store of every version.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE specs (
            hash TEXT PRIMARY KEY,
            settings TEXT NOT NULL  -- canonical JSON
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE environments (
            hash TEXT PRIMARY KEY,
            content TEXT NOT NULL  -- canonical JSON: versions, device, code
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            spec TEXT NOT NULL REFERENCES specs (hash),
            seed INTEGER NOT NULL CHECK (seed >= 0),
            status TEXT NOT NULL CHECK (status IN ('finished', 'diverged', 'failed')),
            solved INTEGER NOT NULL CHECK (solved IN (0, 1)),
            updates INTEGER NOT NULL,
            updates_until_solved INTEGER,  -- NULL: not within these updates
            seconds REAL NOT NULL,
            reason TEXT NOT NULL,
            environment TEXT NOT NULL REFERENCES environments (hash),
            UNIQUE (spec, seed)
        ) STRICT""",
        """CREATE TABLE scores (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            split TEXT NOT NULL,
            name TEXT NOT NULL,
            value REAL,  -- NULL: not a number
            PRIMARY KEY (run, split, name)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE curves (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            points BLOB NOT NULL,  -- as curve.py packs them
            PRIMARY KEY (run, name)
        ) STRICT""",
        """CREATE TABLE weights (
            run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
            tensors BLOB NOT NULL  -- a safetensors file
        ) STRICT""",
        """CREATE TABLE studies (
            hash TEXT PRIMARY KEY,
            content TEXT NOT NULL  -- canonical JSON: what was asked for, so that it can be asked for again
        ) STRICT, WITHOUT ROWID""",
    ),
)


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables.

    Example:
        >>> from contextlib import closing
        >>> with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        ...     migrate(connection, Path("runs.db"))
        ...     version_of(connection) == len(STEPS)
        True
    """
    return connection.execute("PRAGMA user_version").fetchone()[0]


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables to the newest version, all steps in one transaction or none.

    Args:
        connection: to a store of any version up to this one's, or to an empty database.
        path: what to call it in an error.

    Raises:
        StoreError: rows would refer to nothing; the store is as it was.
        sqlite3.Error: a step failed; the store is as it was.
    """
    # Tables that are rebuilt may not be referred to meanwhile; SQLite lets this be set outside a transaction only.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with transaction(connection):
            for step in STEPS[version_of(connection) :]:
                for statement in step:
                    connection.execute(statement)
            dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
            if dangling:
                raise damaged(path, f"{len(dangling)} rows refer to nothing")
            connection.execute(f"PRAGMA user_version = {len(STEPS)}")
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
    finally:
        connection.execute("PRAGMA foreign_keys = ON")
