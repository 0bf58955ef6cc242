"""Composition: layers on top of each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.model import Params, State

__all__ = ["Stack"]


@dataclass(frozen=True)
class Stack:
    """Layers on top of each other: the output of one is the input of the next.

    Example:
        >>> import jax
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

    @property
    def initialisers(self) -> Mapping[str, str]:
        """What the layers say, each name after the number of its layer."""
        return {
            f"{number}.{name}": how
            for number, layer in enumerate(self.layers)
            for name, how in layer.initialisers.items()
        }

    @property
    def reads_symbols(self) -> bool:
        """What the first layer says."""
        return self.layers[0].reads_symbols

    @property
    def reads_out(self) -> bool:
        """What the last layer says: a stack that ends in a dense layer brings its own read-out."""
        return self.layers[-1].reads_out

    @property
    def fixed(self) -> frozenset[str]:
        """What the layers keep from training, each name after the number of its layer."""
        return frozenset(
            f"{number}.{name}" for number, layer in enumerate(self.layers) for name in getattr(layer, "fixed", ())
        )

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

    def sequence(
        self, params: tuple[Params, ...], state: tuple[State, ...], inputs: Shaped[Array, "time ..."]
    ) -> tuple[tuple[State, ...], Float[Array, "time output"]]:
        """Read a whole sequence, layer by layer."""
        after: list[State] = []
        for layer, weights, before in zip(self.layers, params, state, strict=True):
            new, inputs = layer.sequence(weights, before, inputs)
            after.append(new)
        return tuple(after), inputs
