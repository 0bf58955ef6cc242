"""A long sequence in chunks: within a chunk all steps at once, from chunk to chunk a state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["scan_chunks"]

LONGEST = 64  # steps of a chunk: work within it grows with its square, the number of chunks falls


def scan_chunks(
    read: Callable[..., tuple[Any, Float[Array, "step ..."]]],
    state: Any,
    steps: tuple[Float[Array, "time ..."], ...],
    padding: tuple[float, ...],
) -> tuple[Any, Float[Array, "time ..."]]:
    """Read a sequence chunk by chunk; the last chunk is filled up with steps that change nothing.

    Example:
        >>> def total(before, now): return before + now[0].sum(), before + jnp.cumsum(now[0])
        >>> end, outputs = scan_chunks(total, jnp.zeros(()), (jnp.ones(150),), (0.0,))
        >>> float(end), outputs.shape, float(outputs[-1])
        (150.0, (150,), 150.0)

    Args:
        read: (state, steps of one chunk) -> (state, outputs).
        state: the state before the first step.
        steps: arrays whose first axis is time.
        padding: for each array, the number that makes a step change nothing.

    Returns:
        The state after the last step, and the output of every step.
    """
    time = len(steps[0])
    size = max(1, min(time, LONGEST))
    n_chunks = -(-time // size)

    def cut(rows: Array, value: float) -> Array:
        more = [(0, n_chunks * size - time), *[(0, 0)] * (rows.ndim - 1)]
        return jnp.pad(rows, more, constant_values=value).reshape(n_chunks, size, *rows.shape[1:])

    chunks = tuple(cut(rows, value) for rows, value in zip(steps, padding, strict=True))
    end, outputs = jax.lax.scan(read, state, chunks)
    return end, outputs.reshape(n_chunks * size, *outputs.shape[2:])[:time]
