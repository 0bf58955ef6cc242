"""Stateful batches: a long series cut so that a network with carried state may read several parts at once."""

from __future__ import annotations

import numpy as np
from jaxtyping import Shaped

from memspan.core.errors import InvalidInput, check_range
from memspan.data.table import Table, to_series

__all__ = ["from_stateful_batches", "to_stateful_batches"]


def to_stateful_batches(
    series: Table, batch: int, steps: int, drop: int = 0
) -> Shaped[np.ndarray, "block batch steps feature"]:
    """Return a series as blocks of (batch, steps, features): row b of each continues row b of the one before.

    The series is cut into `batch` equal parts, one per row. A stateful network that reads the blocks in
    order, its state reset before the first, meets each part from beginning to end. Cut inputs and targets
    alike. Keras, which has one axis for all blocks, takes `blocks.reshape(-1, steps, features)` with
    `batch_size=batch` and `shuffle=False`.

    Example:
        >>> blocks = to_stateful_batches([0, 1, 2, 3, 4, 5, 6, 7, 8], batch=2, steps=2, drop=1)
        >>> blocks.shape
        (2, 2, 2, 1)
        >>> blocks[..., 0].tolist()
        [[[0.0, 1.0], [4.0, 5.0]], [[2.0, 3.0], [6.0, 7.0]]]

    Args:
        series: numbers: a (time, feature) array, list of rows, or pandas or polars frame; one value per step
            is one feature.
        batch: rows of a block, read side by side, at least 1.
        steps: time steps of a block, at least 1.
        drop: how many rows at the end to leave out, at least 0. Nothing is left out unasked: the error says
            how many do not fit.

    Returns:
        The blocks, in reading order. 32-bit floats stay 32-bit, everything else becomes 64-bit floats.

    Raises:
        InvalidInput: the rows do not fill whole blocks, or the series is ragged or not finite.
    """
    rows = to_series(series)
    check_range("steps", steps, 1)
    check_range("drop", drop, 0)
    block = check_range("batch", batch, 1) * steps
    kept = len(rows) - drop
    if kept < block:
        raise InvalidInput(
            f"batch times steps must be at most the {max(kept, 0):,} rows of the series, but got "
            f"{batch:,} x {steps:,}; use a smaller batch or fewer steps"
        )
    if left := kept % block:
        raise InvalidInput(
            f"series must fill blocks of batch x steps = {batch:,} x {steps:,} rows, but {left:,} of its "
            f"{kept:,} rows are left over; pass drop={drop + left} to leave them out, or choose another "
            "batch or steps"
        )
    return rows[:kept].reshape(batch, -1, steps, rows.shape[1]).swapaxes(0, 1).copy()


def from_stateful_batches(
    blocks: Shaped[np.ndarray, "block batch steps feature"],
) -> Shaped[np.ndarray, "time feature"]:
    """Return the series that blocks were cut from, or a network's outputs for them in the series' order.

    Example:
        >>> from_stateful_batches(to_stateful_batches([0, 1, 2, 3, 4, 5], batch=3, steps=1))[:, 0].tolist()
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]

    Args:
        blocks: blocks in the order they were read.

    Returns:
        One row per time step.
    """
    return blocks.swapaxes(0, 1).reshape(-1, blocks.shape[-1])
