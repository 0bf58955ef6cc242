"""The linear recurrent unit: a diagonal complex recurrence, kept stable by how its weights are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput, check_range
from memspan.models.abstract import AbstractModel
from memspan.models.complex_pair import ComplexState, from_pair, real_product
from memspan.models.initial import glorot_uniform
from memspan.models.linear_scan import linear_scan
from memspan.models.projection import project

__all__ = ["LRU", "LRUParams"]


class LRUParams(NamedTuple):
    """Weights of an LRU; complex kernels hold their real parts in the first half of the state axis.

    Attributes:
        nu_log: log of the decay: the modulus of an eigenvalue is exp(-exp(nu_log)).
        theta_log: log of the phase, in radians a step.
        gamma_log: log of the gain of the input.
        input: B, from the input to the state.
        output: C, from the state to the output.
        skip: D, from the input to the output.
        glu_kernel: of the gated linear unit; value, then gate.
        glu_bias: the same.
    """

    nu_log: Float[AnyArray, " state"]
    theta_log: Float[AnyArray, " state"]
    gamma_log: Float[AnyArray, " state"]
    input: Float[AnyArray, "feature 2*state"]
    output: Float[AnyArray, "2*state unit"]
    skip: Float[AnyArray, "feature unit"]
    glu_kernel: Float[AnyArray, "unit 2*unit"]
    glu_bias: Float[AnyArray, " 2*unit"]


@dataclass(frozen=True)
class LRU(AbstractModel):
    """The recurrence of the LRU and the gated linear unit that follows it in the paper's block.

    h(t) = lambda h(t-1) + gamma (B x(t)), y = Re(C h) + D x, and the output is (V y + a) sigmoid(W y + b): the
    recurrence is linear, the gate is all that is not. Neither normalisation nor residual of the paper's block is
    here. D is a full matrix, for inputs and outputs need not be equally many.

    Example:
        >>> model = LRU(units=20, states=16)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, state.real.shape, state.imag.shape
        ((20,), (16,), (16,))

    Attributes:
        units: outputs.
        states: complex numbers of the state, two real numbers each.
        r_min: least modulus of an initial eigenvalue; a modulus r keeps for about 1 / (1 - r) steps.
        r_max: largest modulus of an initial eigenvalue.
        max_phase: largest phase of an initial eigenvalue, in radians a step.

    References:
        Orvieto et al. 2023, "Resurrecting recurrent neural networks for long sequences", appendix A (the layer),
        figure 1 (the block) and lemma 3.2 (initial eigenvalues); GLU: Dauphin et al. 2017, equation 1.
    """

    units: int = 20
    states: int = 32
    r_min: float = 0.0
    r_max: float = 1.0
    max_phase: float = 2 * np.pi

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        check_range("states", self.states, 1)
        if not 0 <= self.r_min < self.r_max <= 1:
            raise InvalidInput(
                f"r_min and r_max must satisfy 0 <= r_min < r_max <= 1, but got {self.r_min!r} and {self.r_max!r}; "
                "r_min=0.9 and r_max=0.999 suit long lags"
            )
        if not 0 < self.max_phase <= 2 * np.pi:
            raise InvalidInput(
                f"max_phase must be a number above 0 and at most 2 pi, but got {self.max_phase!r}; "
                "smaller phases suit longer lags"
            )

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of the paper; the gated linear unit as in Keras."""
        return {
            "nu_log": f"eigenvalues uniform on the ring of moduli {self.r_min:g} to {self.r_max:g}",
            "theta_log": f"phases uniform from 0 to {self.max_phase:g}",
            "gamma_log": "log sqrt(1 - modulus^2)",
            "input": "normal, variance 1 / (2 inputs) each part",
            "output": "normal, variance 1 / states each part",
            "skip": "normal, variance 1 / inputs",
            "glu_kernel": "glorot_uniform",
            "glu_bias": "zeros",
        }

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks rows of the kernels."""
        return True

    @property
    def n_outputs(self) -> int:
        """As many as units."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> LRUParams:
        """Draw eigenvalues uniform on a ring of the unit disk, and normal kernels."""
        area = rng.uniform(self.r_min**2, self.r_max**2, self.states)
        # At modulus one or zero a logarithm is infinite; float32 could not tell these bounds from them.
        area = np.clip(area, 1e-12, 1 - 1e-7)
        # A draw from (0, 1] for the same reason.
        phase = self.max_phase * (1 - rng.uniform(size=self.states))

        def normal(rows: int, columns: int, variance: float) -> np.ndarray:
            return (np.sqrt(variance) * rng.standard_normal((rows, columns))).astype(np.float32)

        return LRUParams(
            nu_log=np.log(-0.5 * np.log(area)).astype(np.float32),
            theta_log=np.log(phase).astype(np.float32),
            gamma_log=(0.5 * np.log1p(-area)).astype(np.float32),
            input=normal(n_inputs, 2 * self.states, 0.5 / n_inputs),
            output=normal(2 * self.states, self.units, 1.0 / self.states),
            skip=normal(n_inputs, self.units, 1.0 / n_inputs),
            glu_kernel=glorot_uniform(rng, self.units, 2 * self.units),
            glu_bias=np.zeros(2 * self.units, np.float32),
        )

    def initial_state(self, n_inputs: int) -> ComplexState:
        """Return a state of zeros."""
        zeros = np.zeros(self.states, np.float32)
        return ComplexState(zeros, zeros)

    def eigenvalues(self, params: LRUParams) -> Complex[Array, " state"]:
        """Return what the state is multiplied with at every step; the modulus is below one whatever the weights."""
        modulus, phase = jnp.exp(-jnp.exp(params.nu_log)), jnp.exp(params.theta_log)
        return jax.lax.complex(modulus * jnp.cos(phase), modulus * jnp.sin(phase))

    def _drive(self, params: LRUParams, inputs: Shaped[Array, "..."]) -> Complex[Array, "... state"]:
        """What the input adds to the state."""
        return jnp.exp(params.gamma_log) * from_pair(project(inputs, params.input))

    def _show(
        self, params: LRUParams, states: Complex[Array, "... state"], inputs: Shaped[Array, "..."]
    ) -> Float[Array, "... unit"]:
        """The output, from state and input."""
        y = real_product(states, params.output) + project(inputs, params.skip)
        value, gate = jnp.split(y @ params.glu_kernel + params.glu_bias, 2, axis=-1)
        return value * jax.nn.sigmoid(gate)

    def step(
        self, params: LRUParams, state: ComplexState, x: Float[Array, " feature"]
    ) -> tuple[ComplexState, Float[Array, " unit"]]:
        """Read one input."""
        before = jax.lax.complex(*map(jnp.asarray, state))
        after = self.eigenvalues(params) * before + self._drive(params, x)
        return ComplexState(after.real, after.imag), self._show(params, after, x)

    def sequence(
        self, params: LRUParams, state: ComplexState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[ComplexState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        drive = self._drive(params, inputs)
        decay = jnp.broadcast_to(self.eigenvalues(params), drive.shape)
        end, states = linear_scan(decay, drive, jax.lax.complex(*map(jnp.asarray, state)))
        return ComplexState(end.real, end.imag), self._show(params, states, inputs)
