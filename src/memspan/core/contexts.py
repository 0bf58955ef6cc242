"""Contexts of any length, numbered so that equal ones bear equal numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

__all__ = ["Contexts", "ranks"]


class Contexts:
    """The last k symbols at every position of some sequences, compared without writing them out.

    Two contexts of 2k symbols are equal when their later and their earlier k symbols are (prefix doubling).
    Each doubling is one sort, and a window that is no power of two is two overlapping windows that are: the cost is
    a few sorts of all positions, whatever the window. What lies before the start of a sequence is a symbol of its own.

    Example:
        >>> Contexts([np.array([3, 0, 1]), np.array([4, 0, 1])]).numbers(2).tolist()
        [4, 1, 3, 5, 2, 3]

    Args:
        inputs: the symbols of each sequence, as whole numbers.
    """

    def __init__(self, inputs: Sequence[Int[np.ndarray, " _"]]) -> None:
        self.symbols = np.concatenate(inputs)
        self.time = np.concatenate([np.arange(len(row)) for row in inputs])
        self.longest = max(len(row) for row in inputs)
        self._doubled = [ranks(self.symbols)]

    def numbers(self, window: int) -> Int[np.ndarray, " time"]:
        """Return the number of each position's last `window` symbols; 1 or more symbols."""
        window = min(window, self.longest)
        level = window.bit_length() - 1
        while len(self._doubled) <= level:
            self._doubled.append(self._joined(self._doubled[-1], 1 << (len(self._doubled) - 1)))
        shift = window - (1 << level)
        return self._joined(self._doubled[level], shift) if shift else self._doubled[level]

    def at(self, position: int, window: int) -> Int[np.ndarray, " length"]:
        """Return the last `window` symbols at a position, fewer where its sequence has not begun."""
        seen = min(window, int(self.time[position]) + 1)
        return self.symbols[position + 1 - seen : position + 1]

    def _joined(self, numbers: Int[np.ndarray, " time"], shift: int) -> Int[np.ndarray, " time"]:
        before = np.where(self.time < shift, 0, np.roll(numbers, shift))
        return ranks(numbers * (numbers.max() + 1) + before)


def ranks(values: Int[np.ndarray, " time"]) -> Int[np.ndarray, " time"]:
    """Number values 1, 2, ... so that equal values, and only these, get the same number; 0 is left for the start.

    Example:
        >>> ranks(np.array([7, 3, 7])).tolist()
        [2, 1, 2]
    """
    return np.unique(values, return_inverse=True)[1].astype(np.int64) + 1
