"""The minimal GRU: a gate that sees the input only, so that a whole sequence is one linear recurrence."""

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

__all__ = ["MinGRU", "MinGRUParams"]


class MinGRUParams(NamedTuple):
    """Weights of a minimal GRU; columns are update gate, candidate.

    Attributes:
        kernel: from the input.
        bias: one vector.
    """

    kernel: Float[AnyArray, "feature 2*unit"]
    bias: Float[AnyArray, " 2*unit"]


@dataclass(frozen=True)
class MinGRU(AbstractModel):
    """A GRU whose gate and candidate do not see the hidden state: h(t) = (1 - z) h(t-1) + z candidate.

    The candidate is linear (no tanh), as in the paper's plain form; its log-space form, which keeps the state
    positive, is not used. The state is the output; what is nonlinear is the gate, which multiplies what other steps
    wrote.

    Example:
        >>> model = MinGRU(units=20)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, sum(part.size for part in params)
        ((20,), 240)

    Attributes:
        units: numbers of the state.
        chrono: the longest lag that units should start out to keep, in steps: biases of the gate are then drawn
            so that the units' time scales spread from 2 to it. None leaves them zero.

    References:
        Feng et al. 2024, "Were RNNs all we needed?", section 3.1 (equations not numbered); chrono initialisation:
        Tallec and Ollivier 2018, equation 16.
    """

    units: int = 20
    chrono: int | None = None

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        if self.chrono is not None:
            check_range("chrono", self.chrono, 3)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of Keras; with `chrono`, biases of the gate are drawn."""
        return {"kernel": "glorot_uniform", "bias": f"chrono(1..{self.chrono})" if self.chrono else "zeros"}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> MinGRUParams:
        """Draw a Glorot kernel and a bias of zero (or chrono) on the gate."""
        kernel = glorot_uniform(rng, n_inputs, 2 * self.units)
        bias = np.zeros(2 * self.units, np.float32)
        if self.chrono is not None:
            bias[: self.units] = -chrono_biases(rng, self.units, self.chrono)
        return MinGRUParams(kernel, bias)

    def initial_state(self, n_inputs: int) -> Float[np.ndarray, " {self.units}"]:
        """Return a state of zeros."""
        return np.zeros(self.units, np.float32)

    def _recurrence(self, sums: Float[Array, "... column"]) -> tuple[Array, Array]:
        """What is kept and what is added, from what input and bias give."""
        gate, candidate = jnp.split(sums, 2, axis=-1)
        return jax.nn.sigmoid(-gate), jax.nn.sigmoid(gate) * candidate

    def step(
        self, params: MinGRUParams, state: Float[AnyArray, " unit"], x: Float[Array, " feature"]
    ) -> tuple[Float[Array, " unit"], Float[Array, " unit"]]:
        """Read one input."""
        decay, drive = self._recurrence(x @ params.kernel + params.bias)
        hidden = decay * state + drive
        return hidden, hidden

    def sequence(
        self, params: MinGRUParams, state: Float[AnyArray, " unit"], inputs: Shaped[Array, "time ..."]
    ) -> tuple[Float[Array, " unit"], Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        decay, drive = self._recurrence(project(inputs, params.kernel) + params.bias)
        return linear_scan(decay, drive, state)
