"""One-hot encoding: the tutorial's binary vectors, and the way back."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sized
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.data.alphabet import Alphabet
from memspan.data.table import Table, to_series

__all__ = ["decode", "encode", "one_hot"]


def encode(sequence: Iterable[Any], n_unique: int | Alphabet) -> list[list[float]]:
    """Return one binary vector per symbol, as lists of 0.0 and 1.0.

    Example:
        >>> for vector in encode([3, 0, 1, 2, 3], 5):
        ...     print(vector)
        [0.0, 0.0, 0.0, 1.0, 0.0]
        [1.0, 0.0, 0.0, 0.0, 0.0]
        [0.0, 1.0, 0.0, 0.0, 0.0]
        [0.0, 0.0, 1.0, 0.0, 0.0]
        [0.0, 0.0, 0.0, 1.0, 0.0]
        >>> encode(["hi", "lo"], Alphabet(("lo", "hi")))
        [[0.0, 1.0], [1.0, 0.0]]

    Args:
        sequence: symbols of the alphabet.
        n_unique: the size of an alphabet of integers 0, 1, ... as in the tutorial, or the alphabet itself.

    Returns:
        One vector per symbol, as long as the alphabet.

    Raises:
        InvalidInput: a symbol is not in the alphabet, or the size is not a whole number of at least 1.
    """
    return one_hot(sequence, n_unique).tolist()


def one_hot(sequence: Iterable[Any], n_unique: int | Alphabet) -> Float[np.ndarray, "time feature"]:
    """Return the vectors of `encode` as one array; float32, which holds 0 and 1 exactly.

    Example:
        >>> one_hot([3, 0, 1, 2, 3], 5).shape
        (5, 5)

    Args:
        sequence: symbols of the alphabet.
        n_unique: the size of an alphabet of integers 0, 1, ..., or the alphabet itself.

    Returns:
        One row per symbol.

    Raises:
        InvalidInput: a symbol is not in the alphabet, or the size is not a whole number of at least 1.
    """
    alphabet = _alphabet(n_unique)
    ids = alphabet.ids(sequence)
    vectors = np.zeros((len(ids), len(alphabet)), dtype=np.float32)
    vectors[np.arange(len(ids)), ids] = 1
    return vectors


def decode(vectors: Table, n_unique: int | Alphabet) -> list[Hashable]:
    """Return the symbol at each vector's largest value: the way back from `encode` and from predictions.

    Example:
        >>> decode(encode([3, 0, 1, 2, 3], 5), 5)
        [3, 0, 1, 2, 3]
        >>> decode([[0.1, 0.7], [0.8, 0.3]], Alphabet(("lo", "hi")))
        ['hi', 'lo']

    Args:
        vectors: one vector per symbol, binary or a network's outputs, as long as the alphabet.
        n_unique: the size of an alphabet of integers 0, 1, ..., or the alphabet itself.

    Returns:
        One symbol per vector.

    Raises:
        InvalidInput: the vectors are ragged, hold NaN, are not as long as the alphabet, or have no single
            largest value, as a padding vector of zeros has not.
    """
    alphabet = _alphabet(n_unique)
    if isinstance(vectors, Sized) and len(vectors) == 0:
        return []
    rows = to_series(vectors, "vectors")
    if rows.shape[1] != len(alphabet):
        raise InvalidInput(
            f"vectors must be as long as the alphabet, {len(alphabet):,}, but got length {rows.shape[1]:,}; "
            "give the alphabet they were encoded with"
        )
    largest = rows == rows.max(axis=1, keepdims=True)
    places = largest.sum(axis=1)
    if (ties := np.flatnonzero(places > 1)).size:
        raise InvalidInput(
            f"each vector must have one largest value, but vector {ties[0]} has it at {places[ties[0]]} places; "
            "leave out padding with its mask, and break ties of predictions by a choice of your own"
        )
    return alphabet.symbols_at(largest.argmax(axis=1).tolist())


def _alphabet(n_unique: int | Alphabet) -> Alphabet:
    return n_unique if isinstance(n_unique, Alphabet) else Alphabet.of_size(n_unique)
