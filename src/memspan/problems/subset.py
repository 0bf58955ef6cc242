"""Drawing without replacement, many rows at once."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

__all__ = ["distinct", "distinct_weighted"]


def distinct(key: PRNGKeyArray, rows: int, size: int, count: int) -> Int[Array, "batch item"]:
    """Return different numbers below a size, every ordered choice equally likely.

    Each number gets 32 random bits and the smallest are taken: there the bits are exact as 32-bit floats, so
    that ties, which would favour small numbers, come once in 2^32 / size draws.

    Example:
        >>> sorted(distinct(jax.random.key(0), rows=1, size=3, count=3)[0].tolist())
        [0, 1, 2]

    Args:
        key: decides the draw.
        rows: draws, each on its own.
        size: numbers to draw from: 0 to size - 1.
        count: numbers to draw.

    Returns:
        One row a draw.
    """
    bits = jax.random.bits(key, (rows, size), jnp.uint32)
    return jax.lax.top_k(-bits.astype(jnp.float32), count)[1]


def distinct_weighted(
    key: PRNGKeyArray, rows: int, log_weights: Float[Array, " size"], count: int
) -> Int[Array, "batch item"]:
    """Return different positions, drawn one after the other in proportion to the weights that are left.

    This is the Gumbel top-k trick: the order of the largest perturbed log-weights is that of such a draw.

    Example:
        >>> distinct_weighted(jax.random.key(0), 1, jnp.array([-99.0, 0.0]), count=1).tolist()
        [[1]]

    Args:
        key: decides the draw.
        rows: draws, each on its own.
        log_weights: logarithm of each position's weight, up to a constant.
        count: positions to draw.

    Returns:
        One row a draw.

    References:
        W. Kool, H. van Hoof, M. Welling, Stochastic Beams and Where to Find Them, ICML 2019.
    """
    noise = jax.random.gumbel(key, (rows, log_weights.shape[0]))
    return jax.lax.top_k(log_weights + noise, count)[1]
