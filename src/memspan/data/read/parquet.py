"""Parquet, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from memspan.core.errors import InvalidInput
from memspan.data.read.frames import open_polars, require
from memspan.data.read.tables import Row, Table

__all__ = ["open_parquet"]

# A batch costs a look at the file's index and whole row groups, so it is larger than for frames in memory.
BATCH = 2**18

T = TypeVar("T")


def open_parquet(path: Path) -> Table:
    """Open a Parquet file.

    Args:
        path: the file.

    Returns:
        Its rows; a column of lists holds one sequence per row.

    Raises:
        InvalidInput: the file is no Parquet, or polars is not installed.
    """
    polars = require("polars", "reading Parquet")
    table = _guarded(path, lambda: open_polars(polars.scan_parquet(path), BATCH))

    def rows(wanted: tuple[str, ...]) -> Iterator[Row]:
        found = table.rows(wanted)
        while (row := _guarded(path, lambda: next(found, None))) is not None:
            yield row

    return table._replace(rows=rows)


def _guarded(path: Path, action: Callable[[], T]) -> T:
    errors: Any = require("polars", "reading Parquet").exceptions.PolarsError
    try:
        return action()
    except errors as error:
        why = str(error).strip().partition("\n")[0]
        raise InvalidInput(f"{path} must be a whole Parquet file, but {why}; write or copy it again") from error
