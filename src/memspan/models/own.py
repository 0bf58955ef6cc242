"""A model of your own as a pair of plain functions, without a class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
from jaxtyping import Array, Float, Shaped

from memspan.core.errors import InvalidInput, check_range
from memspan.core.model import Params, State

__all__ = ["Own"]


@dataclass(frozen=True)
class Own:
    """Functions `init`, `initial_state` and `step` as a model; for settings and a faster `sequence`, write a class.

    The identity of its runs is its name, its settings and the source of its functions, which must therefore stand
    by themselves at the top of a module. What else they read (a number of units, say) belongs into `settings`: a
    source does not show it.

    Example:
        A leaky average of the input, whose parameter is how fast it leaks.

        >>> import jax.numpy as jnp
        >>> import numpy as np
        >>> def init(rng, n_inputs): return rng.uniform(0, 1, n_inputs).astype("float32")
        >>> def initial_state(n_inputs): return np.zeros(n_inputs, "float32")
        >>> def step(leak, state, x): return (s := leak * state + (1 - leak) * x), s
        >>> leaky = Own(name="leaky", init=init, step=step, initial_state=initial_state, n_outputs=2)
        >>> leaky.sequence(jnp.array([0.0, 0.5]), leaky.initial_state(2), jnp.ones((3, 2)))[1].tolist()
        [[1.0, 0.5], [1.0, 0.75], [1.0, 0.875]]

    Attributes:
        name: what to call it in results.
        init: (rng, n_inputs) -> parameters, any pytree of float32 NumPy arrays.
        step: (parameters, state, x) -> (next state, output), for one input vector.
        initial_state: (n_inputs) -> the state before the first step, a pytree of float32 NumPy arrays.
        n_outputs: size of the output.
        settings: pairs of a name and a value that the functions read from elsewhere.
    """

    name: str
    init: Callable[..., Params]
    step: Callable[..., tuple[State, Float[Array, " output"]]]
    initial_state: Callable[..., State]
    n_outputs: int
    settings: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        check_range("n_outputs", self.n_outputs, 1)
        for argument in ("init", "step", "initial_state"):
            given: object = getattr(self, argument)
            if not callable(given):
                raise InvalidInput(f"{argument} must be a function, but got {given!r}; pass its name without a call")

    @property
    def initialisers(self) -> Mapping[str, str]:
        """It does not say: the source of `init` does."""
        return {}

    @property
    def reads_symbols(self) -> bool:
        """Only vectors; one-hot vectors are made from symbols."""
        return False

    @property
    def reads_out(self) -> bool:
        """A dense read-out is put on top."""
        return False

    def sequence(
        self, params: Params, state: State, inputs: Shaped[Array, "time ..."]
    ) -> tuple[State, Float[Array, "time output"]]:
        """Read a whole sequence, step by step."""
        return jax.lax.scan(lambda before, x: self.step(params, before, x), state, inputs)
