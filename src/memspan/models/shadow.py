"""Weights that sequences side by side share: a place for the gradient of each, added up by one product."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

__all__ = ["shadow"]


def shadow(weights: Float[Array, "row column"], values: Shaped[Array, "time ..."]) -> Float[Array, "row column"]:
    """Return weights as each sequence's own.

    A loop that is differentiated by hand hands back a gradient of each sequence, and JAX adds them up over the batch;
    XLA on a CPU is a hundred times slower in that sum than in the same product with ones. So the loop computes with
    the weights themselves and gives its gradient to this shadow; where nothing reads the shadow, XLA leaves it out.

    Example:
        >>> shadow(jnp.array([[1.0, 2.0]]), jnp.zeros((3, 4))).tolist()
        [[1.0, 2.0]]

    Args:
        weights: shared by sequences that are mapped side by side.
        values: something of each sequence, whatever its values.

    Returns:
        The weights.
    """
    some = values.reshape(-1)[:1]
    ones = jnp.ones(some.shape, weights.dtype)
    one = jax.lax.stop_gradient(jnp.where(some == 0, ones, ones))
    return (one @ weights.reshape(1, -1)).reshape(weights.shape)
