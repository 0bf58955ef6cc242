"""The sLSTM of xLSTM: exponential gates, a normaliser, and heads that mix their own units only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_choice
from memspan.models.abstract import AbstractModel
from memspan.models.heads import units_per_head
from memspan.models.projection import project
from memspan.models.slstm_sequence import received, slstm_cell, slstm_sequence
from memspan.models.xlstm_initial import EMPTY, FORGET_BIASES, LOG_FORGET, forget_bias, small_init

__all__ = ["SLSTM", "SLSTMParams", "SLSTMState"]


class SLSTMParams(NamedTuple):
    """Weights of an sLSTM; columns are input gate, forget gate, candidate, output gate, as in the xlstm package.

    Attributes:
        kernel: from the input; four blocks of `units` columns.
        recurrent: for each head, from the hidden state of its own units to them.
        bias: one vector.
    """

    kernel: Float[AnyArray, "feature 4*unit"]
    recurrent: Float[AnyArray, "head part 4*part"]
    bias: Float[AnyArray, " 4*unit"]


class SLSTMState(NamedTuple):
    """What an sLSTM carries from step to step.

    Cell, normaliser and stabiliser describe one memory: exp(a) times the first two and a less in the third is the same.

    Attributes:
        hidden: what it shows to the read-out and to its own gates.
        cell: what it keeps.
        normaliser: the sum of the weights with which that was written.
        stabiliser: the logarithm of the scale of both; far below zero while nothing was written.
    """

    hidden: Float[AnyArray, " unit"]
    cell: Float[AnyArray, " unit"]
    normaliser: Float[AnyArray, " unit"]
    stabiliser: Float[AnyArray, " unit"]


@dataclass(frozen=True)
class SLSTM(AbstractModel):
    """The bare cell of the sLSTM: no convolution, normalisation or projection around it.

    Example:
        >>> model = SLSTM(units=20, heads=2)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, params.recurrent.shape
        ((20,), (2, 10, 40))

    Attributes:
        units: memory cells.
        heads: equal parts of the units; recurrent weights connect units of one head only.
        forget: the forget gate, "sigmoid" or "exp"; the input gate is always exponential.
        forget_bias: initial biases of the forget gates within a head: "powerlaw" (5 down to -7), "linspace"
            (3 to 6), "zeros".

    References:
        Beck et al. 2024, equations 8 to 17; weights, gate order and initial values: the xlstm package. Its cell
        starts from zeros with a stabiliser that the first write sets; here that stabiliser is a number.
    """

    units: int = 20
    heads: int = 2
    forget: str = "sigmoid"
    forget_bias: str = "powerlaw"

    def __post_init__(self) -> None:
        units_per_head(self.units, self.heads)
        check_choice("forget", self.forget, LOG_FORGET)
        check_choice("forget_bias", self.forget_bias, FORGET_BIASES)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of the xlstm package."""
        return {
            "kernel": "small_init: normal, variance 2 / (5 inputs)",
            "recurrent": "zeros",
            "bias": f"zeros, forget gate {self.forget_bias}",
        }

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The hidden state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> SLSTMParams:
        """Draw a kernel; recurrent weights and biases start at given values."""
        part = units_per_head(self.units, self.heads)
        bias = np.zeros((4, self.units), np.float32)
        bias[1] = np.tile(forget_bias(self.forget_bias, part), self.heads)
        recurrent = np.zeros((self.heads, part, 4 * part), np.float32)
        return SLSTMParams(small_init(rng, n_inputs, 4 * self.units), recurrent, bias.reshape(-1))

    def initial_state(self, n_inputs: int) -> SLSTMState:
        """Return zeros, and a stabiliser that says that nothing was written."""
        zeros = np.zeros(self.units, np.float32)
        return SLSTMState(zeros, zeros, zeros, np.full(self.units, EMPTY, np.float32))

    def step(
        self, params: SLSTMParams, state: SLSTMState, x: Float[Array, " feature"]
    ) -> tuple[SLSTMState, Float[Array, " unit"]]:
        """Read one input."""
        sums = x @ params.kernel + params.bias + received(jnp.asarray(params.recurrent), jnp.asarray(state.hidden))
        after = SLSTMState(*slstm_cell(self.forget, tuple(state), sums))
        return after, after.hidden

    def sequence(
        self, params: SLSTMParams, state: SLSTMState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[SLSTMState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        sums = project(inputs, params.kernel) + params.bias
        end, outputs = slstm_sequence(params.recurrent, sums, tuple(state), self.forget)
        return SLSTMState(*end), outputs
