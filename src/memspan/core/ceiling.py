"""The exact ceiling of given sequences: the best accuracy of any predictor that sees the last k symbols."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from memspan.core.contexts import Contexts, ranks
from memspan.core.errors import InvalidInput, check_range

__all__ = ["Ceilings", "ceiling", "demand", "smallest_window"]

Symbols = Sequence[Int[np.ndarray, " _"]]
Scored = Sequence[Bool[np.ndarray, " _"]]


def ceiling(
    inputs: Symbols,
    targets: Symbols,
    window: int,
    mask: Scored | None = None,
    weights: Sequence[int] | None = None,
) -> Fraction:
    """Return the best accuracy of any predictor that sees only the last `window` symbols.

    Nothing is trained: positions whose last symbols are the same must get the same answer, so the best that
    any predictor can do with them is the answer that is right most often.

    Example:
        >>> inputs = [np.array([3, 0, 1, 2]), np.array([4, 0, 1, 2])]
        >>> targets = [np.array([0, 1, 2, 3]), np.array([0, 1, 2, 4])]
        >>> ceiling(inputs, targets, window=3), ceiling(inputs, targets, window=4)
        (Fraction(7, 8), Fraction(1, 1))

    Args:
        inputs: the symbols of each sequence, as whole numbers; lengths may differ.
        targets: the symbol that is right after each input.
        window: how many of the last symbols are seen, the current one included. Near the start fewer exist,
            and the predictor sees that; other than that it knows no absolute time.
        mask: True where a position is scored; None scores all.
        weights: how often each sequence is presented, as whole numbers; None presents all equally often.

    Returns:
        The accuracy over the scored positions, exactly.

    Raises:
        InvalidInput: lengths do not agree, nothing is scored, or a weight or the window is out of range.
    """
    return Ceilings(inputs, targets, mask, weights).at(window)


def demand(
    inputs: Symbols,
    targets: Symbols,
    mask: Scored | None = None,
    weights: Sequence[int] | None = None,
) -> int:
    """Return the smallest window with which the best accuracy that any window allows is reached.

    Example:
        >>> demand([np.array([3, 0, 2]), np.array([4, 0, 2])], [np.array([0, 2, 3]), np.array([0, 2, 4])])
        3

    Args:
        inputs: as in `ceiling`.
        targets: as in `ceiling`.
        mask: as in `ceiling`.
        weights: as in `ceiling`.

    Returns:
        The window, in symbols.

    Raises:
        InvalidInput: as in `ceiling`.
    """
    return Ceilings(inputs, targets, mask, weights).demand


def smallest_window(at: Callable[[int], Fraction], longest: int) -> int:
    """Return the smallest window whose ceiling is that of the longest; a longer window never lowers it.

    Example:
        >>> smallest_window(lambda window: Fraction(min(window, 7), 8), longest=100)
        7
    """
    return bisect_left(range(1, longest + 1), at(longest), key=at) + 1


class Ceilings:
    """The ceilings of one finite set of sequences at any window; what the windows share is computed once.

    Example:
        >>> ceilings = Ceilings([np.array([3, 0]), np.array([4, 0])], [np.array([0, 3]), np.array([0, 4])])
        >>> [str(ceilings.at(window)) for window in (1, 2)], ceilings.demand
        (['3/4', '1'], 2)
    """

    def __init__(
        self,
        inputs: Symbols,
        targets: Symbols,
        mask: Scored | None = None,
        weights: Sequence[int] | None = None,
    ) -> None:
        lengths = _lengths(inputs, targets, mask)
        self._contexts = Contexts(inputs)
        self.longest = self._contexts.longest
        self._targets = ranks(np.concatenate(targets))
        self._weights = np.repeat(_frequencies(weights, len(lengths)), lengths)
        if mask is not None:
            self._weights = self._weights * np.concatenate(mask)
        self._total = int(self._weights.sum())
        if self._total == 0:
            raise InvalidInput("mask and weights must leave a position to score, but got none; score at least one")

    def at(self, window: int) -> Fraction:
        """Return the ceiling at one window, as `ceiling` does."""
        answers = self._contexts.numbers(check_range("window", window, 1)) * (self._targets.max() + 1) + self._targets
        distinct, which = np.unique(answers, return_inverse=True)
        often = np.zeros(len(distinct), np.int64)
        np.add.at(often, which, self._weights)
        contexts = distinct // (self._targets.max() + 1)
        best = np.maximum.reduceat(often, np.flatnonzero(np.diff(contexts, prepend=-1)))
        return Fraction(int(best.sum()), self._total)

    @cached_property
    def demand(self) -> int:
        """The smallest sufficient window, as `demand` finds it."""
        return smallest_window(self.at, self.longest)


def _lengths(inputs: Sequence[Any], targets: Sequence[Any], mask: Sequence[Any] | None) -> list[int]:
    lengths = [len(sequence) for sequence in inputs]
    if not lengths or min(lengths) == 0:
        raise InvalidInput("inputs must be sequences of one symbol or more, but got none or an empty one; add symbols")
    for name, other in (("targets", targets), ("mask", inputs if mask is None else mask)):
        if [len(sequence) for sequence in other] != lengths:
            raise InvalidInput(f"{name} must have the lengths of inputs, but got others; give one value per input")
    return lengths


def _frequencies(weights: Sequence[int] | None, n_sequences: int) -> Int[np.ndarray, " batch"]:
    often = np.ones(n_sequences, np.int64) if weights is None else np.asarray(weights)
    if often.shape != (n_sequences,) or often.dtype.kind not in "iu" or often.min() < 0:
        raise InvalidInput(
            f"weights must be {n_sequences} whole numbers of at least 0, one a sequence, but got {weights!r}"
        )
    return often.astype(np.int64)
