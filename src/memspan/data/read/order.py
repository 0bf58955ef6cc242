"""The columns that say where a row belongs: which sequence, and where in it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import date, datetime
from typing import Any

import numpy as np

from memspan.data.read.kinds import DECIMAL, NUMBER_TEXT, WHOLE, from_object, from_text
from memspan.data.read.refusal import Bad, shown

__all__ = ["Keys", "Orders"]

# Python keeps microseconds; a finer time would be cut and could seem to come twice.
TOO_FINE = re.compile(r"[.,][0-9]{7,}")


class Keys:
    """Reads the ids of sequences: text, whole numbers or dates, all of one kind."""

    def __init__(self) -> None:
        self._kind: str | None = None
        self._last: Any = None

    def one(self, cell: Any) -> Hashable:
        """Return the id in a cell.

        Example:
            >>> Keys().one("user 7")
            'user 7'
        """
        # Rows of a sequence mostly stand together; text is what files give, and equal text is the same id.
        if type(cell) is str and cell == self._last:
            return self._last
        kind, key = from_object(cell)
        if kind == DECIMAL:
            raise Bad(f"must hold text or whole numbers, but got {shown(cell)}; write ids without a decimal point")
        if self._kind is None:
            self._kind = kind
        if kind != self._kind:
            raise Bad(f"must hold ids of one kind, {self._kind} as at first, but got {shown(cell)}, {kind}; correct it")
        self._last = key
        return key


class Orders:
    """Reads places within a sequence: numbers, or dates and times as ISO 8601 writes them, all of one kind."""

    def __init__(self) -> None:
        self._kind: str | None = None

    def one(self, cell: Any) -> Any:
        """Return a value that sorts as the places should.

        Example:
            >>> Orders().one("10") > Orders().one("9.5")
            True
            >>> Orders().one("2024-12-31T23:59") < Orders().one("2025-01-01")
            True
        """
        kind, place = _place(cell)
        if self._kind is None:
            self._kind = kind
        if kind != self._kind:
            raise Bad(
                f"must hold places of one kind, {self._kind} as at first, but got {shown(cell)}, {kind}; correct it"
            )
        return place


def _place(cell: Any) -> tuple[str, Any]:
    if isinstance(cell, str):
        return _text_place(cell)
    kind, value = from_object(cell)
    if kind in (WHOLE, DECIMAL):
        return "numbers", value
    if isinstance(value, datetime):
        return _time_kind(value), value
    if isinstance(value, date):
        return "dates", value
    raise _unordered(cell)


def _text_place(cell: str) -> tuple[str, Any]:
    kind, value = from_text(cell)
    if kind in (WHOLE, DECIMAL):
        return "numbers", value
    if NUMBER_TEXT.fullmatch(cell):
        return "numbers", float(cell)
    try:
        time = datetime.fromisoformat(cell)
    except ValueError:
        raise _unordered(cell) from None
    if TOO_FINE.search(cell):
        raise Bad(f"must hold times no finer than a microsecond, but got {shown(cell)}; write them as numbers")
    return _time_kind(time), time


def _time_kind(time: datetime) -> str:
    return "times without a zone" if time.tzinfo is None else "times with a zone"


def _unordered(cell: Any) -> Bad:
    if isinstance(cell, np.generic):
        cell = cell.item()
    return Bad(f"must hold numbers, or dates and times such as 2024-12-31T23:59, but got {shown(cell)}; write it so")
