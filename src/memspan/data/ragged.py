"""Ragged sequences: several of unequal length as one padded array and a mask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Shaped

from memspan.core.errors import InvalidInput

__all__ = ["Padded", "pad"]


class Padded(NamedTuple):
    """Sequences side by side.

    Attributes:
        values: the steps of each sequence, then zeros up to the longest one's length.
        mask: True at a sequence's own steps, False at padding. `values[mask]` is all steps in a row.
    """

    values: Shaped[np.ndarray, "batch time ..."]
    mask: Bool[np.ndarray, "batch time"]

    def unpad(self) -> list[np.ndarray]:
        """Return the sequences without padding; for a network's outputs, `Padded(outputs, mask).unpad()`.

        Example:
            >>> pad([[3, 0, 1, 2, 3], [4, 4]]).unpad()
            [array([3, 0, 1, 2, 3]), array([4, 4])]

        Returns:
            One array per sequence.
        """
        return [row[own] for row, own in zip(self.values, self.mask, strict=True)]


def pad(sequences: Iterable[Any]) -> Padded:
    """Return sequences of unequal length as one array, padded with zeros at the end, and a mask.

    Example:
        >>> padded = pad([[3, 0, 1, 2, 3], [4, 4]])
        >>> padded.values.tolist()
        [[3, 0, 1, 2, 3], [4, 4, 0, 0, 0]]
        >>> padded.mask.sum(axis=1).tolist()
        [5, 2]

    Args:
        sequences: one array each, time first: numbers (ids), vectors (time, feature), or more axes; all
            but the time axis must agree.

    Returns:
        Values and mask; the values have the type that holds those of all sequences.

    Raises:
        InvalidInput: there is no sequence, their steps differ in shape, or a value is not a number or is NaN.
    """
    arrays = [_array(number, sequence) for number, sequence in enumerate(sequences)]
    if not arrays:
        raise InvalidInput("sequences must hold at least one sequence, but got none; give one or more")
    shapes = sorted({array.shape[1:] for array in arrays})
    if len(shapes) > 1:
        raise InvalidInput(
            f"sequences must have steps of one shape, but got {shapes[0]} and {shapes[1]}; encode all with one alphabet"
        )
    lengths = np.array([len(array) for array in arrays])
    mask = np.arange(lengths.max()) < lengths[:, None]
    values = np.zeros((*mask.shape, *shapes[0]), dtype=np.result_type(*arrays))
    values[mask] = np.concatenate(arrays)
    return Padded(values, mask)


def _array(number: int, sequence: Any) -> np.ndarray:
    try:
        array = np.asarray(sequence)
    except ValueError as error:
        raise InvalidInput(
            f"sequences must have steps of one shape, but sequence {number} is ragged in itself; give it as "
            "(time, feature)"
        ) from error
    if array.ndim == 0 or array.dtype.kind not in "biuf":
        raise InvalidInput(
            f"sequences must be arrays of numbers with time first, but sequence {number} has shape "
            f"{array.shape} and type {array.dtype}; turn symbols into numbers with Alphabet.ids or encode"
        )
    if np.isnan(array).any():
        raise InvalidInput(
            f"sequences must not hold NaN, but sequence {number} does; fill or drop missing values first"
        )
    return array
