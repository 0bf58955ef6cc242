"""The LSTM with forget gate, in the conventions of Keras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_range
from memspan.models.activation import activation
from memspan.models.initial import glorot_uniform, orthogonal

__all__ = ["LSTM", "LSTMGates", "LSTMParams", "LSTMState"]


class LSTMParams(NamedTuple):
    """Weights of an LSTM, laid out as in Keras: columns are input gate, forget gate, candidate, output gate.

    Attributes:
        kernel: from the input; four blocks of `units` columns.
        recurrent: from the previous hidden state.
        bias: one vector; the forget block starts at one.
    """

    kernel: Float[AnyArray, "feature 4*unit"]
    recurrent: Float[AnyArray, "unit 4*unit"]
    bias: Float[AnyArray, " 4*unit"]


class LSTMState(NamedTuple):
    """What an LSTM carries from step to step.

    Attributes:
        hidden: what it shows to the read-out and to its own gates.
        cell: what it keeps.
    """

    hidden: Float[AnyArray, " unit"]
    cell: Float[AnyArray, " unit"]


class LSTMGates(NamedTuple):
    """The activations inside one step.

    Attributes:
        input: how much of the candidate is written.
        forget: how much of the old cell stays.
        candidate: what would be written.
        output: how much of the cell is shown.
    """

    input: Float[Array, " unit"]
    forget: Float[Array, " unit"]
    candidate: Float[Array, " unit"]
    output: Float[Array, " unit"]


@dataclass(frozen=True)
class LSTM:
    """Long short-term memory with a forget gate.

    Example:
        >>> model = LSTM(units=20)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, state.cell.shape
        ((20,), (20,))

    Attributes:
        units: memory cells.
        gate: activation of the gates: "sigmoid" (Keras since 2.3), or "hard_sigmoid" as in the Keras 2.0 of the
            tutorial.

    References:
        Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000; weights, gate order and
        defaults: keras.layers.LSTM.
    """

    units: int = 20
    gate: str = "sigmoid"

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        activation("gate", self.gate)

    @property
    def n_outputs(self) -> int:
        """The hidden state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> LSTMParams:
        """Draw a Glorot kernel, an orthogonal recurrent kernel, and a bias of one on the forget gate."""
        bias = np.zeros(4 * self.units, np.float32)
        bias[self.units : 2 * self.units] = 1.0
        return LSTMParams(
            kernel=glorot_uniform(rng, n_inputs, 4 * self.units),
            recurrent=orthogonal(rng, self.units, 4 * self.units),
            bias=bias,
        )

    def initial_state(self, n_inputs: int) -> LSTMState:
        """Return zeros."""
        zeros = np.zeros(self.units, np.float32)
        return LSTMState(hidden=zeros, cell=zeros)

    def gates(self, params: LSTMParams, state: LSTMState, x: Float[Array, " feature"]) -> LSTMGates:
        """Return the four gate activations of one step."""
        # Summed by hand, the input's share fuses with what follows; as a product XLA would first copy the kernel.
        from_input = jnp.sum(x[:, None] * params.kernel, axis=0)
        sums = from_input + state.hidden @ params.recurrent + params.bias
        i, f, g, o = jnp.split(sums, 4)
        squash = activation("gate", self.gate)
        return LSTMGates(input=squash(i), forget=squash(f), candidate=jnp.tanh(g), output=squash(o))

    def step(
        self, params: LSTMParams, state: LSTMState, x: Float[Array, " feature"]
    ) -> tuple[LSTMState, Float[Array, " unit"]]:
        """Read one input."""
        gates = self.gates(params, state, x)
        cell = gates.forget * state.cell + gates.input * gates.candidate
        hidden = gates.output * jnp.tanh(cell)
        return LSTMState(hidden=hidden, cell=cell), hidden
