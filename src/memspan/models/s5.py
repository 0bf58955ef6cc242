"""S5: a diagonal complex state space, continuous in time, that starts as a HiPPO memory of the past."""

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
from memspan.models.complex_pair import ComplexState, from_pair, real_product, to_pair
from memspan.models.linear_scan import linear_scan
from memspan.models.projection import project

__all__ = ["S5", "S5Params", "hippo_normal"]


def hippo_normal(size: int) -> Float[np.ndarray, "{size} {size}"]:
    """Return the normal part of the HiPPO-LegS matrix: minus one half on the diagonal, else antisymmetric.

    Example:
        >>> hippo_normal(2).round(3).tolist()
        [[-0.5, 0.866], [-0.866, -0.5]]

    Args:
        size: rows and columns.

    Returns:
        The matrix; all its eigenvalues have real part minus one half.

    References:
        Smith, Warrington and Linderman 2023, appendix B.1.1; Gu et al. 2022 (S4), theorem 1.
    """
    root = np.sqrt(np.arange(size) + 0.5)
    upper = np.triu(np.outer(root, root), 1)
    return upper - upper.T - 0.5 * np.eye(size)


class S5Params(NamedTuple):
    """Weights of an S5 layer; complex kernels hold their real parts in the first half of the state axis.

    Attributes:
        log_decay: log of minus the real part of the eigenvalues of the continuous system.
        frequency: their imaginary part.
        log_step: log of the time that passes between inputs, for every number of the state.
        input: B, from the input to the state.
        output: C, from the state to the output.
        skip: D, from the input to the output.
        gate: W of the gate.
    """

    log_decay: Float[AnyArray, " state"]
    frequency: Float[AnyArray, " state"]
    log_step: Float[AnyArray, " state"]
    input: Float[AnyArray, "feature 2*state"]
    output: Float[AnyArray, "2*state unit"]
    skip: Float[AnyArray, "feature unit"]
    gate: Float[AnyArray, "unit unit"]


@dataclass(frozen=True)
class S5(AbstractModel):
    """The state space of S5 and the gate that follows it in the paper's block.

    h' = Lambda h + B x, made discrete by zero-order hold with a learned step; y = 2 Re(C h) + D x; the output is
    GELU(y) sigmoid(W GELU(y)). The state space is linear, the gate is all that is not. B reads any number of inputs;
    D is a full matrix, for inputs and outputs need not be equally many. Neither normalisation nor residual of the
    paper's block is here. The real part of Lambda is learned as a logarithm, so that no update makes it unstable
    (the paper learns it as it is).

    The eigenvalues of a real system come in conjugate pairs, and so do the numbers of its state: one of each pair is
    kept, and the other is the factor 2 in y. A state of n complex numbers stands for a real state of 2 n.

    Example:
        >>> model = S5(units=20, states=16)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, state.real.shape, state.imag.shape
        ((20,), (16,), (16,))

    Attributes:
        units: outputs.
        states: complex numbers of the state, one of each conjugate pair.
        shortest_step: least time between inputs that a number of the state starts with; it keeps for about two
            divided by its step.
        longest_step: largest such time.

    References:
        Smith, Warrington and Linderman 2023, "Simplified state space layers for sequence modeling": section 2.1
        (state space), 3.2 (zero-order hold), appendix B.1 (HiPPO-N, conjugate pairs, steps), appendix G (gate).
    """

    units: int = 20
    states: int = 16
    shortest_step: float = 0.001
    longest_step: float = 0.1

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        check_range("states", self.states, 1)
        if not 0 < self.shortest_step <= self.longest_step:
            raise InvalidInput(
                "shortest_step and longest_step must satisfy 0 < shortest_step <= longest_step, but got "
                f"{self.shortest_step!r} and {self.longest_step!r}; 0.001 and 0.1 are the paper's"
            )

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of the paper."""
        return {
            "log_decay": "HiPPO-N: log 1/2",
            "frequency": "HiPPO-N: the positive ones",
            "log_step": f"log-uniform from {self.shortest_step:g} to {self.longest_step:g}",
            "input": "normal, variance 1 / inputs, in the eigenvectors of HiPPO-N",
            "output": "normal, variance 1 / (2 states), in the eigenvectors of HiPPO-N",
            "skip": "normal, variance 1 / inputs",
            "gate": "normal, variance 1 / units",
        }

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks rows of the kernels."""
        return True

    @property
    def n_outputs(self) -> int:
        """As many as units."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> S5Params:
        """Take eigenvalues and eigenvectors of HiPPO-N, and draw the rest."""
        size = 2 * self.states
        # Its antisymmetric part times -i is Hermitian: real eigenvalues in ascending order, w and -w in pairs.
        frequencies, vectors = np.linalg.eigh(-1j * (hippo_normal(size) + 0.5 * np.eye(size)))
        kept = vectors[:, self.states :]

        def normal(rows: int, columns: int, variance: float) -> np.ndarray:
            return np.sqrt(variance) * rng.standard_normal((rows, columns))

        reads, shows = normal(n_inputs, size, 1.0 / n_inputs), normal(self.units, size, 1.0 / size)
        steps = rng.uniform(np.log(self.shortest_step), np.log(self.longest_step), self.states)
        return S5Params(
            log_decay=np.full(self.states, np.log(0.5), np.float32),
            frequency=frequencies[self.states :].astype(np.float32),
            log_step=steps.astype(np.float32),
            input=to_pair(reads @ kept.conj()),
            output=to_pair(shows @ kept).T.copy(),
            skip=normal(n_inputs, self.units, 1.0 / n_inputs).astype(np.float32),
            gate=normal(self.units, self.units, 1.0 / self.units).astype(np.float32),
        )

    def initial_state(self, n_inputs: int) -> ComplexState:
        """Return a state of zeros."""
        zeros = np.zeros(self.states, np.float32)
        return ComplexState(zeros, zeros)

    def discrete(self, params: S5Params) -> tuple[Complex[Array, " state"], Complex[Array, " state"]]:
        """Return by zero-order hold what the state is multiplied with at every step, and the gain of the input."""
        rate = jax.lax.complex(-jnp.exp(params.log_decay), jnp.asarray(params.frequency))
        decay = jnp.exp(rate * jnp.exp(params.log_step))
        return decay, (decay - 1) / rate

    def _drive(
        self, params: S5Params, gain: Complex[Array, " state"], inputs: Shaped[Array, "..."]
    ) -> Complex[Array, "... state"]:
        """What the input adds to the state."""
        return gain * from_pair(project(inputs, params.input))

    def _show(
        self, params: S5Params, states: Complex[Array, "... state"], inputs: Shaped[Array, "..."]
    ) -> Float[Array, "... unit"]:
        """The output, from state and input."""
        shown = jax.nn.gelu(2 * real_product(states, params.output) + project(inputs, params.skip))
        return shown * jax.nn.sigmoid(shown @ params.gate)

    def step(
        self, params: S5Params, state: ComplexState, x: Float[Array, " feature"]
    ) -> tuple[ComplexState, Float[Array, " unit"]]:
        """Read one input."""
        decay, gain = self.discrete(params)
        after = decay * jax.lax.complex(*map(jnp.asarray, state)) + self._drive(params, gain, x)
        return ComplexState(after.real, after.imag), self._show(params, after, x)

    def sequence(
        self, params: S5Params, state: ComplexState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[ComplexState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        decay, gain = self.discrete(params)
        drive = self._drive(params, gain, inputs)
        end, states = linear_scan(
            jnp.broadcast_to(decay, drive.shape), drive, jax.lax.complex(*map(jnp.asarray, state))
        )
        return ComplexState(end.real, end.imag), self._show(params, states, inputs)
