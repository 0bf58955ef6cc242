"""Input-output pairs: from a sequence to the X and y that teach the next symbol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, overload

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput, check_range
from memspan.data.alphabet import Alphabet
from memspan.data.onehot import one_hot
from memspan.data.supervised import to_supervised

__all__ = ["to_lstm_dataset", "to_xy_pairs"]

Item = TypeVar("Item")


@overload
def to_xy_pairs(encoded: Sequence[Item], window: None = None) -> tuple[list[Item], list[Item]]: ...
@overload
def to_xy_pairs(encoded: Sequence[Item], window: int) -> tuple[list[list[Item]], list[Item]]: ...
def to_xy_pairs(encoded: Sequence[Item], window: int | None = None) -> tuple[list[Any], list[Item]]:
    """Return the inputs X and the outputs y: each item, or window of items, and the item that follows it.

    Example:
        >>> X, y = to_xy_pairs([3, 0, 1, 2, 3])
        >>> list(zip(X, y))
        [(3, 0), (0, 1), (1, 2), (2, 3)]
        >>> X, y = to_xy_pairs([3, 0, 1, 2, 3], window=2)
        >>> list(zip(X, y))
        [([3, 0], 1), ([0, 1], 2), ([1, 2], 3)]

    Args:
        encoded: the vectors that `encode` gives, or any other items.
        window: items per input; None, the tutorial's form, gives each single item as it is, not in a list.

    Returns:
        X and y, lists of equal length.

    Raises:
        InvalidInput: the window is below 1 or leaves no item to predict.
    """
    width = 1 if window is None else check_range("window", window, 1)
    _check_window(width, len(encoded))
    y = list(encoded[width:])
    if window is None:
        return list(encoded[:-1]), y
    return [list(encoded[start : start + width]) for start in range(len(y))], y


def to_lstm_dataset(
    sequence: Iterable[Any], n_unique: int | Alphabet, window: int = 1
) -> tuple[Float[np.ndarray, "sample window feature"], Float[np.ndarray, "sample feature"]]:
    """Return X and y ready for an LSTM: one-hot windows of a sequence, and the one-hot symbol after each.

    Example:
        >>> X, y = to_lstm_dataset([3, 0, 1, 2, 3], 5)
        >>> X.shape, y.shape
        ((4, 1, 5), (4, 5))
        >>> X[0].tolist(), y[0].tolist()
        ([[0.0, 0.0, 0.0, 1.0, 0.0]], [1.0, 0.0, 0.0, 0.0, 0.0])

    Args:
        sequence: symbols of the alphabet.
        n_unique: the size of an alphabet of integers 0, 1, ... as in the tutorial, or the alphabet itself.
        window: symbols per sample (time steps), at least 1.

    Returns:
        X and y, one sample per predicted symbol, in order; float32, which holds 0 and 1 exactly.

    Raises:
        InvalidInput: a symbol is not in the alphabet, or the window is below 1 or leaves nothing to predict.
    """
    vectors = one_hot(sequence, n_unique)
    _check_window(check_range("window", window, 1), len(vectors))
    X, y = to_supervised(vectors, window)
    return X, y[:, 0]


def _check_window(window: int, length: int) -> None:
    if window >= length:
        raise InvalidInput(
            f"window must be shorter than the sequence, which has length {length:,}, but got {window:,}; use "
            "a shorter window or a longer sequence"
        )
