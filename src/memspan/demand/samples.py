"""The positions at which symbols are predicted, held out by whole sequences or by blocks of long ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from memspan.core.errors import InvalidInput

__all__ = ["COUNTS", "REPORT", "SELECTION", "SHARES", "UNITS_NEEDED", "WEIGHTS", "Samples", "hold_out"]

COUNTS, WEIGHTS, SELECTION, REPORT = range(4)
SHARES = (0.6, 0.1, 0.15, 0.15)  # of the units, in the order above
UNITS_NEEDED = 60  # so that selection and report rest on nine or more each
BLOCKS = 1000  # of long sequences; more would only shorten them
WINDOWS_PER_BLOCK = 10  # a block's first window is context only, so this bounds what is lost to a tenth


class Samples(NamedTuple):
    """Positions with what was seen there and what came next; parts are disjoint in sequences or blocks.

    Attributes:
        symbols: all input symbols, sequence after sequence.
        end: where the current symbol of a position stands in `symbols`.
        room: how many symbols the position may look at, the current one included, before its start.
        target: the symbol that is right.
        unit: the sequence or block, which is drawn as a whole when intervals are made.
        part: COUNTS (contexts are counted there), WEIGHTS (back-off is fitted there), SELECTION or REPORT.
        n_units: sequences or blocks.
        is_cut: True where sequences were too few and were cut into blocks.
        longest: longest window these samples can tell anything about.
        is_whole: True where the longest window holds every sequence whole, so that no longer one could tell more.
    """

    symbols: Int[np.ndarray, " time"]
    end: Int[np.ndarray, " sample"]
    room: Int[np.ndarray, " sample"]
    target: Int[np.ndarray, " sample"]
    unit: Int[np.ndarray, " sample"]
    part: Int[np.ndarray, " sample"]
    n_units: int
    is_cut: bool
    longest: int
    is_whole: bool


def hold_out(
    inputs: Sequence[Int[np.ndarray, " _"]],
    targets: Sequence[Int[np.ndarray, " _"]],
    mask: Sequence[Bool[np.ndarray, " _"]] | None,
    max_window: int,
    rng: np.random.Generator,
) -> Samples:
    """Split sequences at random into the parts that count, weigh, select and report.

    From 60 sequences on, whole sequences are split, and a sequence's start is visible as a context that is
    shorter. Fewer are cut into blocks; the first `max_window` symbols of a block are context only, which is
    the gap between what is counted and what is predicted, and the window is shortened where the blocks would
    be too few.

    Example:
        >>> rows = [np.arange(5)] * 100
        >>> samples = hold_out([r[:-1] for r in rows], [r[1:] for r in rows], None, 32, np.random.default_rng(0))
        >>> np.bincount(samples.part).tolist(), samples.n_units, samples.is_cut, samples.longest
        ([240, 40, 60, 60], 100, False, 5)

    Args:
        inputs: symbols of each sequence, as whole numbers from 0.
        targets: the symbol that is right after each input.
        mask: True where a position is scored; None scores all.
        max_window: longest window wanted, in symbols.
        rng: decides the split.

    Returns:
        The samples.

    Raises:
        InvalidInput: no position is scored.
    """
    lengths = np.array([len(sequence) for sequence in inputs], np.int64)
    total = int(lengths.sum())
    if total == 0:
        raise InvalidInput(
            "sequences must hold two symbols or more, one to see and one to predict, but none does; add symbols"
        )
    time = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    scored = np.ones(total, bool) if mask is None else np.concatenate(mask)
    is_cut = len(lengths) < UNITS_NEEDED
    if is_cut:
        longest = min(max_window, total // (UNITS_NEEDED * WINDOWS_PER_BLOCK))
        blocks = min(BLOCKS, total // (WINDOWS_PER_BLOCK * max(1, longest)))
        size = max(1, total // max(UNITS_NEEDED, blocks))
        unit, room = np.cumsum(time % size == 0) - 1, time % size + 1
        scored = scored & (room >= longest)
    else:
        longest = min(max_window, int(lengths.max()) + 1)
        unit, room = np.repeat(np.arange(len(lengths)), lengths), time + 1
    end = np.flatnonzero(scored)
    numbered = np.unique(unit[end], return_inverse=True)[1]
    n_units = int(numbered.max(initial=-1)) + 1
    return Samples(
        symbols=np.concatenate(inputs).astype(np.int64),
        end=end,
        room=room[end].astype(np.int32),
        target=np.concatenate(targets)[end].astype(np.int64),
        unit=numbered.astype(np.int32),
        part=_parts(n_units, rng)[numbered],
        n_units=n_units,
        is_cut=is_cut,
        longest=longest,
        is_whole=not is_cut and longest > int(lengths.max()),
    )


def _parts(n_units: int, rng: np.random.Generator) -> Int[np.ndarray, " unit"]:
    """Give each unit its part, at random, in the stated shares."""
    ends = np.round(np.cumsum(SHARES) * n_units).astype(int)
    return rng.permutation(np.searchsorted(ends, np.arange(n_units), side="right")).astype(np.int8)
