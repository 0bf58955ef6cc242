"""The read-out: one affine layer that remembers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_range
from memspan.models.initial import glorot_uniform
from memspan.models.projection import project

__all__ = ["Dense", "DenseParams"]


class DenseParams(NamedTuple):
    """Weights of a dense layer, laid out as in Keras.

    Attributes:
        kernel: one column an output.
        bias: one number an output.
    """

    kernel: Float[AnyArray, "feature output"]
    bias: Float[AnyArray, " output"]


@dataclass(frozen=True)
class Dense:
    """An affine map of its input. Its outputs are logits: the sigmoid belongs to the loss and to the reader.

    Example:
        >>> import jax.numpy as jnp
        >>> layer = Dense(n_outputs=5)
        >>> params = layer.init(np.random.default_rng(0), n_inputs=20)
        >>> _, y = layer.step(params, (), jnp.ones(20))
        >>> y.shape
        (5,)

    Attributes:
        n_outputs: size of the output.
    """

    n_outputs: int

    def __post_init__(self) -> None:
        check_range("n_outputs", self.n_outputs, 1)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of Keras."""
        return {"kernel": "glorot_uniform", "bias": "zeros"}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    def init(self, rng: np.random.Generator, n_inputs: int) -> DenseParams:
        """Draw a Glorot kernel and a zero bias."""
        return DenseParams(
            kernel=glorot_uniform(rng, n_inputs, self.n_outputs), bias=np.zeros(self.n_outputs, np.float32)
        )

    def initial_state(self, n_inputs: int) -> tuple[()]:
        """Return the empty state."""
        return ()

    def step(
        self, params: DenseParams, state: tuple[()], x: Float[Array, " feature"]
    ) -> tuple[tuple[()], Float[Array, " output"]]:
        """Map one input."""
        return state, x @ params.kernel + params.bias

    def sequence(
        self, params: DenseParams, state: tuple[()], inputs: Shaped[Array, "time ..."]
    ) -> tuple[tuple[()], Float[Array, "time output"]]:
        """Map every step, in one product."""
        return state, project(inputs, params.kernel) + params.bias
