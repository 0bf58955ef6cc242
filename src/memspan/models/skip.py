"""A way around a model: the layer above sees the input too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from memspan.core.errors import InvalidInput, check_range
from memspan.models.abstract import AbstractModel

__all__ = ["Skip"]


@dataclass(frozen=True)
class Skip(AbstractModel):
    """A model whose output is followed by its input vector.

    Example:
        >>> from memspan.models.lstm import LSTM
        >>> model = Skip(LSTM(units=2), n_inputs=3)
        >>> params = model.init(np.random.default_rng(0), n_inputs=3)
        >>> _, y = model.step(params, model.initial_state(3), jnp.array([7.0, 8.0, 9.0]))
        >>> y.shape, y[2:].tolist()
        ((5,), [7.0, 8.0, 9.0])

    Attributes:
        model: what the input goes around; its parameters, state and initialisers are those of the whole.
        n_inputs: size of the input vector.
    """

    model: Any
    n_inputs: int

    def __post_init__(self) -> None:
        check_range("n_inputs", self.n_inputs, 1)

    def _check(self, n_inputs: int) -> None:
        if n_inputs != self.n_inputs:
            raise InvalidInput(
                f"n_inputs of Skip must be the size of the input, {n_inputs}, but got {self.n_inputs}; "
                f"use n_inputs={n_inputs}"
            )

    @property
    def initialisers(self) -> Mapping[str, str]:
        """What the model says."""
        return self.model.initialisers

    @property
    def fixed(self) -> frozenset[str]:
        """What the model keeps from training."""
        return getattr(self.model, "fixed", frozenset())

    @property
    def n_outputs(self) -> int:
        """Outputs of the model and inputs."""
        return self.model.n_outputs + self.n_inputs

    def init(self, rng: np.random.Generator, n_inputs: int) -> Any:
        """Draw the model's parameters."""
        self._check(n_inputs)
        return self.model.init(rng, n_inputs)

    def initial_state(self, n_inputs: int) -> Any:
        """Return the model's state."""
        self._check(n_inputs)
        return self.model.initial_state(n_inputs)

    def step(self, params: Any, state: Any, x: Float[Array, " feature"]) -> tuple[Any, Float[Array, " output"]]:
        """Read one input."""
        after, output = self.model.step(params, state, x)
        return after, jnp.concatenate([output, x])

    def sequence(
        self, params: Any, state: Any, inputs: Float[Array, "time feature"]
    ) -> tuple[Any, Float[Array, "time output"]]:
        """Read a whole sequence."""
        after, outputs = self.model.sequence(params, state, inputs)
        return after, jnp.concatenate([outputs, inputs], axis=1)
