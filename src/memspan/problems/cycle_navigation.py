"""Cycle navigation: where on a circle does a walk end?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.ends import at_last, only_last, then_asked
from memspan.problems.random_bits import random_bits, symbols

__all__ = ["CycleNavigation"]


@dataclass(frozen=True)
class CycleNavigation(AbstractChoice):
    """Random moves on a circle, from place 0, then a query: the place where the walk is.

    Symbol 0 is a step back, 1 stays, 2 is a step on, 3 is the query, an empty step, as in the source. Solved:
    90 % of the sequences right, the source's threshold.

    Example:
        One drawn sequence and its answer.

        >>> import jax
        >>> batch = CycleNavigation(length=6, n_sequences=1).batch(jax.random.key(2))
        >>> batch.inputs[0].tolist(), int(batch.targets[0, -1])
        ([2, 0, 1, 2, 0, 2, 3], 1)

    Args:
        length: moves, 1 or more; the source trains at 1 to 40 and tests at 41 to 500.
        n_places: places on the circle, 2 or more; 5 in the source.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "G. Deletang et al., Neural Networks and the Chomsky Hierarchy, ICLR 2023, task Cycle Navigation"
    )
    passing: ClassVar[float] = 0.9
    difficulty: ClassVar[dict[str, str]] = {"length": "n_steps", "n_places": "n_outputs"}

    length: int = 40
    n_places: int = 5
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("length", self.length, 1)
        check_range("n_places", self.n_places, 2)
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"cycle navigation (Deletang 2023), {self.n_places} places, {self.length} moves"

    @property
    def n_inputs(self) -> int:
        """Three moves and the query."""
        return 4

    @property
    def n_outputs(self) -> int:
        """The places."""
        return self.n_places

    @property
    def n_steps(self) -> int:
        """The moves and the query."""
        return self.length + 1

    @property
    def floor(self) -> float:
        """The likeliest place is guessed; after a short walk that is more than one in `n_places`.

        The moves are independent, so that the transform of the place's distribution is a power of one move's.
        """
        one_move = (1 + 2 * np.cos(2 * np.pi * np.arange(self.n_places) / self.n_places)) / 3
        return float(np.max(np.fft.ifft(one_move**self.length).real))

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        (bits,) = random_bits(key, rows, self.length)
        return then_asked(symbols(bits, 3), query=3)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the place at the query, and 0 before."""
        return at_last(jnp.sum(inputs[:, :-1] - 1, axis=1) % self.n_places, self.n_steps)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return the query."""
        return only_last(inputs)
