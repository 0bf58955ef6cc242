"""One transaction: all of it, or, whatever happens, nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Literal

__all__ = ["transaction"]


@contextmanager
def transaction(
    connection: sqlite3.Connection, kind: Literal["IMMEDIATE", "DEFERRED"] = "IMMEDIATE"
) -> Generator[None, None, None]:
    """Do what follows in one transaction.

    Example:
        >>> from contextlib import closing
        >>> with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection, transaction(connection):
        ...     connection.in_transaction
        True

    Args:
        connection: one that begins no transactions of its own accord.
        kind: "IMMEDIATE" to write: a store that may not be written says so at once; "DEFERRED" to read.
    """
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have ended it already; then there is nothing to roll back.
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise
