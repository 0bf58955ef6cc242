"""Binning: from numbers to a few symbols, by borders that are named."""

from __future__ import annotations

import math
import tempfile
from array import array
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, cast

import numpy as np
from jaxtyping import Float, Int

from memspan.core.errors import InvalidInput, check_choice, check_range

__all__ = ["BinIds", "Bins", "labels"]

Method = Literal["quantile", "width", "edges"]


@dataclass(frozen=True)
class Bins:
    """How numbers become symbols.

    A number equal to a border belongs above it. The lowest bin has no lower end and the highest no upper one, so
    that no number falls outside.

    Example:
        >>> Bins("quantile", 4).borders(np.arange(8.0)).tolist()
        [2.0, 4.0, 6.0]
        >>> Bins("width", 4).borders(np.array([0.0, 1, 2, 8])).tolist()
        [2.0, 4.0, 6.0]
        >>> Bins("edges", (36.5, 38.0)).borders(np.array([40.0])).tolist()
        [36.5, 38.0]

    Attributes:
        method: "quantile" (equally many numbers in each bin, of all numbers of all sequences together), "width"
            (bins of equal width from the smallest number to the largest) or "edges" (borders as given).
        of: how many bins, at least 2; for "edges" the borders between bins, rising.
    """

    method: Method
    of: int | Sequence[float]

    def __post_init__(self) -> None:
        check_choice("method of Bins", self.method, ("quantile", "width", "edges"))
        if self.method != "edges":
            check_range(f"of in Bins('{self.method}', of)", cast("int", self.of), 2, 2**31 - 1)
            return
        edges = [] if isinstance(self.of, int | str) else [float(edge) for edge in self.of]
        finite = bool(edges) and all(map(math.isfinite, edges))
        if not finite or any(a >= b for a, b in pairwise(edges)):
            raise InvalidInput(
                "of in Bins('edges', of) must be rising finite borders, such as (36.5, 38.0), "
                f"but got {self.of!r}; sort them and give each once"
            )

    def borders(self, numbers: Float[np.ndarray, " number"]) -> Float[np.ndarray, " border"]:
        """Return the borders between bins.

        Args:
            numbers: all numbers, finite; at least one.

        Returns:
            One border less than there are bins.

        Raises:
            InvalidInput: the numbers are too few or too often equal to fill the bins.
        """
        if not isinstance(self.of, int):
            return np.array(self.of, dtype=np.float64)
        lowest, highest = float(numbers.min()), float(numbers.max())
        if self.method == "width":
            # Halves are summed because the whole range of two large numbers may not be a number.
            share = np.arange(1, self.of) / self.of
            borders = lowest * (1 - share) + highest * share
        else:
            borders = _quantiles(numbers, self.of)
        if not lowest < borders[0] or (np.diff(borders) <= 0).any():
            raise InvalidInput(
                f"bins must each hold a number, but Bins('{self.method}', {self.of}) leaves some empty because "
                "numbers are too few or repeat too often; use fewer bins or Bins('edges', ...)"
            )
        return borders


def labels(borders: Iterable[float]) -> tuple[str, ...]:
    """Return the names of the bins between borders, which are the symbols.

    Example:
        >>> labels([36.5, 38.0])
        ('below 36.5', '36.5 to 38.0', 'from 38.0')

    Args:
        borders: rising borders, at least one.
    """
    edges = [repr(float(edge)) for edge in borders]
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return (f"below {edges[0]}", *between, f"from {edges[-1]}")


class BinIds:
    """Turns sequences of numbers into sequences of bins, with memory for one sequence.

    Given edges are used at once. Otherwise there are two passes: the first writes all numbers to a temporary file,
    8 bytes each, and takes the borders from there (for quantiles exactly, from a second such file that is sorted
    as far as needed); the second bins what the first wrote. So a source that can be read only once is read once.

    Args:
        bins: how to bin.
    """

    def __init__(self, bins: Bins) -> None:
        self._bins = bins
        self.alphabet: tuple[str, ...] = ()

    def encode(self, sequences: Iterable[MutableSequence[Any]]) -> Iterator[Int[np.ndarray, " time"]]:
        """Yield each sequence's bins; the alphabet is known once the first one is out."""
        if self._bins.method == "edges":
            borders = self._bins.borders(np.zeros(1))
            self.alphabet = labels(borders.tolist())
            for sequence in sequences:
                yield _binned(np.asarray(sequence, dtype=np.float64), borders)
        else:
            yield from self._in_two_passes(sequences)

    def _in_two_passes(self, sequences: Iterable[MutableSequence[Any]]) -> Iterator[Int[np.ndarray, " time"]]:
        with tempfile.TemporaryFile() as spool:
            lengths = array("q")
            for sequence in sequences:
                spool.write(np.asarray(sequence, dtype=np.float64).data)
                lengths.append(len(sequence))
            if not lengths:
                return
            spool.flush()
            numbers = np.memmap(spool, dtype=np.float64, mode="r")
            borders = self._bins.borders(numbers)
            self.alphabet = labels(borders.tolist())
            start = 0
            for length in lengths:
                yield _binned(numbers[start : start + length], borders)
                start += length


def _binned(numbers: Float[np.ndarray, " time"], borders: Float[np.ndarray, " border"]) -> Int[np.ndarray, " time"]:
    return np.searchsorted(borders, numbers, side="right").astype(np.int32)


def _quantiles(numbers: Float[np.ndarray, " number"], count: int) -> Float[np.ndarray, " border"]:
    ranks = np.arange(1, count) * len(numbers) // count
    with tempfile.TemporaryFile() as file:
        copy = np.memmap(file, dtype=np.float64, mode="w+", shape=numbers.shape)
        copy[:] = numbers
        copy.partition(np.unique(ranks))
        return np.array(copy[ranks])
