"""What every source is turned into: a table with named columns, or sequences one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from memspan.data.read.kinds import Interpret
from memspan.data.read.refusal import Bad

__all__ = ["Item", "Items", "Row", "Table", "look_ahead"]

LOOKED_AT = 100

Row = tuple[int, tuple[Any, ...] | Bad]
"""A place and the cells asked for."""


class Table(NamedTuple):
    """Rows with named columns.

    Attributes:
        columns: their names.
        header: the line that names them, or None.
        rows: from names of columns to rows with these cells, each read once, in order.
        interpret: how its cells are to be understood.
    """

    columns: tuple[str, ...]
    header: int | None
    rows: Callable[[tuple[str, ...]], Iterator[Row]]
    interpret: Interpret


class Item(NamedTuple):
    """One sequence as it stands in the source.

    Attributes:
        place: where it begins.
        rows: how many rows it takes.
        content: its symbols, or text to be cut into them.
    """

    place: int
    rows: int
    content: Any | Bad


class Items(NamedTuple):
    """Sequences one by one.

    Attributes:
        items: the sequences, each read once, in order.
        interpret: how their symbols are to be understood.
    """

    items: Iterator[Item]
    interpret: Interpret


def look_ahead(records: Iterator[tuple[int, Any]]) -> tuple[Any, Iterator[tuple[int, Any]]]:
    """Return the first record that is not malformed, and all records.

    Args:
        records: places with what stands there; the first hundred are looked at.

    Returns:
        What stands at the first good place, or None, and an iterator over everything from the start.
    """
    looked: list[tuple[int, Any]] = []
    for place, found in records:
        looked.append((place, found))
        if not isinstance(found, Bad):
            return found, chain(looked, records)
        if len(looked) == LOOKED_AT:
            break
    return None, chain(looked, records)
