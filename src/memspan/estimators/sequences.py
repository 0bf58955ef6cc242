"""What users call X, as rows of symbols or of vectors: an array, a table, or a list of sequences of any lengths."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Shaped

from memspan.core.errors import InvalidInput

__all__ = ["Rows", "alphabet_of", "hold_symbols", "ids", "vectors"]


class Rows(NamedTuple):
    """Sequences as a network reads them.

    Attributes:
        values: for each sequence its symbols' positions in the alphabet, or a vector for each step.
        n_inputs: size of the input vector.
    """

    values: list[Shaped[np.ndarray, "time ..."]]
    n_inputs: int


def hold_symbols(X: Any) -> bool:
    """Return whether X is a list of sequences of symbols: words, or whole numbers, that are not in an array.

    Example:
        >>> hold_symbols(["abc", "de"]), hold_symbols([[1, 2], [3]]), hold_symbols([[1.0, 2.0]])
        (True, True, False)
        >>> hold_symbols(np.array([[1, 2]])), hold_symbols(np.array([["a", "b"]]))
        (False, True)

    Args:
        X: what the user gave.
    """
    if isinstance(X, np.ndarray) or hasattr(X, "__array__"):
        array = np.asarray(X)
        if array.dtype.kind in "US":
            return True
        # A column of objects is one of sequences; a table of objects is one of numbers.
        return array.dtype.kind == "O" and array.ndim == 1 and len(array) > 0 and hold_symbols(array.tolist())
    first: Any = next(iter(X), None) if isinstance(X, Sequence) else None
    if isinstance(first, str):
        return True
    item: Any = first[0] if isinstance(first, Sequence) and len(first) else 0.0
    return isinstance(item, str) or not isinstance(item, float | np.floating | Sequence | np.ndarray)


def alphabet_of(X: Iterable[Iterable[Hashable]]) -> tuple[Any, ...]:
    """Return all symbols that occur, sorted where they can be, else in the order of appearance.

    Example:
        >>> alphabet_of(["cab", "bd"])
        ('a', 'b', 'c', 'd')

    Args:
        X: sequences of symbols.

    Raises:
        InvalidInput: a symbol cannot be hashed.
    """
    try:
        symbols = dict.fromkeys(symbol for row in X for symbol in row)
    except TypeError:
        raise InvalidInput(
            "X must be a list of sequences whose symbols Python can hash, but got others; use words or whole numbers"
        ) from None
    try:
        return tuple(sorted(symbols))  # pyright: ignore[reportArgumentType]
    except TypeError:
        return tuple(symbols)


def ids(X: Any, alphabet: tuple[Any, ...]) -> Rows:
    """Return sequences of symbols as their positions in an alphabet.

    Example:
        >>> ids(["ba"], ("a", "b"))
        Rows(values=[array([1, 0], dtype=int32)], n_inputs=2)

    Args:
        X: sequences of symbols.
        alphabet: the symbols that there are.

    Raises:
        InvalidInput: a sequence is empty or has another symbol.
    """
    known = {symbol: position for position, symbol in enumerate(alphabet)}
    rows: list[np.ndarray] = []
    for number, row in enumerate(X):
        try:
            rows.append(np.array([known[symbol] for symbol in row], np.int32))
        except (KeyError, TypeError):
            strange = next((symbol for symbol in row if symbol not in known), row) if hasattr(row, "__iter__") else row
            shown = ", ".join(map(str, alphabet[:12]))
            raise InvalidInput(
                f"X must be sequences of the symbols {shown}{', ...' if len(alphabet) > 12 else ''}, but sequence "
                f"{number} has {strange!r}; give all symbols there can be as alphabet=..."
            ) from None
    return Rows(_none_empty(rows), len(alphabet))


def vectors(X: Iterable[Any]) -> Rows:
    """Return sequences of numbers, of any lengths, as one vector a step.

    Example:
        >>> rows = vectors([[1.0, 2.0], [3.0]])
        >>> [row.shape for row in rows.values], rows.n_inputs
        ([(2, 1), (1, 1)], 1)

    Args:
        X: for each sequence [time] or [time, feature].

    Raises:
        InvalidInput: a sequence is empty, is not of finite numbers, or has other features than the first.
    """
    rows: list[Any] = []
    for number, row in enumerate(X):
        try:
            values: Any = np.asarray(row, np.float32)
        except (TypeError, ValueError):
            values = np.zeros(())
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2 or not np.isfinite(values).all() or (rows and values.shape[1] != rows[0].shape[1]):
            wanted = f"[time, {rows[0].shape[1]}]" if rows else "[time] or [time, feature]"
            raise InvalidInput(
                f"X must be sequences of finite numbers {wanted}, but sequence {number} is not; see what it holds"
            )
        rows.append(values)
    return Rows(_none_empty(rows), rows[0].shape[1])


def _none_empty(rows: list[Any]) -> list[Any]:
    if not rows:
        raise InvalidInput("X must hold at least one sequence (0 sample(s)), but got none; a minimum of 1 is required")
    empty = [number for number, row in enumerate(rows) if not len(row)]
    if empty:
        raise InvalidInput(f"X must hold sequences of one step or more, but sequence {empty[0]} is empty; leave it out")
    return rows
