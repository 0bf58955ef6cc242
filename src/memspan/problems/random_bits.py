"""Random bits and what is made of them: a draw takes one block of bits, which keeps compiled programs small."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int32, PRNGKeyArray, UInt32

__all__ = ["distinct", "distinct_weighted", "fractions", "random_bits", "symbols"]


def random_bits(key: PRNGKeyArray, rows: int, *widths: int) -> list[UInt32[Array, "batch _"]]:
    """Return one block of 32-bit random numbers, cut into blocks of the given widths.

    Example:
        >>> [block.shape for block in random_bits(jax.random.key(0), 4, 2, 3)]
        [(4, 2), (4, 3)]

    Args:
        key: decides the draw.
        rows: sequences.
        widths: numbers a sequence in each block.

    Returns:
        One block for each width.
    """
    # Drawn as one row: XLA compiles that several times faster than the same numbers in two axes.
    bits = jax.random.bits(key, (rows * sum(widths),), jnp.uint32).reshape(rows, -1)
    return jnp.split(bits, list(itertools.accumulate(widths))[:-1], axis=1)


def symbols(bits: UInt32[Array, "*axes"], size: int) -> Int32[Array, "*axes"]:
    """Return whole numbers from 0 to size - 1, equally likely but for size / 2^32.

    Example:
        >>> symbols(jnp.array([7], jnp.uint32), 5).tolist()
        [2]
    """
    return (bits % jnp.uint32(size)).astype(jnp.int32)


def fractions(bits: UInt32[Array, "*axes"]) -> Float[Array, "*axes"]:
    """Return numbers from 0 to below 1, equally spaced by 2^-24 and equally likely.

    Example:
        >>> fractions(jnp.array([1 << 31], jnp.uint32)).tolist()
        [0.5]
    """
    return (bits >> 8).astype(jnp.float32) * 2.0**-24


def distinct(bits: UInt32[Array, "batch size"], count: int) -> Int32[Array, "batch item"]:
    """Return different places of each row, every ordered choice equally likely: those of its smallest numbers.

    Small numbers are exact as 32-bit floats, so that ties, which favour the first place, are as rare as in 32 bits.

    Example:
        >>> distinct(jnp.array([[7, 3, 9]], jnp.uint32), 2).tolist()
        [[1, 0]]

    Args:
        bits: one random number for each place.
        count: places to choose.

    Returns:
        One row a draw.
    """
    return jax.lax.top_k(-bits.astype(jnp.float32), count)[1]


def distinct_weighted(
    bits: UInt32[Array, "batch size"], log_weights: Float[Array, " size"], count: int
) -> Int32[Array, "batch item"]:
    """Return different places, drawn one after the other in proportion to the weights that are left.

    Each place waits for an exponential time that is the shorter the larger its weight; the first to arrive are
    such a draw.

    Example:
        >>> distinct_weighted(jnp.array([[7, 7]], jnp.uint32), jnp.array([0.0, 9.0]), 1).tolist()
        [[1]]

    Args:
        bits: one random number for each place.
        log_weights: logarithm of each place's weight, up to a constant.
        count: places to choose.

    Returns:
        One row a draw, in the order of drawing.

    References:
        P. S. Efraimidis, P. G. Spirakis, Weighted random sampling with a reservoir, Information Processing
        Letters 97(5):181-185, 2006.
    """
    times = -jnp.log1p(-bits.astype(jnp.float32) * 2.0**-32)
    return jax.lax.top_k(log_weights - jnp.log(times), count)[1]
