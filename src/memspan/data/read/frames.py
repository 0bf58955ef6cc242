"""Frames of pandas and polars, and series as frames with one column."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from memspan.core.errors import InvalidInput
from memspan.data.read.kinds import from_object
from memspan.data.read.tables import Row, Table

__all__ = ["frame_library", "open_pandas", "open_polars", "require"]

BATCH = 2**16


def require(library: str, purpose: str) -> ModuleType:
    """Import a library that is not part of the core, or say what to install.

    Example:
        >>> require("no_such_library", "reading Parquet")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: reading Parquet must have no_such_library, but No module named
        'no_such_library'; install it with pip install 'memspan[frames]'

    Args:
        library: the module's name.
        purpose: what it is needed for.

    Raises:
        InvalidInput: it cannot be imported.
    """
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise InvalidInput(
            f"{purpose} must have {library}, but {error}; install it with pip install 'memspan[frames]'"
        ) from error


def frame_library(source: object) -> str | None:
    """Return the library whose frame or series this is, without importing any.

    Example:
        >>> frame_library([1, 2]) is None
        True
    """
    library = type(source).__module__.partition(".")[0]
    if library in ("pandas", "polars") and type(source).__name__ in ("DataFrame", "LazyFrame", "Series"):
        return library
    return None


def open_pandas(source: Any) -> Table:
    """Open a pandas frame or series; missing values of any type are empty cells."""
    frame = source.to_frame() if type(source).__name__ == "Series" else source
    columns = _distinct(tuple(str(name) for name in frame.columns))
    return Table(columns, None, partial(_pandas_rows, frame, columns), from_object)


def _pandas_rows(frame: Any, columns: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Row]:
    at = [columns.index(name) for name in wanted]
    for start in range(0, len(frame), BATCH):
        cells = [_pandas_cells(frame.iloc[start : start + BATCH, i]) for i in at]
        yield from enumerate(zip(*cells, strict=True), start)


def _pandas_cells(series: Any) -> list[Any]:
    # NaN in a column of numbers stays NaN, so that an error calls it by its name.
    cells = series.tolist()
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iufb":
        return cells
    return [None if missing is True else cell for cell, missing in zip(cells, series.isna().tolist(), strict=True)]


def open_polars(source: Any, batch: int = BATCH) -> Table:
    """Open a polars frame, lazy frame or series; a lazy one is collected a batch of rows at a time."""
    frame = source.to_frame() if type(source).__name__ == "Series" else source
    frame = frame.lazy()
    columns = tuple(frame.collect_schema().names())
    return Table(columns, None, partial(_polars_rows, frame, batch), from_object)


def _polars_rows(frame: Any, batch: int, wanted: tuple[str, ...]) -> Iterator[Row]:
    import polars as pl

    frame = frame.select(pl.col(name) for name in wanted)
    # A Python datetime would cut nanoseconds; the whole numbers behind them keep the order.
    fine = [name for name, kind in frame.collect_schema().items() if getattr(kind, "time_unit", None) == "ns"]
    frame = frame.with_columns(pl.col(name).to_physical() for name in fine)
    start = 0
    while rows := frame.slice(start, batch).collect().rows():
        yield from enumerate(rows, start)
        start += batch


def _distinct(columns: tuple[str, ...]) -> tuple[str, ...]:
    for name in columns:
        if columns.count(name) > 1:
            raise InvalidInput(f"columns of a frame must have different names, but got '{name}' twice; rename one")
    return columns
