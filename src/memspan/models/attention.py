"""Causal attention within a sliding window, in blocks: memory grows with time x window, not with time squared."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from memspan.models.rotary import rotary

__all__ = ["windowed_attention"]

HIDDEN = -1e30  # what a place that must not be seen scores


def windowed_attention(
    queries: Float[Array, "time head part"],
    keys: Float[Array, "past_time head part"],
    values: Float[Array, "past_time head part"],
    seen: Float[Array, ""],
) -> Float[Array, "time head part"]:
    """Let every step look at itself and at the steps before it, as many as the past is long.

    Example:
        >>> rows = jnp.arange(4.0)[:, None, None] * jnp.ones(2)
        >>> windowed_attention(0 * rows[1:], 0 * rows, rows, jnp.array(0.0))[:, 0, 0].tolist()
        [1.0, 1.5, 2.5]

    Args:
        queries: of the steps to be read.
        keys: of the past and of those steps; neither is rotated yet.
        values: likewise.
        seen: how many steps of the past were read; the others, at its beginning, are hidden.

    Returns:
        For each step and head, the values that it saw, averaged with the softmax of their scores.

    References:
        Vaswani et al. 2017, equation 1; the sliding window is that of Beltagy, Peters and Cohan 2020, figure 2b.
    """
    time, past = len(queries), len(keys) - len(queries)
    size = max(1, min(time, past + 1))  # as many queries as each of them sees: the blocks of keys are twice as long
    n_blocks = -(-time // size)
    more = ((0, n_blocks * size - time), (0, 0), (0, 0))
    blocks = jnp.pad(queries, more).reshape(n_blocks, size, *queries.shape[1:])
    keys, values = jnp.pad(keys, more), jnp.pad(values, more)
    row, column = jnp.arange(size)[:, None], jnp.arange(size + past)
    in_window = (row <= column) & (column <= row + past)

    def read(block: Array, start: Array) -> Array:
        near, far = (jax.lax.dynamic_slice_in_dim(rows, start, size + past) for rows in (keys, values))
        scores = jnp.einsum("qhp,khp->hqk", rotary(block, past), rotary(near)) / block.shape[-1] ** 0.5
        visible = in_window & (start + column >= past - seen)
        return jnp.einsum("hqk,khp->qhp", jax.nn.softmax(jnp.where(visible, scores, HIDDEN)), far)

    outputs = jax.vmap(read)(blocks, jnp.arange(n_blocks) * size)
    return outputs.reshape(n_blocks * size, *queries.shape[1:])[:time]
