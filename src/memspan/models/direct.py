"""A read-out that the input reaches by itself too, past the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.models.abstract import AbstractModel
from memspan.models.dense import Dense, DenseParams
from memspan.models.stack import Stack

__all__ = ["Direct", "DirectParams"]


class DirectParams(NamedTuple):
    """Weights of the two ways to the outputs.

    Attributes:
        through: of the model and its read-out.
        past: of the connections from the input.
    """

    through: tuple[Any, ...]
    past: DenseParams


@dataclass(frozen=True)
class Direct(AbstractModel):
    """A model with its read-out, and direct connections from the input to the outputs, as networks of 1997 had.

    What the current symbol tells is learned by the direct connections, one row a symbol; memory is left to the model.

    Example:
        >>> import jax.numpy as jnp
        >>> from memspan.models.lstm import LSTM
        >>> model = Direct(LSTM(units=2), n_outputs=5)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> params.past.kernel.shape
        (5, 5)
        >>> alone, symbols = Stack((model.model, Dense(5))), jnp.array([3, 0, 1])
        >>> _, with_direct = model.sequence(params, model.initial_state(5), symbols)
        >>> _, without = alone.sequence(params.through, alone.initial_state(5), symbols)
        >>> bool((with_direct == without).all())   # drawn at 0, they change nothing yet
        True

    Attributes:
        model: what stands between the input and the read-out.
        n_outputs: outputs of the problem.
        limit: the direct connections are drawn uniformly between minus it and it; 0 by default.

    Raises:
        InvalidInput: fewer than one output, or a negative limit.

    References:
        Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997: in experiment 2a the output
        units see the input units too. Gers, Schmidhuber and Cummins 2000 call these input-output shortcuts.
    """

    model: Any
    n_outputs: int
    limit: float = 0.0

    def __post_init__(self) -> None:
        Dense(self.n_outputs, limit=self.limit)  # refuses what cannot be

    @cached_property
    def _through(self) -> Stack:
        return Stack((self.model, Dense(self.n_outputs)))

    @cached_property
    def _past(self) -> Dense:
        return Dense(self.n_outputs, bias=False, limit=self.limit)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """What the parts say, each name after the way it lies on."""
        ways = {"through": self._through, "past": self._past}
        return {f"{way}.{name}": how for way, part in ways.items() for name, how in part.initialisers.items()}

    @property
    def fixed(self) -> frozenset[str]:
        """What the model keeps from training."""
        return frozenset(f"through.{name}" for name in self._through.fixed)

    @property
    def reads_symbols(self) -> bool:
        """What the model says."""
        return self._through.reads_symbols

    @property
    def reads_out(self) -> bool:
        """It brings its read-out."""
        return True

    def init(self, rng: np.random.Generator, n_inputs: int) -> DirectParams:
        """Draw the model and its read-out, then the direct connections."""
        return DirectParams(self._through.init(rng, n_inputs), self._past.init(rng, n_inputs))

    def initial_state(self, n_inputs: int) -> tuple[Any, ...]:
        """Return the model's state."""
        return self._through.initial_state(n_inputs)

    def step(
        self, params: DirectParams, state: tuple[Any, ...], x: Float[Array, " feature"]
    ) -> tuple[tuple[Any, ...], Float[Array, " output"]]:
        """Read one input."""
        after, outputs = self._through.step(params.through, state, x)
        return after, outputs + self._past.step(params.past, (), x)[1]

    def sequence(
        self, params: DirectParams, state: tuple[Any, ...], inputs: Shaped[Array, "time ..."]
    ) -> tuple[tuple[Any, ...], Float[Array, "time output"]]:
        """Read a whole sequence."""
        after, outputs = self._through.sequence(params.through, state, inputs)
        return after, outputs + self._past.sequence(params.past, (), inputs)[1]
