"""The minimal LSTM: gates that see the input only, so that a whole sequence is one linear recurrence."""

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
from memspan.models.initial import chrono_biases, glorot_uniform
from memspan.models.linear_scan import linear_scan
from memspan.models.projection import project

__all__ = ["MinLSTM", "MinLSTMParams"]


class MinLSTMParams(NamedTuple):
    """Weights of a minimal LSTM; columns are input gate, forget gate, candidate.

    Attributes:
        kernel: from the input.
        bias: one vector.
    """

    kernel: Float[AnyArray, "feature 3*unit"]
    bias: Float[AnyArray, " 3*unit"]


@dataclass(frozen=True)
class MinLSTM(AbstractModel):
    """An LSTM whose gates and candidate do not see the hidden state, with gates that sum to one.

    h(t) = f' h(t-1) + i' candidate, with f' = f / (f + i) and i' = i / (f + i). No output gate; the candidate is
    linear (no tanh), as in the paper's plain form; its log-space form, which keeps the state positive, is not used.

    Example:
        >>> model = MinLSTM(units=20)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, sum(part.size for part in params)
        ((20,), 360)

    Attributes:
        units: numbers of the state.
        forget_bias: initial bias of the forget gate.
        chrono: the longest lag that units should start out to keep, in steps: biases of forget and input gate
            are then drawn so that the units' time scales spread from 2 to it. None leaves them.

    References:
        Feng et al. 2024, "Were RNNs all we needed?", section 3.2 (equations not numbered); chrono initialisation:
        Tallec and Ollivier 2018, equation 16.
    """

    units: int = 20
    forget_bias: float = 0.0
    chrono: int | None = None

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        if self.chrono is not None:
            check_range("chrono", self.chrono, 3)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of Keras; with `chrono`, biases of forget and input gate are drawn."""
        bias = f"chrono(1..{self.chrono})" if self.chrono else f"zeros, forget gate {self.forget_bias:g}"
        return {"kernel": "glorot_uniform", "bias": bias}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> MinLSTMParams:
        """Draw a Glorot kernel, and the bias of the gates."""
        kernel = glorot_uniform(rng, n_inputs, 3 * self.units)
        bias = np.zeros(3 * self.units, np.float32)
        bias[self.units : 2 * self.units] = self.forget_bias
        if self.chrono is not None:
            forget = chrono_biases(rng, self.units, self.chrono)
            bias[: self.units], bias[self.units : 2 * self.units] = -forget, forget
        return MinLSTMParams(kernel, bias)

    def initial_state(self, n_inputs: int) -> Float[np.ndarray, " {self.units}"]:
        """Return a state of zeros."""
        return np.zeros(self.units, np.float32)

    def _recurrence(self, sums: Float[Array, "... column"]) -> tuple[Array, Array]:
        """What is kept and what is added, from what input and bias give."""
        i, f, candidate = jnp.split(sums, 3, axis=-1)
        # f / (f + i) = sigmoid(log f - log i), which stays finite where both gates are shut.
        odds = jax.nn.log_sigmoid(f) - jax.nn.log_sigmoid(i)
        return jax.nn.sigmoid(odds), jax.nn.sigmoid(-odds) * candidate

    def step(
        self, params: MinLSTMParams, state: Float[AnyArray, " unit"], x: Float[Array, " feature"]
    ) -> tuple[Float[Array, " unit"], Float[Array, " unit"]]:
        """Read one input."""
        decay, drive = self._recurrence(x @ params.kernel + params.bias)
        hidden = decay * state + drive
        return hidden, hidden

    def sequence(
        self, params: MinLSTMParams, state: Float[AnyArray, " unit"], inputs: Shaped[Array, "time ..."]
    ) -> tuple[Float[Array, " unit"], Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        decay, drive = self._recurrence(project(inputs, params.kernel) + params.bias)
        return linear_scan(decay, drive, state)
