"""Composition: layers on top of each other, and a layer along a whole sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float

from memspan.core.model import Model, Params, State

__all__ = ["Stack", "unroll"]


@dataclass(frozen=True)
class Stack:
    """Layers on top of each other: the output of one is the input of the next.

    Example:
        >>> from memspan.models import LSTM, Dense
        >>> network = Stack((LSTM(units=20), Dense(n_outputs=5)))
        >>> params = network.init(np.random.default_rng(0), n_inputs=5)
        >>> sum(weights.size for weights in jax.tree.leaves(params))
        2185

    Attributes:
        layers: the layers, the first reads the input.
    """

    layers: tuple[Any, ...]

    @property
    def n_outputs(self) -> int:
        """Outputs of the last layer."""
        return self.layers[-1].n_outputs

    def _widths(self, n_inputs: int) -> list[int]:
        """Input width of every layer."""
        return [n_inputs, *(layer.n_outputs for layer in self.layers[:-1])]

    def init(self, rng: np.random.Generator, n_inputs: int) -> tuple[Params, ...]:
        """Draw the parameters of every layer, in order."""
        widths = self._widths(n_inputs)
        return tuple(layer.init(rng, width) for layer, width in zip(self.layers, widths, strict=True))

    def initial_state(self, n_inputs: int) -> tuple[State, ...]:
        """Return the initial state of every layer."""
        widths = self._widths(n_inputs)
        return tuple(layer.initial_state(width) for layer, width in zip(self.layers, widths, strict=True))

    def step(
        self, params: tuple[Params, ...], state: tuple[State, ...], x: Float[Array, " feature"]
    ) -> tuple[tuple[State, ...], Float[Array, " output"]]:
        """Read one input."""
        after: list[State] = []
        for layer, weights, before in zip(self.layers, params, state, strict=True):
            new, x = layer.step(weights, before, x)
            after.append(new)
        return tuple(after), x


def unroll(
    model: Model, params: Params, state: State, inputs: Float[Array, "time feature"]
) -> tuple[State, Float[Array, "time output"]]:
    """Read a whole sequence: the stateless form, one call for all steps.

    Example:
        >>> import jax.numpy as jnp
        >>> from memspan.models import LSTM
        >>> model = LSTM(units=2)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, outputs = unroll(model, params, model.initial_state(5), jnp.eye(5)[jnp.array([3, 0, 1, 2])])
        >>> outputs.shape
        (4, 2)

    Args:
        model: what reads.
        params: its parameters.
        state: its state before the first step.
        inputs: one row a step.

    Returns:
        The state after the last step, and the output of every step.
    """
    return jax.lax.scan(lambda carry, x: model.step(params, carry, x), state, inputs)
