"""The simple recurrent network: one layer that reads the input and its own last output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_choice, check_range
from memspan.models.abstract import AbstractModel
from memspan.models.activation import activation
from memspan.models.initial import initialiser
from memspan.models.projection import project

__all__ = ["Elman", "ElmanParams", "ElmanState"]

# Derivatives of the activations, from the value that they gave.
SLOPES: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda value: 1 - value * value,
    "relu": lambda value: (value > 0).astype(value.dtype),
}


class ElmanParams(NamedTuple):
    """Weights of a simple recurrent network, laid out as in Keras.

    Attributes:
        kernel: from the input.
        recurrent: from the previous hidden state.
        bias: one number a unit.
    """

    kernel: Float[AnyArray, "feature unit"]
    recurrent: Float[AnyArray, "unit unit"]
    bias: Float[AnyArray, " unit"]


class ElmanState(NamedTuple):
    """What the network carries from step to step.

    Attributes:
        hidden: its last output.
    """

    hidden: Float[AnyArray, " unit"]


@dataclass(frozen=True)
class Elman(AbstractModel):
    """A simple recurrent network, h' = f(x W + h R + b).

    Example:
        The IRNN is `Elman(100, activation="relu", recurrent="identity", kernel="small_normal")`. Where nothing is
        read, it keeps what it has.

        >>> model = Elman(units=2, activation="relu", recurrent="identity")
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> _, outputs = model.sequence(params, ElmanState(jnp.array([1.0, 2.0])), jnp.zeros((100, 5)))
        >>> outputs[-1].tolist()
        [1.0, 2.0]

    Attributes:
        units: hidden units.
        activation: "tanh" or "relu".
        recurrent: name of the recurrent kernel's initialiser, one of `memspan.models.initial.INITIALISERS`.
        kernel: name of the input kernel's initialiser.

    References:
        Elman 1990; weights and defaults: keras.layers.SimpleRNN; ReLU with identity: Le, Jaitly and Hinton 2015.
    """

    units: int = 20
    activation: str = "tanh"
    recurrent: str = "orthogonal"
    kernel: str = "glorot_uniform"

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        check_choice("activation", self.activation, SLOPES)
        initialiser("recurrent", self.recurrent)
        initialiser("kernel", self.kernel)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those that were named."""
        return {"kernel": self.kernel, "recurrent": self.recurrent, "bias": "zeros"}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The hidden state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> ElmanParams:
        """Draw both kernels; the bias is zero."""
        return ElmanParams(
            kernel=initialiser("kernel", self.kernel)(rng, n_inputs, self.units),
            recurrent=initialiser("recurrent", self.recurrent)(rng, self.units, self.units),
            bias=np.zeros(self.units, np.float32),
        )

    def initial_state(self, n_inputs: int) -> ElmanState:
        """Return zeros."""
        return ElmanState(np.zeros(self.units, np.float32))

    def step(
        self, params: ElmanParams, state: ElmanState, x: Float[Array, " feature"]
    ) -> tuple[ElmanState, Float[Array, " unit"]]:
        """Read one input."""
        # Summed by hand, the input's share fuses with what follows; as a product XLA would first copy the kernel.
        from_input = jnp.sum(x[:, None] * params.kernel, axis=0)
        sums = from_input + state.hidden @ params.recurrent + params.bias
        hidden = activation("activation", self.activation)(sums)
        return ElmanState(hidden), hidden

    def sequence(
        self, params: ElmanParams, state: ElmanState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[ElmanState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        sums = project(inputs, params.kernel) + params.bias
        start = jnp.asarray(state.hidden)
        outputs = _loop(self.activation)(jnp.asarray(params.recurrent), sums, start)
        return ElmanState(outputs[-1] if len(outputs) else start), outputs


def _forward(name: str, recurrent: Array, sums: Array, start: Array) -> Array:
    squash = activation("activation", name)

    def step(before: Array, now: Array) -> tuple[Array, Array]:
        hidden = squash(now + before @ recurrent)
        return hidden, hidden

    return jax.lax.scan(step, start, sums)[1]


def _backward(name: str, kept: tuple[Array, Array, Array], d_outputs: Array) -> tuple[Array, Array, Array]:
    """Walk back with the gradient of the state alone; the kernel's is one matrix product afterwards."""
    recurrent, start, hidden = kept
    transposed = recurrent.T

    def step(after: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
        d_output, slope = now
        d_sums = (after + d_output) * slope
        return d_sums @ transposed, d_sums

    d_start, d_sums = jax.lax.scan(step, jnp.zeros_like(start), (d_outputs, SLOPES[name](hidden)), reverse=True)
    previous = jnp.concatenate([start[None], hidden])[:-1]
    return previous.T @ d_sums, d_sums, d_start


@lru_cache(maxsize=8)
def _loop(name: str) -> Callable[..., Array]:
    """The differentiable loop of one activation: (recurrent, sums, start) -> hidden state of every step."""

    @jax.custom_vjp
    def loop(recurrent: Array, sums: Array, start: Array) -> Array:
        return _forward(name, recurrent, sums, start)

    def forward(recurrent: Array, sums: Array, start: Array) -> tuple[Array, tuple[Any, ...]]:
        hidden = _forward(name, recurrent, sums, start)
        return hidden, (recurrent, start, hidden)

    loop.defvjp(forward, lambda kept, given: _backward(name, kept, given))
    return loop
