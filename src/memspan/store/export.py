"""A store's table for other programs: CSV, JSON Lines, Parquet, and frames of pandas and polars."""

from __future__ import annotations

import csv
import importlib
import json
import math
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from memspan.core.errors import InvalidInput
from memspan.store.identity import Plain
from memspan.store.table import Table

__all__ = ["Sink", "to_pandas", "to_polars", "write_csv", "write_json_lines", "write_parquet"]

PANDAS = {"text": "string", "whole": "Int64", "real": "float64", "truth": "boolean"}
POLARS = {"text": "String", "whole": "Int64", "real": "Float64", "truth": "Boolean"}


@runtime_checkable
class Sink(Protocol):
    """What takes text: an open file, standard output, a `StringIO`."""

    def write(self, text: str, /) -> object:
        """Take some text."""
        ...


def write_csv(table: Table, to: Sink) -> None:
    """Write a table as CSV: nothing is an empty cell, numbers have all their digits, lines end in a line feed.

    Args:
        table: what to write.
        to: a text file or standard output.
    """
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows():
        writer.writerow([_cell(value) for value in row])


def write_json_lines(table: Table, to: Sink) -> None:
    """Write a table as one JSON object a line; what JSON has no number for, NaN and infinity, is null.

    Args:
        table: what to write.
        to: a text file or standard output.
    """
    names = [column.name for column in table.columns]
    for row in table.rows():
        plain = [None if isinstance(value, float) and not math.isfinite(value) else value for value in row]
        to.write(json.dumps(dict(zip(names, plain, strict=True)), ensure_ascii=False) + "\n")


def write_parquet(table: Table, path: Path) -> None:
    """Write a table as a Parquet file.

    Args:
        table: what to write.
        path: the file; one that is there is replaced.

    Raises:
        InvalidInput: polars is not installed.
        OSError: it cannot be written there.
    """
    frame = to_polars(table)
    with path.open("wb") as file:
        frame.write_parquet(file)


def to_pandas(table: Table) -> Any:
    """Return a table as a pandas frame, whose types know of missing values.

    Args:
        table: what to show.

    Raises:
        InvalidInput: pandas is not installed.
    """
    pandas = _library("pandas", "a pandas frame")
    return pandas.DataFrame({name: pandas.array(values, dtype=PANDAS[kind]) for name, kind, values in _columns(table)})


def to_polars(table: Table) -> Any:
    """Return a table as a polars frame.

    Args:
        table: what to show.

    Raises:
        InvalidInput: polars is not installed.
    """
    polars = _library("polars", "a polars frame")
    return polars.DataFrame(
        [polars.Series(name, values, getattr(polars, POLARS[kind])) for name, kind, values in _columns(table)]
    )


def _columns(table: Table) -> list[tuple[str, str, list[Plain]]]:
    rows = list(table.rows())
    return [(column.name, column.kind, [row[place] for row in rows]) for place, column in enumerate(table.columns)]


def _cell(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _library(name: str, purpose: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InvalidInput(
            f"{purpose} must have {name}, but {error}; install it with pip install 'memspan[frames]'"
        ) from error
