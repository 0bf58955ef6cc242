"""The mLSTM of xLSTM: a matrix memory of keys and values with exponential gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_choice
from memspan.models.abstract import AbstractModel
from memspan.models.chunks import scan_chunks
from memspan.models.heads import units_per_head
from memspan.models.mlstm_memory import MLSTMReading, MLSTMState, read_chunk, read_step
from memspan.models.projection import project
from memspan.models.xlstm_initial import EMPTY, FORGET_BIASES, LOG_FORGET, forget_bias, small_init

__all__ = ["MLSTM", "MLSTMParams"]


class MLSTMParams(NamedTuple):
    """Weights of an mLSTM.

    Attributes:
        kernel: from the input to queries, keys, values and output gate; four blocks of `units` columns, head by head.
        bias: theirs.
        gates: from the input to input gate and forget gate; two blocks of `heads` columns.
        gate_bias: theirs.
    """

    kernel: Float[AnyArray, "feature 4*unit"]
    bias: Float[AnyArray, " 4*unit"]
    gates: Float[AnyArray, "feature 2*head"]
    gate_bias: Float[AnyArray, " 2*head"]


@dataclass(frozen=True)
class MLSTM(AbstractModel):
    """The bare cell of the mLSTM: no convolution, normalisation or projection around it.

    It has no recurrent weights, so that a sequence is read in chunks, all steps of a chunk at once.

    Example:
        >>> model = MLSTM(units=20, heads=2)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, state.memory.shape
        ((20,), (2, 10, 10))

    Attributes:
        units: outputs; each head has units / heads keys and as many values.
        heads: memories side by side.
        forget: the forget gate, "sigmoid" or "exp"; the input gate is always exponential.
        forget_bias: initial biases of the forget gates, over the heads: "linspace" (3 to 6), "powerlaw"
            (5 down to -7), "zeros".

    References:
        Beck et al. 2024, equations 19 to 27, stabilised by equations 15 to 17; initial values: the xlstm package,
        whose epsilon in the denominator is left out.
    """

    units: int = 20
    heads: int = 2
    forget: str = "sigmoid"
    forget_bias: str = "linspace"

    def __post_init__(self) -> None:
        units_per_head(self.units, self.heads)
        check_choice("forget", self.forget, LOG_FORGET)
        check_choice("forget_bias", self.forget_bias, FORGET_BIASES)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of the xlstm package."""
        return {
            "kernel": "small_init: normal, variance 2 / (5 inputs)",
            "bias": "zeros",
            "gates": "zeros",
            "gate_bias": f"input gate normal, deviation 0.1; forget gate {self.forget_bias}",
        }

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks rows of the kernels."""
        return True

    @property
    def n_outputs(self) -> int:
        """What the heads read, side by side, is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> MLSTMParams:
        """Draw a kernel and input gate biases; gates do not look at the input at first."""
        kernel = small_init(rng, n_inputs, 4 * self.units)
        opened = rng.normal(0.0, 0.1, self.heads).astype(np.float32)
        gate_bias = np.concatenate([opened, forget_bias(self.forget_bias, self.heads)])
        gates = np.zeros((n_inputs, 2 * self.heads), np.float32)
        return MLSTMParams(kernel, np.zeros(4 * self.units, np.float32), gates, gate_bias)

    def initial_state(self, n_inputs: int) -> MLSTMState:
        """Return empty memories."""
        part = units_per_head(self.units, self.heads)
        memory, normaliser = np.zeros((self.heads, part, part), np.float32), np.zeros((self.heads, part), np.float32)
        return MLSTMState(memory, normaliser, np.full(self.heads, EMPTY, np.float32))

    def _reading(
        self, params: MLSTMParams, inputs: Shaped[Array, "..."]
    ) -> tuple[MLSTMReading, Float[Array, "... unit"]]:
        """Return what the heads read, head before units, and the output gate."""
        lead = inputs.shape[:1] if jnp.issubdtype(inputs.dtype, jnp.integer) else inputs.shape[:-1]
        sums = project(inputs, params.kernel) + params.bias
        queries, keys, values, shown = jnp.split(sums, 4, axis=-1)
        i, f = jnp.split(project(inputs, params.gates) + params.gate_bias, 2, axis=-1)
        queries, keys, values = (
            rows.reshape(*lead, self.heads, self.units // self.heads) for rows in (queries, keys, values)
        )
        keys = keys / keys.shape[-1] ** 0.5
        return MLSTMReading(queries, keys, values, i, LOG_FORGET[self.forget](f)), jax.nn.sigmoid(shown)

    def step(
        self, params: MLSTMParams, state: MLSTMState, x: Float[Array, " feature"]
    ) -> tuple[MLSTMState, Float[Array, " unit"]]:
        """Read one input."""
        reading, shown = self._reading(params, x)
        after, read = jax.vmap(read_step)(MLSTMState(*map(jnp.asarray, state)), reading)
        return after, shown * read.reshape(-1)

    def sequence(
        self, params: MLSTMParams, state: MLSTMState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[MLSTMState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        reading, shown = self._reading(params, inputs)

        def read(before: MLSTMState, now: tuple[Array, ...]) -> tuple[MLSTMState, Array]:
            after, outputs = jax.vmap(read_chunk, in_axes=(0, 1), out_axes=(0, 1))(before, MLSTMReading(*now))
            return after, outputs

        start = MLSTMState(*map(jnp.asarray, state))
        end, outputs = scan_chunks(read, start, tuple(reading), (0.0, 0.0, 0.0, EMPTY, 0.0))
        return end, shown * outputs.reshape(shown.shape)
