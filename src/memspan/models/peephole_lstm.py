"""The LSTM whose gates see the cell itself, and not only what the output gate lets out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_range
from memspan.models.abstract import AbstractModel
from memspan.models.initial import glorot_uniform, orthogonal, uniform
from memspan.models.lstm import LSTMState
from memspan.models.peephole_sequence import peephole_sequence
from memspan.models.projection import project

__all__ = ["PeepholeLSTM", "PeepholeLSTMParams"]


class PeepholeLSTMParams(NamedTuple):
    """Weights of an LSTM with peepholes; columns are input gate, forget gate, candidate, output gate.

    Attributes:
        kernel: from the input; four blocks of `units` columns.
        recurrent: from the previous hidden state.
        bias: one vector; the forget block starts at one.
        peephole: from each cell to its own input gate, forget gate and output gate, one row each.
    """

    kernel: Float[AnyArray, "feature 4*unit"]
    recurrent: Float[AnyArray, "unit 4*unit"]
    bias: Float[AnyArray, " 4*unit"]
    peephole: Float[AnyArray, "3 unit"]


@dataclass(frozen=True)
class PeepholeLSTM(AbstractModel):
    """Long short-term memory with a forget gate and peepholes.

    Input and forget gate see the cell before the step, the output gate sees it after. The cell is shown through
    tanh, as in later use; the paper of 2002 shows it as it is.

    Example:
        >>> model = PeepholeLSTM(units=20)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, params.peephole.shape
        ((20,), (3, 20))

    Attributes:
        units: memory cells.
        forget_bias: initial bias of the forget gate.
        limit: peepholes are drawn uniformly between minus this and this.

    References:
        Gers, Schraudolph and Schmidhuber 2002; in this form Graves 2013, equations 7 to 11.
    """

    units: int = 20
    forget_bias: float = 1.0
    limit: float = 0.1

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of Keras for what Keras has; peepholes from a small interval."""
        return {
            "kernel": "glorot_uniform",
            "recurrent": "orthogonal",
            "bias": f"zeros, forget gate {self.forget_bias:g}",
            "peephole": f"uniform(-{self.limit:g}..{self.limit:g})",
        }

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The hidden state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> PeepholeLSTMParams:
        """Draw a Glorot kernel, an orthogonal recurrent kernel, and small peepholes."""
        return PeepholeLSTMParams(
            kernel=glorot_uniform(rng, n_inputs, 4 * self.units),
            recurrent=orthogonal(rng, self.units, 4 * self.units),
            bias=np.repeat(np.array([0, self.forget_bias, 0, 0], np.float32), self.units),
            peephole=uniform(rng, self.limit, 3, self.units),
        )

    def initial_state(self, n_inputs: int) -> LSTMState:
        """Return zeros."""
        zeros = np.zeros(self.units, np.float32)
        return LSTMState(hidden=zeros, cell=zeros)

    def step(
        self, params: PeepholeLSTMParams, state: LSTMState, x: Float[Array, " feature"]
    ) -> tuple[LSTMState, Float[Array, " unit"]]:
        """Read one input."""
        # Summed by hand, the input's share fuses with what follows; as a product XLA would first copy the kernel.
        from_input = jnp.sum(x[:, None] * params.kernel, axis=0)
        i, f, g, o = jnp.split(from_input + state.hidden @ params.recurrent + params.bias, 4)
        to_input, to_forget, to_output = params.peephole
        write, keep = jax.nn.sigmoid(i + to_input * state.cell), jax.nn.sigmoid(f + to_forget * state.cell)
        cell = keep * state.cell + write * jnp.tanh(g)
        hidden = jax.nn.sigmoid(o + to_output * cell) * jnp.tanh(cell)
        return LSTMState(hidden=hidden, cell=cell), hidden

    def sequence(
        self, params: PeepholeLSTMParams, state: LSTMState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[LSTMState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        sums = project(inputs, params.kernel) + params.bias
        weights = jnp.asarray(params.recurrent), jnp.asarray(params.peephole)
        end, outputs = peephole_sequence(*weights, sums, (jnp.asarray(state.hidden), jnp.asarray(state.cell)))
        return LSTMState(*end), outputs
