"""A model along a whole sequence, one step at a time: what `sequence` must agree with."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from memspan.core.model import Model, Params, State

__all__ = ["unroll"]


def unroll(
    model: Model,
    params: Params,
    state: State,
    inputs: Float[Array, "time feature"],
    valid: Bool[Array, " time"] | None = None,
) -> tuple[State, Float[Array, "time output"]]:
    """Read a whole sequence step by step; padded steps neither read nor change anything.

    Example:
        >>> import numpy as np
        >>> from memspan.models import LSTM
        >>> model = LSTM(units=2)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> symbols = jnp.eye(5)[jnp.array([3, 0, 1, 2])]
        >>> short, _ = unroll(model, params, model.initial_state(5), symbols[:2])
        >>> padded, outputs = unroll(model, params, model.initial_state(5), symbols, jnp.arange(4) < 2)
        >>> outputs.shape, bool(jnp.array_equal(short.cell, padded.cell))
        ((4, 2), True)

    Args:
        model: what reads.
        params: its parameters.
        state: its state before the first step.
        inputs: one row a step.
        valid: False where a step is padding; None takes all.

    Returns:
        The state after the last valid step, and the output of every step (that of a padded step means nothing).
    """

    def step(before: State, now: tuple[Any, Any]) -> tuple[State, Array]:
        x, counts = now
        after, output = model.step(params, before, x)
        return jax.tree.map(lambda new, old: jnp.where(counts, new, old), after, before), output

    everything = jnp.ones(len(inputs), bool) if valid is None else valid
    return jax.lax.scan(step, jax.tree.map(jnp.asarray, state), (inputs, everything))
