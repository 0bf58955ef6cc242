"""The LSTM with forget gate, laid out as in Keras, with initial weights as in Keras or in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_choice, check_range
from memspan.models.abstract import AbstractModel
from memspan.models.activation import activation
from memspan.models.initial import chrono_biases, glorot_uniform, orthogonal, uniform
from memspan.models.lstm_native import check_native, lstm_native
from memspan.models.lstm_sequence import lstm_sequence
from memspan.models.projection import project

__all__ = ["LSTM", "LSTMGates", "LSTMParams", "LSTMState"]


class LSTMParams(NamedTuple):
    """Weights of an LSTM, laid out as in Keras: columns are input gate, forget gate, candidate, output gate.

    Attributes:
        kernel: from the input; four blocks of `units` columns.
        recurrent: from the previous hidden state.
        bias: one vector; PyTorch's two biases are only ever added, and are one here.
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
        convention: whose initial weights. "keras": a Glorot kernel, an orthogonal recurrent kernel, biases of zero
            and, on the forget gate, one. "pytorch": all weights, and both biases that are summed in ours, uniform
            between -1/sqrt(units) and 1/sqrt(units).
        forget_bias: initial bias of the forget gate; None leaves it to the convention.
        chrono: the longest lag that units should start out to keep, in steps: biases of forget and input gate
            are then drawn so that the units' time scales spread from 1 to it. None leaves them.
        loop: what runs a whole sequence. "xla": everywhere. "native": code that Numba compiles (`pip install
            'memspan[fast]'`), several times faster on a CPU; float32, gates "sigmoid" or "hard_sigmoid".

    References:
        Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000; weights, gate order and
        defaults: keras.layers.LSTM, torch.nn.LSTM; chrono initialisation: Tallec and Ollivier 2018, equation 16.
    """

    units: int = 20
    gate: str = "sigmoid"
    convention: str = "keras"
    forget_bias: float | None = None
    chrono: int | None = None
    loop: str = "xla"

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        activation("gate", self.gate)
        check_choice("convention", self.convention, ["keras", "pytorch"])
        if self.chrono is not None:
            check_range("chrono", self.chrono, 3)
        if check_choice("loop", self.loop, ["xla", "native"]) == "native":
            check_native(self.gate)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of the convention; with `chrono`, biases of forget and input gate are drawn."""
        if self.convention == "keras":
            drawn, forget = ("glorot_uniform", "orthogonal", "zeros"), 1.0
        else:
            drawn, forget = ("uniform, 1/sqrt(units)",) * 2 + ("sum of two uniform, 1/sqrt(units)",), None
        forget = forget if self.forget_bias is None else self.forget_bias
        bias = drawn[2] if forget is None else f"{drawn[2]}, forget gate {forget:g}"
        if self.chrono is not None:
            bias = f"{drawn[2]}, forget and input gate chrono(1..{self.chrono})"
        return {"kernel": drawn[0], "recurrent": drawn[1], "bias": bias}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The hidden state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> LSTMParams:
        """Draw all weights as the convention does; then set what was asked for of the gates' biases."""
        draw = self._as_keras if self.convention == "keras" else self._as_pytorch
        params = draw(rng, n_inputs)
        to_input, to_forget = params.bias[: self.units], params.bias[self.units : 2 * self.units]
        if self.forget_bias is not None:
            to_forget[:] = self.forget_bias
        if self.chrono is not None:
            to_forget[:] = chrono_biases(rng, self.units, self.chrono)
            to_input[:] = -to_forget
        return params

    def _as_keras(self, rng: np.random.Generator, n_inputs: int) -> LSTMParams:
        kernel = glorot_uniform(rng, n_inputs, 4 * self.units)
        recurrent = orthogonal(rng, self.units, 4 * self.units)
        return LSTMParams(kernel, recurrent, np.repeat(np.array([0, 1, 0, 0], np.float32), self.units))

    def _as_pytorch(self, rng: np.random.Generator, n_inputs: int) -> LSTMParams:
        limit, columns = self.units**-0.5, 4 * self.units
        kernel, recurrent = uniform(rng, limit, n_inputs, columns), uniform(rng, limit, self.units, columns)
        return LSTMParams(kernel, recurrent, uniform(rng, limit, columns) + uniform(rng, limit, columns))

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
        if self.loop == "native" and jnp.issubdtype(inputs.dtype, jnp.integer) and len(params.kernel) <= len(inputs):
            rows = jnp.asarray(params.kernel) + params.bias
            end, outputs = lstm_native(params.recurrent, rows, state.hidden, state.cell, self.gate, inputs)
            return LSTMState(*end), outputs
        sums = project(inputs, params.kernel) + params.bias
        loop = lstm_native if self.loop == "native" else lstm_sequence
        end, outputs = loop(params.recurrent, sums, state.hidden, state.cell, self.gate)
        return LSTMState(*end), outputs
