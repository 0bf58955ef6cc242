"""CSV and TSV: a header line with names, then one record per row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from memspan.core.errors import InvalidInput
from memspan.data.read.kinds import DECIMAL, WHOLE, from_text
from memspan.data.read.lines import read_lines
from memspan.data.read.refusal import Bad, Fatal
from memspan.data.read.tables import Row, Table

__all__ = ["open_delimited"]

Record = tuple[int, list[str] | Bad]


def open_delimited(path: Path, delimiter: str, names: tuple[str, ...] | None, max_line: int) -> Table:
    """Open a file with delimited fields; quotes are as the csv module has them, strictly.

    Args:
        path: the file.
        delimiter: one character between fields.
        names: the columns' names if the file has no header line.
        max_line: bytes of the longest line allowed.

    Returns:
        Its rows, of text.

    Raises:
        InvalidInput: the header line is malformed.
    """
    records = _records(read_lines(path, max_line), delimiter)
    columns = names if names is not None else _header(path, next(records, (1, [])))
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise InvalidInput(f"{path}, line 1: columns must have different names, but got {twice!r} twice; rename one")
    return Table(columns, 1, partial(_rows, records, columns), from_text)


def _header(path: Path, record: Record) -> tuple[str, ...]:
    line, fields = record
    if isinstance(fields, Bad):
        raise InvalidInput(f"{path}, line {line:,}: the line {fields.reason}")
    if not fields:
        raise InvalidInput(f"{path}, line {line}: the header must name the columns, but is blank; add a header line")
    for field in fields:
        # Without a header the first row of data would be taken for one and be lost without a word.
        if field and field.lower() != "nan" and from_text(field)[0] in (WHOLE, DECIMAL):
            raise InvalidInput(
                f"{path}, line {line}: the header must name the columns, but got the number {field}; "
                "add a header line or pass names"
            )
    return tuple(fields)


def _rows(records: Iterator[Record], columns: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Row]:
    at = [columns.index(name) for name in wanted]
    for line, fields in records:
        if isinstance(fields, Bad):
            yield line, fields
        elif len(fields) != len(columns):
            yield line, _miscounted(len(fields), len(columns))
        else:
            yield line, tuple([fields[i] for i in at])


def _miscounted(got: int, expected: int) -> Bad:
    what = f"has {got:,}" if got else "is blank"
    return Bad(f"must have {expected:,} fields, as many as there are columns, but {what}; correct or delete it")


def _records(lines: Iterator[tuple[int, str | Bad]], delimiter: str) -> Iterator[Record]:
    """Yield each record with the number of its first line, or of its malformed one; it may span several lines."""
    last, faults = 0, list[tuple[int, Bad]]()

    def feed() -> Iterator[str]:
        nonlocal last
        for last, line in lines:
            if isinstance(line, Bad):
                # Without its text, the quotes of a line and so the records after it cannot be told.
                faults.append((last, line if line.text is not None else Fatal(line.reason)))
                line = line.text or "\n"
            yield line

    reader = csv.reader(feed(), delimiter=delimiter, strict=True)
    while True:
        first = last + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fields = Bad(f"must be a well-formed record, but {error} (up to line {last:,}); correct its quotes")
        yield faults[0] if faults else (first, fields)
        faults.clear()
