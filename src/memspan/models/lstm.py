"""The LSTM with forget gate, in the conventions of Keras."""

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
from memspan.models.activation import activation
from memspan.models.initial import chrono_biases, glorot_uniform, orthogonal
from memspan.models.lstm_sequence import lstm_sequence
from memspan.models.projection import project

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
class LSTM(AbstractModel):
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
        forget_bias: initial bias of the forget gate.
        chrono: the longest lag that units should start out to keep, in steps: biases of forget and input gate
            are then drawn so that the units' time scales spread from 1 to it. None leaves them.

    References:
        Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000; weights, gate order and
        defaults: keras.layers.LSTM; chrono initialisation: Tallec and Ollivier 2018, equation 16.
    """

    units: int = 20
    gate: str = "sigmoid"
    forget_bias: float = 1.0
    chrono: int | None = None

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        activation("gate", self.gate)
        if self.chrono is not None:
            check_range("chrono", self.chrono, 3)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of Keras; with `chrono`, biases of forget and input gate are drawn."""
        bias = f"chrono(1..{self.chrono})" if self.chrono else f"zeros, forget gate {self.forget_bias:g}"
        return {"kernel": "glorot_uniform", "recurrent": "orthogonal", "bias": bias}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The hidden state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> LSTMParams:
        """Draw a Glorot kernel, an orthogonal recurrent kernel, and a bias of one (or chrono) on the forget gate."""
        kernel = glorot_uniform(rng, n_inputs, 4 * self.units)
        recurrent = orthogonal(rng, self.units, 4 * self.units)
        bias = np.zeros(4 * self.units, np.float32)
        bias[self.units : 2 * self.units] = self.forget_bias
        if self.chrono is not None:
            forget = chrono_biases(rng, self.units, self.chrono)
            bias[: self.units], bias[self.units : 2 * self.units] = -forget, forget
        return LSTMParams(kernel, recurrent, bias)

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

    def sequence(
        self, params: LSTMParams, state: LSTMState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[LSTMState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        sums = project(inputs, params.kernel) + params.bias
        end, outputs = lstm_sequence(params.recurrent, sums, state.hidden, state.cell, self.gate)
        return LSTMState(*end), outputs
