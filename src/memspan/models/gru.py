"""The gated recurrent unit, in both of the conventions that frameworks call by this name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_choice, check_range
from memspan.models.abstract import AbstractModel
from memspan.models.gru_sequence import gru_after, gru_before
from memspan.models.initial import glorot_uniform, orthogonal
from memspan.models.projection import project

__all__ = ["GRU", "GRUParams", "GRUState"]


class GRUParams(NamedTuple):
    """Weights of a GRU, laid out as in Keras: columns are update gate, reset gate, candidate.

    Attributes:
        kernel: from the input; three blocks of `units` columns.
        recurrent: from the previous hidden state.
        bias: one row; with the reset gate after the product two, the second is added to what comes from the
            hidden state.
    """

    kernel: Float[AnyArray, "feature 3*unit"]
    recurrent: Float[AnyArray, "unit 3*unit"]
    bias: Float[AnyArray, "side 3*unit"]


class GRUState(NamedTuple):
    """What a GRU carries from step to step.

    Attributes:
        hidden: its last output.
    """

    hidden: Float[AnyArray, " unit"]


@dataclass(frozen=True)
class GRU(AbstractModel):
    """A gated recurrent unit: h' = z h + (1 - z) candidate.

    Example:
        >>> model = GRU(units=20)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, params.bias.shape, GRU(20, reset="before").init(np.random.default_rng(0), 5).bias.shape
        ((20,), (2, 60), (1, 60))

    Attributes:
        units: hidden units.
        reset: where the reset gate acts: "after" the recurrent product, candidate = tanh(x W + b + r (h R + c)),
            as in cuDNN, PyTorch and Keras since 2.3; or "before" it, tanh(x W + (r h) R + b), as published and
            in earlier Keras. They are different functions.

    References:
        Cho et al. 2014, equations 5 to 8 (reset "before"); weights, gate order and defaults: keras.layers.GRU.
    """

    units: int = 20
    reset: str = "after"

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        check_choice("reset", self.reset, ["after", "before"])

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of Keras."""
        return {"kernel": "glorot_uniform", "recurrent": "orthogonal", "bias": "zeros"}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The hidden state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> GRUParams:
        """Draw a Glorot kernel and an orthogonal recurrent kernel; biases are zero."""
        return GRUParams(
            kernel=glorot_uniform(rng, n_inputs, 3 * self.units),
            recurrent=orthogonal(rng, self.units, 3 * self.units),
            bias=np.zeros((2 if self.reset == "after" else 1, 3 * self.units), np.float32),
        )

    def initial_state(self, n_inputs: int) -> GRUState:
        """Return zeros."""
        return GRUState(np.zeros(self.units, np.float32))

    def step(
        self, params: GRUParams, state: GRUState, x: Float[Array, " feature"]
    ) -> tuple[GRUState, Float[Array, " unit"]]:
        """Read one input."""
        before, gates = state.hidden, slice(0, 2 * self.units)
        # Summed by hand, the input's share fuses with what follows; as a product XLA would first copy the kernel.
        sums = jnp.sum(x[:, None] * params.kernel, axis=0) + params.bias[0]
        candidate_sums = sums[2 * self.units :]
        if self.reset == "after":
            products = before @ params.recurrent + params.bias[1]
            update, reset = jnp.split(jax.nn.sigmoid(sums[gates] + products[gates]), 2)
            candidate = jnp.tanh(candidate_sums + reset * products[2 * self.units :])
        else:
            update, reset = jnp.split(jax.nn.sigmoid(sums[gates] + before @ params.recurrent[:, gates]), 2)
            candidate = jnp.tanh(candidate_sums + (reset * before) @ params.recurrent[:, 2 * self.units :])
        hidden = update * before + (1 - update) * candidate
        return GRUState(hidden), hidden

    def sequence(
        self, params: GRUParams, state: GRUState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[GRUState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        recurrent, start = jnp.asarray(params.recurrent), jnp.asarray(state.hidden)
        sums = project(inputs, params.kernel) + params.bias[0]
        if self.reset == "after":
            gates, shift = jnp.split(jnp.asarray(params.bias[1]), [2 * self.units])
            # The gates' second bias is added to the first; the candidate's lies inside the reset gate.
            outputs = gru_after(recurrent, shift, sums + jnp.pad(gates, (0, self.units)), start)
        else:
            outputs = gru_before(recurrent, sums, start)
        return GRUState(outputs[-1] if len(outputs) else start), outputs
