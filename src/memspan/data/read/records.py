"""A Python iterable: of sequences, or of records with named fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, cast

from memspan.core.errors import InvalidInput, nearest
from memspan.data.read.kinds import from_object
from memspan.data.read.refusal import Bad, shown
from memspan.data.read.tables import Item, Items, Row, Table, look_ahead

__all__ = ["Record", "from_records", "open_iterable"]

Record = tuple[int, Any | Bad]


def open_iterable(source: Iterable[Any]) -> Table | Items:
    """Open an iterable.

    Example:
        >>> open_iterable([{"id": 1, "symbol": "a"}]).columns
        ('id', 'symbol')
    """
    return from_records(enumerate(source))


def from_records(records: Iterator[Record]) -> Table | Items:
    """Return a table if the first good record has named fields, else sequences.

    Args:
        records: places with mappings, or places with sequences; `Bad` where neither could be read.
    """
    first, everything = look_ahead(records)
    if isinstance(first, Mapping):
        return _table(cast("Mapping[Any, Any]", first), everything)
    return Items((Item(place, 1, content) for place, content in everything), from_object)


def _table(first: Mapping[Any, Any], records: Iterator[Record]) -> Table:
    columns = tuple(first)
    if not all(isinstance(name, str) for name in columns):
        raise InvalidInput(f"records must name their fields with text, but got {shown(columns)}; rename them")
    return Table(columns, None, partial(_rows, records), from_object)


def _rows(records: Iterator[Record], wanted: tuple[str, ...]) -> Iterator[Row]:
    for place, record in records:
        yield place, record if isinstance(record, Bad) else _cells(record, wanted)


def _cells(record: Any, wanted: tuple[str, ...]) -> tuple[Any, ...] | Bad:
    if not isinstance(record, Mapping):
        return Bad(f"must be a record with named fields, as the first one is, but got {shown(record)}; correct it")
    fields = cast("Mapping[str, Any]", record)
    for name in wanted:
        if name not in fields:
            guess = nearest(name, [str(known) for known in fields])
            advice = f"did you mean '{guess}'?" if guess else "add it"
            return Bad(f"must have a field '{name}', but has {', '.join(map(str, fields)) or 'none'}; {advice}")
    return tuple([fields[name] for name in wanted])
