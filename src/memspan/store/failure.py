"""The one sentence a person reads when a store cannot do its work, whatever SQLite or the system said."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from memspan.core.errors import StoreError

__all__ = ["StoreError", "damaged", "explained"]

KEPT = "every run stored before is kept"
DAMAGED = "is damaged{why}; put back a copy of it, or recover what there is with `sqlite3 .recover`"
# By SQLite's primary result code; sqlite.org/rescode.html
SENTENCES = {
    sqlite3.SQLITE_FULL: "could not be written, for the disk is full; make room and start again: " + KEPT,
    sqlite3.SQLITE_IOERR: "could not be read or written{why}; the disk may be full, over its quota or gone: see to it "
    "and start again: " + KEPT,
    sqlite3.SQLITE_READONLY: "may not be written{why}; copy it to a folder of your own, or ask for the right to write",
    sqlite3.SQLITE_PERM: "may not be used{why}; ask for the right to read and write it",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened{why}; see whether the file and its folder may be read and written",
    sqlite3.SQLITE_BUSY: "is held by another program; close what else has it open, and start again: " + KEPT,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
OTHER = "could not be used{why}; start again: " + KEPT


def damaged(path: Path, why: object) -> StoreError:
    """Return the error for a store that is not whole.

    Example:
        >>> print(damaged(Path("runs.db"), "row 3 missing from index"))
        runs.db is damaged (row 3 missing from index); put back a copy of it, or recover what there is with `sqlite3
        .recover`
    """
    on_one_line = " ".join(str(why).split())
    return StoreError(f"{path} {DAMAGED.format(why=f' ({on_one_line})')}")


@contextmanager
def explained(path: Path) -> Generator[None, None, None]:
    """Say in one sentence what SQLite or the system could not do with a store.

    Example:
        >>> with explained(Path("runs.db")):
        ...     _ = sqlite3.connect("file:/no/such/folder/runs.db?mode=rw", uri=True)
        Traceback (most recent call last):
        memspan.core.errors.StoreError: runs.db cannot be opened (unable to open database file); see whether the
        file and its folder may be read and written

    Args:
        path: the store.

    Raises:
        StoreError: SQLite or the system failed.
    """
    try:
        yield
    except sqlite3.Error as error:
        code: int | None = getattr(error, "sqlite_errorcode", None)
        if code is None:
            raise  # a mistake of ours, not of the world
        sentence = SENTENCES.get(code & 0xFF, OTHER)
        raise StoreError(f"{path} {sentence.format(why=f' ({error})')}") from error
    except OSError as error:
        sentence = SENTENCES[sqlite3.SQLITE_IOERR]
        raise StoreError(f"{path} {sentence.format(why=f' ({error.strerror or error})')}") from error
