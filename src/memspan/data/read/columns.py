"""One column of symbols per sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memspan.data.read.kinds import EMPTY, is_missing
from memspan.data.read.refusal import Bad, Ledger
from memspan.data.read.symbols import Buffer, Cells
from memspan.data.read.tables import Row

__all__ = ["columns"]


def columns(rows: Iterator[Row], names: tuple[str, ...], cells: Cells, ledger: Ledger) -> Iterator[Buffer]:
    """Yield the columns that are well formed, once all rows are read.

    Of several columns the shorter ones end with empty cells. A row that could not be read refuses all columns,
    for it leaves a gap in each.

    Args:
        rows: cells of these columns.
        names: the columns' names.
        cells: reads one symbol.
        ledger: counts.
    """
    found = [_Column(name, cells, len(names) > 1) for name in names]
    count, place = 0, 0
    for place, row in rows:
        count += 1
        for bad in _add(found, place, row):
            ledger.note(place, bad)
    if not count:
        return
    for column in found:
        if not column.values and not column.refused:
            ledger.note(place, Bad("must hold at least one symbol, but is empty; leave it out", column.subject))
            column.refused = True
    good = [column for column in found if not column.refused]
    for _ in range(len(found) - len(good)):
        ledger.lose(rows=0)
    if not good:
        ledger.rows_refused += count
    for column in good:
        # The columns share their rows, which count once.
        ledger.take(count if column is good[0] else 0, len(column.values))
        yield column.values


class _Column:
    def __init__(self, name: str, cells: Cells, may_end: bool) -> None:
        self.subject = f"column '{name}'"
        self.values = cells.buffer()
        self.refused = False
        self._one = cells.one
        self._may_end = may_end
        self._ended: int | None = None

    def add(self, place: int, cell: Any) -> None:
        if self._may_end and is_missing(cell):
            self._ended = place if self._ended is None else self._ended
            return
        if self._ended is not None:
            raise Bad(f"must hold values without a gap, but is empty from {self._ended:,} on and not here; fill it")
        self.values.append(self._one(cell))

    def refuse(self) -> None:
        self.refused = True
        self.values = self.values[:0]


def _add(found: list[_Column], place: int, row: tuple[Any, ...] | Bad) -> Iterator[Bad]:
    if not isinstance(row, Bad) and all(map(is_missing, row)) and len(row) > 1:
        row = Bad(EMPTY)
    if isinstance(row, Bad):
        for column in found:
            column.refuse()
        yield row
        return
    for column, cell in zip(found, row, strict=True):
        try:
            if not column.refused:
                column.add(place, cell)
        except Bad as bad:
            column.refuse()
            yield bad.about(column.subject)
