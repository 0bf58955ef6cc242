"""Parity: is the number of ones odd?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Int

from memspan.core.errors import check_range
from memspan.problems.asked_bits import AbstractAskedBits
from memspan.problems.ends import at_last

__all__ = ["Parity"]


@dataclass(frozen=True)
class Parity(AbstractAskedBits):
    """Random bits, then a query: 1 if the number of ones is odd, 0 if it is even.

    The query is symbol 2, an empty step, as in the source. Solved: 90 % of the sequences right, the source's
    threshold.

    Example:
        One drawn sequence and its answer.

        >>> import jax
        >>> batch = Parity(length=6, n_sequences=1).batch(jax.random.key(0))
        >>> batch.inputs[0].tolist(), int(batch.targets[0, -1])
        ([1, 0, 0, 0, 1, 0, 2], 0)

    Args:
        length: bits, 1 or more; the source trains at 1 to 40 and tests at 41 to 500.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "G. Deletang et al., Neural Networks and the Chomsky Hierarchy, ICLR 2023, task Parity Check"
    )

    def __post_init__(self) -> None:
        check_range("length", self.length, 1)
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"parity (Deletang 2023), {self.length} bits"

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the parity at the query, and 0 before."""
        return at_last(jnp.sum(inputs[:, :-1], axis=1) % 2, self.n_steps)
