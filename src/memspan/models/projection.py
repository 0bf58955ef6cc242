"""What the input adds to a layer, for a whole sequence at once and outside of its loop."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray

__all__ = ["project"]


def project(inputs: Shaped[Array, "..."], kernel: Float[AnyArray, "feature unit"]) -> Float[Array, "... unit"]:
    """Return inputs times kernel; a symbol picks the row that its one-hot vector would.

    Example:
        >>> kernel = jnp.arange(6.0).reshape(3, 2)
        >>> project(jnp.array([2, 0]), kernel).tolist(), project(jnp.eye(3)[jnp.array([2, 0])], kernel).tolist()
        ([[4.0, 5.0], [0.0, 1.0]], [[4.0, 5.0], [0.0, 1.0]])

    Args:
        inputs: symbols of any shape, or vectors along a last axis.
        kernel: one row an input feature.

    Returns:
        One vector for each symbol or vector.
    """
    kernel = jnp.asarray(kernel)
    return kernel[inputs] if jnp.issubdtype(inputs.dtype, jnp.integer) else inputs @ kernel
