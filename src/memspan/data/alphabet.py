"""An alphabet: the symbols that may occur, each with its place."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Any, SupportsIndex

import numpy as np
from jaxtyping import Int

from memspan.core.errors import InvalidInput, check_range

__all__ = ["Alphabet"]

SHOWN = 10


@dataclass(frozen=True)
class Alphabet:
    """Hashable symbols in a fixed order; a symbol's place in it is its id and its one-hot position.

    Two symbols that are equal to Python are one symbol: 1, 1.0 and True share a place.

    Example:
        >>> alphabet = Alphabet.of([[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]])
        >>> alphabet
        Alphabet(symbols=(0, 1, 2, 3, 4))
        >>> Alphabet(("lo", "hi")).index("hi")
        1

    Attributes:
        symbols: all symbols, each once, in the order of their places.
    """

    symbols: tuple[Hashable, ...]

    def __post_init__(self) -> None:
        if not self.symbols:
            raise InvalidInput("an alphabet must have at least one symbol, but got none; give the symbols or data")
        if any(isinstance(symbol, float) and symbol != symbol for symbol in self.symbols):
            raise InvalidInput("an alphabet must not hold NaN, which equals nothing; fill or drop missing values")
        if len(self._places) < len(self.symbols):
            twice = next(s for at, s in enumerate(self.symbols) if self._places[s] != at)
            raise InvalidInput(f"an alphabet must hold each symbol once, but got {twice!r} twice; keep one of them")

    @classmethod
    def of(cls, sequences: Iterable[Any]) -> Alphabet:
        """Infer the alphabet of several sequences: sorted if the symbols have an order, else as first seen.

        Example:
            >>> Alphabet.of(["memory"]).symbols
            ('e', 'm', 'o', 'r', 'y')
            >>> Alphabet.of([["go", 1, "stop"], [None]]).symbols
            ('go', 1, 'stop', None)

        Args:
            sequences: sequences of hashable symbols, of any lengths; a single sequence goes in a list.

        Returns:
            The alphabet of all symbols that occur.

        Raises:
            InvalidInput: a sequence is none, a symbol is not hashable or is NaN, or there is no symbol.
        """
        try:
            seen = list(dict.fromkeys(symbol for sequence in sequences for symbol in _items(sequence)))
        except TypeError as error:
            raise InvalidInput(
                "sequences must be a list of sequences of hashable symbols, such as [[3, 0], [4, 0]], but "
                f"here {error}; put a single sequence in a list and make symbols hashable"
            ) from error
        return cls(tuple(_in_order(seen)))

    @classmethod
    def of_size(cls, n_unique: int) -> Alphabet:
        """Return the tutorial's kind of alphabet: the integers 0, 1, ..., n_unique - 1.

        Example:
            >>> Alphabet.of_size(5).symbols
            (0, 1, 2, 3, 4)

        Args:
            n_unique: how many symbols, at least 1.

        Returns:
            The alphabet.

        Raises:
            InvalidInput: `n_unique` is not a whole number of at least 1.
        """
        return cls(tuple(range(check_range("n_unique", n_unique, 1))))

    def __len__(self) -> int:
        return len(self.symbols)

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {symbol: place for place, symbol in enumerate(self.symbols)}

    def index(self, symbol: Any) -> int:
        """Return a symbol's place.

        Example:
            >>> Alphabet.of_size(5).index(7)
            Traceback (most recent call last):
            memspan.core.errors.InvalidInput: a symbol must be one of the alphabet's 5 (0, 1, 2, 3, 4), but
            got 7; correct it or make the alphabet from all sequences with Alphabet.of(sequences)

        Args:
            symbol: one symbol of the alphabet.

        Returns:
            Its place, from 0 to len(alphabet) - 1.

        Raises:
            InvalidInput: the symbol is not in the alphabet.
        """
        try:
            return self._places[symbol]
        except (KeyError, TypeError):
            shown = ", ".join(repr(known) for known in islice(self.symbols, SHOWN))
            more = ", ..." if len(self) > SHOWN else ""
            raise InvalidInput(
                f"a symbol must be one of the alphabet's {len(self):,} ({shown}{more}), but got {symbol!r}; "
                "correct it or make the alphabet from all sequences with Alphabet.of(sequences)"
            ) from None

    def ids(self, sequence: Iterable[Any]) -> Int[np.ndarray, " time"]:
        """Return the places of a sequence's symbols, as 32-bit integers.

        Example:
            >>> Alphabet.of(["memory"]).ids("rom")
            array([3, 2, 1], dtype=int32)

        Args:
            sequence: symbols of the alphabet.

        Returns:
            One place per symbol.

        Raises:
            InvalidInput: a symbol is not in the alphabet.
        """
        return np.array([self.index(symbol) for symbol in _items(sequence)], dtype=np.int32)

    def symbols_at(self, ids: Iterable[SupportsIndex]) -> list[Hashable]:
        """Return the symbols at some places: the way back from `ids`.

        Example:
            >>> Alphabet.of(["memory"]).symbols_at([3, 2, 1])
            ['r', 'o', 'm']

        Args:
            ids: places, each from 0 to len(alphabet) - 1.

        Returns:
            One symbol per place.

        Raises:
            InvalidInput: a place lies outside the alphabet.
        """
        return [self.symbols[check_range("a symbol's place", operator.index(place), 0, len(self) - 1)] for place in ids]


def _items(sequence: Any) -> list[Any]:
    # An array gives NumPy scalars; numbers and text read better as Python's own, and are equal to them.
    if isinstance(sequence, np.ndarray) and sequence.dtype.kind in "biufU":
        return sequence.tolist()
    return list(sequence)


def _in_order(symbols: list[Any]) -> list[Any]:
    try:
        ordered = sorted(symbols)
        # Sets compare without error but have no total order: their sorting depends on what was seen first.
        total = all(a < b for a, b in pairwise(ordered))
    except TypeError:
        return symbols
    return ordered if total else symbols
