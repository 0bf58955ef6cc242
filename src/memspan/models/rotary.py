"""Rotary position embedding: a query and a key meet as if only their distance mattered."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

__all__ = ["rotary"]


def rotary(
    vectors: Float[Array, "time head part"], first: int = 0, base: float = 10_000.0
) -> Float[Array, "time head part"]:
    """Rotate each vector by its position, pair j of its numbers at base^(-2j / part) radians a step.

    Positions are places within a block and known before the program runs: angles are taken in double precision and
    stay small however long the sequence is.

    Example:
        >>> turned = rotary(jnp.ones((2, 1, 2)))
        >>> turned[:, 0].round(4).tolist()
        [[1.0, 1.0], [-0.3012..., 1.381...]]

    Args:
        vectors: queries or keys; number j is paired with number j + part / 2, as in transformers' Llama.
        first: position of the first one.
        base: slowest pairs turn by about 1 / base radians a step.

    Returns:
        The rotated vectors.

    References:
        Su et al. 2021, equations 15 and 34, with the pairing of Llama.
    """
    time, _, part = vectors.shape
    angles = np.arange(first, first + time)[:, None] * base ** (-np.arange(0, part, 2) / part)
    cos, sin = (np.tile(turn, 2)[:, None, :].astype(vectors.dtype) for turn in (np.cos(angles), np.sin(angles)))
    one, other = jnp.split(vectors, 2, axis=-1)
    return vectors * cos + jnp.concatenate([-other, one], axis=-1) * sin
