"""The read-out: one affine layer that remembers nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput, check_range
from memspan.models.initial import glorot_uniform, uniform
from memspan.models.projection import project

__all__ = ["Dense", "DenseParams"]


class DenseParams(NamedTuple):
    """Weights of a dense layer, laid out as in Keras.

    Attributes:
        kernel: one column an output.
        bias: one number an output; None where the layer has none.
    """

    kernel: Float[AnyArray, "feature output"]
    bias: Float[AnyArray, " output"] | None


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
        bias: whether the outputs have a bias.
        limit: None draws as Keras does, a Glorot kernel and a zero bias; a number draws both uniformly between
            minus it and it, as was usual in 1997.
    """

    n_outputs: int
    bias: bool = True
    limit: float | None = None

    def __post_init__(self) -> None:
        check_range("n_outputs", self.n_outputs, 1)
        if self.limit is not None and not 0 <= self.limit < math.inf:
            raise InvalidInput(
                f"limit must be a finite number from 0, but got {self.limit!r}; leave it out for Glorot's"
            )

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of Keras, or one interval for all."""
        drawn = {"kernel": "glorot_uniform", "bias": "zeros"}
        if self.limit is not None:
            drawn = dict.fromkeys(drawn, f"uniform(-{self.limit:g}..{self.limit:g})")
        return drawn if self.bias else {"kernel": drawn["kernel"]}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def reads_out(self) -> bool:
        """It is the read-out."""
        return True

    def init(self, rng: np.random.Generator, n_inputs: int) -> DenseParams:
        """Draw a Glorot kernel and a zero bias, or both from one interval."""
        if self.limit is None:
            kernel, bias = glorot_uniform(rng, n_inputs, self.n_outputs), np.zeros(self.n_outputs, np.float32)
        else:
            kernel, bias = uniform(rng, self.limit, n_inputs, self.n_outputs), uniform(rng, self.limit, self.n_outputs)
        return DenseParams(kernel, bias if self.bias else None)

    def initial_state(self, n_inputs: int) -> tuple[()]:
        """Return the empty state."""
        return ()

    def step(
        self, params: DenseParams, state: tuple[()], x: Float[Array, " feature"]
    ) -> tuple[tuple[()], Float[Array, " output"]]:
        """Map one input."""
        return state, _shifted(x @ params.kernel, params.bias)

    def sequence(
        self, params: DenseParams, state: tuple[()], inputs: Shaped[Array, "time ..."]
    ) -> tuple[tuple[()], Float[Array, "time output"]]:
        """Map every step, in one product."""
        return state, _shifted(project(inputs, params.kernel), params.bias)


def _shifted(
    sums: Float[Array, "*time output"], bias: Float[AnyArray, " output"] | None
) -> Float[Array, "*time output"]:
    return sums if bias is None else sums + bias
