"""A model: an initial state and a step; parameters are data that go in, state goes in and comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Array, Float, Shaped

__all__ = ["Model", "Params", "State"]

Params = Any
State = Any


@runtime_checkable
class Model(Protocol):
    """What the engine asks of a model: functions of one sequence; batches and seeds are mapped outside.

    A model is a frozen dataclass of settings (units, activation): its identity. Its parameters are a pytree that
    `init` makes and `step` reads. Inherit from `memspan.models.AbstractModel` and only `n_outputs`, `init`,
    `initial_state` and `step` are left to write.
    """

    @property
    def n_outputs(self) -> int:
        """Size of the vector that a step gives out."""
        ...

    @property
    def initialisers(self) -> Mapping[str, str]:
        """How each array of the parameters is drawn, in words; the defaults of frameworks differ."""
        ...

    @property
    def reads_symbols(self) -> bool:
        """Whether `sequence` also takes symbols (whole numbers) where it takes one-hot vectors."""
        ...

    @property
    def reads_out(self) -> bool:
        """Whether its outputs are the problem's own; else the engine puts a dense read-out on top."""
        ...

    def init(self, rng: np.random.Generator, n_inputs: int) -> Params:
        """Draw initial parameters, on the host: a draw inside the compiled program would cost seconds to compile."""
        ...

    def initial_state(self, n_inputs: int) -> State:
        """Return the state before the first step of a sequence, as NumPy arrays."""
        ...

    def step(self, params: Params, state: State, x: Float[Array, " feature"]) -> tuple[State, Float[Array, " output"]]:
        """Read one input; return the next state and the output."""
        ...

    def sequence(
        self, params: Params, state: State, inputs: Shaped[Array, "time ..."]
    ) -> tuple[State, Float[Array, "time output"]]:
        """Read a whole sequence: what as many steps would do, in the fastest form the architecture has."""
        ...
