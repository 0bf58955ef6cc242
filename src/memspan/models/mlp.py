"""The control: a multilayer perceptron that sees the current input, or a window of the last ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_range
from memspan.models.abstract import AbstractModel
from memspan.models.convolution import causal_convolution
from memspan.models.initial import glorot_uniform

__all__ = ["MLP", "MLPParams"]


class MLPParams(NamedTuple):
    """Weights of the hidden layer.

    Attributes:
        kernel: from the window, oldest input first.
        bias: one number a unit.
    """

    kernel: Float[AnyArray, "window*feature unit"]
    bias: Float[AnyArray, " unit"]


@dataclass(frozen=True)
class MLP(AbstractModel):
    """One hidden layer of tanh units over the last `window` inputs; before the sequence began they are zero.

    Its state is nothing but the inputs it is allowed to see, so it remembers exactly `window` steps, by
    construction and not by learning.

    Example:
        >>> model = MLP(units=20, window=4)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, state.shape
        ((20,), (3, 5))

    Attributes:
        units: hidden units.
        window: inputs seen at once, the current one included; 1 is a network without any memory.
    """

    units: int = 20
    window: int = 1

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        check_range("window", self.window, 1)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of Keras."""
        return {"kernel": "glorot_uniform", "bias": "zeros"}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The hidden layer is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> MLPParams:
        """Draw a Glorot kernel and a zero bias."""
        kernel = glorot_uniform(rng, self.window * n_inputs, self.units)
        return MLPParams(kernel=kernel, bias=np.zeros(self.units, np.float32))

    def initial_state(self, n_inputs: int) -> Float[np.ndarray, "{self.window}-1 {n_inputs}"]:
        """Return a window in which nothing has been seen yet."""
        return np.zeros((self.window - 1, n_inputs), np.float32)

    def step(
        self, params: MLPParams, state: Float[AnyArray, "past feature"], x: Float[Array, " feature"]
    ) -> tuple[Float[Array, "past feature"], Float[Array, " unit"]]:
        """Read one input."""
        seen = jnp.concatenate([state, x[None]])
        return seen[1:], jnp.tanh(seen.reshape(-1) @ params.kernel + params.bias)

    def sequence(
        self, params: MLPParams, state: Float[AnyArray, "past feature"], inputs: Shaped[Array, "time ..."]
    ) -> tuple[Float[Array, "past feature"], Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols: one product for each place in the window."""
        kernel = jnp.asarray(params.kernel).reshape(self.window, -1, self.units)
        seen, sums = causal_convolution(kernel, state, inputs)
        return seen, jnp.tanh(sums + params.bias)
