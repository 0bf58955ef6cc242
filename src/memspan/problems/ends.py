"""The layout of a sequence that is asked once, at its last step."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, Shaped

__all__ = ["at_last", "only_last", "then_asked"]


def then_asked(symbols: Int[Array, "batch length"], query: int) -> Int[Array, "batch time"]:
    """Return the sequences with the query symbol as one more step.

    Example:
        >>> then_asked(jnp.array([[0, 1]]), query=2).tolist()
        [[0, 1, 2]]
    """
    return jnp.pad(symbols, ((0, 0), (0, 1)), constant_values=query)


def at_last(values: Shaped[Array, " batch"], n_steps: int) -> Shaped[Array, "batch time"]:
    """Return targets that are zero, except at the last step.

    Example:
        >>> at_last(jnp.array([7]), n_steps=3).tolist()
        [[0, 0, 7]]
    """
    return jnp.pad(values[:, None], ((0, 0), (n_steps - 1, 0)))


def only_last(inputs: Shaped[Array, "batch time ..."]) -> Bool[Array, "batch time"]:
    """Return a mask that scores the last step alone.

    Example:
        >>> only_last(jnp.zeros((1, 3))).tolist()
        [[False, False, True]]
    """
    rows, steps = inputs.shape[:2]
    return jnp.broadcast_to(jnp.arange(steps) == steps - 1, (rows, steps))
