"""Long format: one row per symbol, with the id of its sequence and its place there."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from memspan.data.read.order import Keys, Orders
from memspan.data.read.refusal import Bad, Fatal, Ledger, shown
from memspan.data.read.symbols import Buffer, Cells
from memspan.data.read.tables import Row

__all__ = ["LongNames", "LongReader", "contiguous", "gather"]


class LongNames(NamedTuple):
    """The columns of a table in long format.

    Attributes:
        column: holds the symbols.
        sequence: holds the sequences' ids; None if all rows are one sequence.
        order: holds the places; None if rows stand in order.
    """

    column: str
    sequence: str | None
    order: str | None

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return the names of the columns that are read: the symbols', the ids', the places'."""
        return tuple(name for name in self if name is not None)


class Group:
    """What is known of one sequence so far; nothing but the count of its rows once it is refused."""

    def __init__(self, values: Buffer) -> None:
        self.values = values
        self.orders: list[Any] = []
        self.places = array("q")
        self.rows = 0
        self.refused = False

    def refuse(self) -> None:
        """Forget the values."""
        self.refused = True
        self.values, self.orders, self.places = self.values[:0], [], array("q")


class LongReader:
    """Reads rows into groups and groups into sequences.

    Args:
        names: the columns.
        cells: reads one symbol.
        ledger: counts.
    """

    def __init__(self, names: LongNames, cells: Cells, ledger: Ledger) -> None:
        self.names = names
        self.ledger = ledger
        self._cells = cells
        self._keys = Keys()
        self._orders = Orders()

    def keyed(self, rows: Iterator[Row]) -> Iterator[tuple[Hashable, int, tuple[Any, ...]]]:
        """Yield the rows whose sequence is known, with its id."""
        for place, row in rows:
            try:
                if isinstance(row, Bad):
                    raise row
                key = self._keys.one(row[1]) if self.names.sequence is not None else ""
            except Bad as bad:
                self.ledger.lose_row(place, bad if bad is row else bad.about(f"column '{self.names.sequence}'"))
            else:
                yield key, place, row

    def group(self) -> Group:
        """Return an empty group."""
        return Group(self._cells.buffer())

    def add(self, group: Group, place: int, row: tuple[Any, ...]) -> None:
        """Read a row into its group."""
        group.rows += 1
        if group.refused:
            return
        subject = self.names.column
        try:
            group.values.append(self._cells.one(row[0]))
            if (subject := self.names.order) is not None:
                group.orders.append(self._orders.one(row[-1]))
                group.places.append(place)
        except Bad as bad:
            group.refuse()
            self.ledger.note(place, bad.about(f"column '{subject}'"))

    def settle(self, key: Hashable, group: Group) -> Iterator[Buffer]:
        """Yield the group's values in order, unless it is refused."""
        values = group.values if group.refused or self.names.order is None else self._sorted(key, group)
        if group.refused:
            self.ledger.lose(group.rows)
        else:
            self.ledger.take(group.rows, len(values))
            yield values

    def _sorted(self, key: Hashable, group: Group) -> Buffer:
        orders, places = group.orders, group.places
        if all(a < b for a, b in pairwise(orders)):
            return group.values
        index = sorted(range(len(orders)), key=orders.__getitem__)
        for a, b in pairwise(index):
            if orders[a] == orders[b]:
                group.refuse()
                self.ledger.note(places[b], self._twice(key, orders[b], places[a]))
                return group.values
        values = self._cells.buffer()
        values.extend(group.values[i] for i in index)
        return values

    def _twice(self, key: Hashable, order: Any, other: int) -> Bad:
        owner = "" if self.names.sequence is None else f" of sequence {shown(key)}"
        return Bad(
            f"must hold each place{owner} once, but {order} stands at {self.ledger.unit} {other:,} too; "
            "correct or delete one of them",
            f"column '{self.names.order}'",
        )


def gather(rows: Iterator[Row], reader: LongReader) -> Iterator[Buffer]:
    """Yield sequences whose rows may stand anywhere, in the order of their first rows; all are held in memory."""
    groups: dict[Hashable, Group] = {}
    for key, place, row in reader.keyed(rows):
        group = groups.get(key)
        if group is None:
            group = groups[key] = reader.group()
        reader.add(group, place, row)
    while groups:
        key = next(iter(groups))
        yield from reader.settle(key, groups.pop(key))


def contiguous(rows: Iterator[Row], reader: LongReader) -> Iterator[Buffer]:
    """Yield sequences whose rows stand together; only one, and the ids of those before, are held in memory."""
    done: set[Hashable] = set()
    current: Hashable = None
    group: Group | None = None
    for key, place, row in reader.keyed(rows):
        if group is None or key != current:
            if group is not None:
                done.add(current)
                yield from reader.settle(current, group)
            if key in done:
                reader.ledger.note(place, _returned(key, reader.names))
            current, group = key, reader.group()
        reader.add(group, place, row)
    if group is not None:
        yield from reader.settle(current, group)


def _returned(key: Hashable, names: LongNames) -> Fatal:
    return Fatal(
        f"must hold the rows of a sequence together when streaming, but {shown(key)} comes back after others; "
        "sort the rows by it or use read_sequences",
        f"column '{names.sequence}'",
    )
