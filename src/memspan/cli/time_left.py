"""How long a study will still take, guessed from how long it has taken."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memspan.studies.span import Cell

__all__ = ["AtOnce", "OneByOne"]


class OneByOne:
    """Guesses the time left of cells that come one after the other.

    Training goes on at its speed so far, and every cell to come is compiled first.

    Args:
        cells: how many have something to do.
    """

    def __init__(self, cells: int) -> None:
        self._to_come = cells
        self._begun = self._first = 0.0
        self._compiling: list[float] = []
        self._training = 0.0
        self._cell: Cell | None = None

    def begin(self) -> None:
        """A cell is to be compiled, the one before it is done."""
        now = time.monotonic()
        if self._cell is not None:
            self._training += now - self._first
            self._cell = None
        self._begun = now

    def at(self, share: float, cell: Cell) -> float:
        """Return the seconds left.

        Args:
            share: of all training that is done.
            cell: the one under way.
        """
        now = time.monotonic()
        if self._cell is not cell:
            self._cell, self._first = cell, now
            self._compiling.append(now - self._begun)
        each = sum(self._compiling) / len(self._compiling)
        trained = self._training + now - self._first
        return trained * (1 - share) / share + each * (self._to_come - len(self._compiling))


class AtOnce:
    """Guesses the time left of cells that are under way together: what is left goes as fast as what is done."""

    def __init__(self) -> None:
        self._begun: float | None = None

    def begin(self) -> None:
        """The first cell begins, or another one is done."""
        self._begun = time.monotonic() if self._begun is None else self._begun

    def at(self, share: float, cell: Cell) -> float:
        """Return the seconds left.

        Args:
            share: of all training that is done.
            cell: any of those under way.
        """
        del cell
        return (time.monotonic() - (self._begun or 0.0)) * (1 - share) / share if share else 0.0
