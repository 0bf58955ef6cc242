"""What a model gets for nothing once it has a step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float, Shaped

__all__ = ["AbstractModel"]


class AbstractModel(ABC):
    """A model of which only settings, `init`, `initial_state` and `step` are left to write.

    Example:
        A leaky average of the input, whose parameter is how fast it leaks.

        >>> import jax.numpy as jnp
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Leaky(AbstractModel):
        ...     n_outputs: int
        ...     def init(self, rng, n_inputs): return rng.uniform(0, 1, self.n_outputs).astype("float32")
        ...     def initial_state(self, n_inputs): return np.zeros(self.n_outputs, "float32")
        ...     def step(self, params, state, x): return (s := params * state + (1 - params) * x), s
        >>> state, outputs = Leaky(2).sequence(jnp.array([0.0, 0.5]), jnp.zeros(2), jnp.ones((3, 2)))
        >>> outputs.tolist()
        [[1.0, 0.5], [1.0, 0.75], [1.0, 0.875]]
    """

    n_outputs: Any  # a field, a property or a constant of the concrete class

    @property
    def initialisers(self) -> Mapping[str, str]:
        """How each array of the parameters is drawn; empty where a model does not say."""
        return {}

    @property
    def reads_symbols(self) -> bool:
        """Whether `sequence` takes symbols too; one-hot vectors are made for those that do not."""
        return False

    @property
    def fixed(self) -> frozenset[str]:
        """Names of the arrays of the parameters that no rule trains: the model stops their gradient."""
        return frozenset()

    @property
    def reads_out(self) -> bool:
        """Whether its outputs are the problem's own; a dense read-out is put on those that are not."""
        return False

    @abstractmethod
    def init(self, rng: np.random.Generator, n_inputs: int) -> Any:
        """Draw initial parameters on the host."""

    @abstractmethod
    def initial_state(self, n_inputs: int) -> Any:
        """Return the state before the first step, as NumPy arrays."""

    @abstractmethod
    def step(self, params: Any, state: Any, x: Float[Array, " feature"]) -> tuple[Any, Float[Array, " output"]]:
        """Read one input; return the next state and the output."""

    def sequence(
        self, params: Any, state: Any, inputs: Shaped[Array, "time ..."]
    ) -> tuple[Any, Float[Array, "time output"]]:
        """Read a whole sequence, step by step."""
        return jax.lax.scan(lambda before, x: self.step(params, before, x), state, inputs)
