"""From cells to symbols: all of one kind, each distinct one kept once."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, MutableSequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Int

from memspan.data.read.kinds import DECIMAL, EMPTY, WHOLE, Interpret, is_missing
from memspan.data.read.refusal import Bad, Fatal, shown

__all__ = ["Buffer", "Cells", "Numbers", "SymbolIds", "Symbols", "Values", "read_all"]

Values = Literal["integers", "numbers", "text"]
Buffer = MutableSequence[Any]

ALLOWED = {"integers": {WHOLE}, "numbers": {WHOLE, DECIMAL}}


class Symbols:
    """Reads symbols; without `values`, the first one decides of which kind all must be.

    Args:
        values: "integers", "numbers" (each distinct number is a symbol), "text", or None for the first one's kind.
        interpret: how a cell of this source is to be understood.
    """

    def __init__(self, values: Values | None, interpret: Interpret) -> None:
        self._values = values
        self._interpret = interpret
        self._kind: str | None = None
        # The type is part of the key: 1, 1.0 and True are equal but of different kinds.
        self._known: dict[tuple[type, Any], Hashable] = {}

    def buffer(self) -> Buffer:
        """Return an empty list."""
        return []

    def one(self, cell: Any) -> Hashable:
        """Return the symbol in a cell, the same object each time."""
        try:
            return self._known[type(cell), cell]
        except (KeyError, TypeError):
            symbol = self._as_text(cell) if self._values == "text" else self._of_kind(cell)
        self._known[type(cell), cell] = symbol
        return symbol

    def _as_text(self, cell: Any) -> str:
        if is_missing(cell):
            raise Bad(EMPTY)
        return cell if isinstance(cell, str) else str(self._interpret(cell)[1])

    def _of_kind(self, cell: Any) -> Hashable:
        kind, value = self._interpret(cell)
        if self._values is not None:
            if kind not in ALLOWED[self._values]:
                raise Bad(f"must hold {self._values}, but got {shown(cell)}; correct it or pass values='text'")
            return value
        if self._kind is None:
            self._kind = _checked_first(kind, cell)
        if kind != self._kind:
            raise Bad(
                f"must hold values of one kind, {self._kind} as at first, but got {shown(cell)}, {kind}; "
                "correct it or say what to read with values='text', 'integers' or 'numbers'"
            )
        return value


class Numbers:
    """Reads numbers that are to be binned.

    Args:
        one: returns the number in a cell of this source.
    """

    def __init__(self, one: Callable[[Any], float]) -> None:
        self.one = one

    def buffer(self) -> Buffer:
        """Return an empty array of 64-bit floats."""
        return array("d")


class SymbolIds:
    """Turns sequences of symbols into ids, in the order in which symbols are first seen."""

    def __init__(self) -> None:
        self._places = _Places()

    @property
    def alphabet(self) -> tuple[Hashable, ...]:
        """Return the symbols seen so far, each at its id."""
        return tuple(self._places)

    def encode(self, sequences: Iterable[Buffer]) -> Iterator[Int[np.ndarray, " time"]]:
        """Yield the ids of each sequence."""
        for symbols in sequences:
            yield np.fromiter(map(self._places.__getitem__, symbols), np.int32, len(symbols))


class _Places(dict[Hashable, int]):
    def __missing__(self, symbol: Hashable) -> int:
        place = self[symbol] = len(self)
        return place


Cells = Symbols | Numbers
"""Reads cells: into symbols, or into numbers for bins."""


def read_all(cells: Cells, content: Iterable[Any]) -> Buffer:
    """Return a whole sequence; `Bad` names the symbol, counted from 1, that is malformed.

    Example:
        >>> list(read_all(Numbers(float), ["1", "2.5"]))
        [1.0, 2.5]
    """
    found = cells.buffer()
    try:
        for cell in content:
            found.append(cells.one(cell))
    except Bad as bad:
        raise bad.about(f"symbol {len(found) + 1:,} of the sequence") from None
    if not found:
        raise Bad("must hold at least one symbol, but the sequence is empty; fill it or leave it out")
    return found


def _checked_first(kind: str, cell: Any) -> str:
    if kind == DECIMAL:
        raise Fatal(
            f"must hold symbols, but got {shown(cell)}, a decimal number; name a binning, such as "
            "bins=Bins('quantile', 8), or pass values='numbers' to make each distinct number a symbol"
        )
    return kind
