"""JSON Lines: one object, or one sequence, per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from memspan.data.read.lines import bare, read_lines
from memspan.data.read.records import Record, from_records
from memspan.data.read.refusal import Bad, shown
from memspan.data.read.tables import Items, Table

__all__ = ["open_jsonlines"]


def open_jsonlines(path: Path, max_line: int) -> Table | Items:
    """Open a file with one JSON value per line: an object with named fields, an array, or a string.

    Args:
        path: the file.
        max_line: bytes of the longest line allowed.

    Returns:
        A table if the first line is an object, else one sequence per line.
    """
    return from_records(_parsed(path, max_line))


def _parsed(path: Path, max_line: int) -> Iterator[Record]:
    for number, line in read_lines(path, max_line):
        yield number, line if isinstance(line, Bad) else _value(bare(line))


def _value(line: str) -> Any | Bad:
    try:
        return json.loads(line, object_pairs_hook=_object, parse_constant=_constant)
    except Bad as bad:
        return bad
    except (ValueError, RecursionError) as error:
        problem = "is blank" if not line.strip() else f"got {shown(line)} ({error})"
        return Bad(f"must be one JSON value, but {problem}; correct or delete it")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Bad(f"must have each field once, but has {shown(twice)} twice; keep one")
    return fields


def _constant(name: str) -> NoReturn:
    raise Bad(f"must hold only finite numbers, but holds {name}; fill it or leave its sequence out")
