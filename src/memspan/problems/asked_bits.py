"""What the problems over random bits have in common that are asked one yes-or-no question at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.problems.drawn import AbstractChoice
from memspan.problems.ends import only_last, then_asked
from memspan.problems.random_bits import random_bits, symbols

__all__ = ["AbstractAskedBits"]


@dataclass(frozen=True)
class AbstractAskedBits(AbstractChoice):
    """Random bits, then a query, symbol 2: an empty step, as in the source. Both answers are equally likely.

    Solved: 90 % of the sequences right, the source's threshold.

    Args:
        length: bits; the source trains at 1 to 40 and tests at 41 to 500.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    References:
        Deletang et al., Neural Networks and the Chomsky Hierarchy, ICLR 2023.
    """

    passing: ClassVar[float] = 0.9
    difficulty: ClassVar[dict[str, str]] = {"length": "n_steps"}

    length: int = 40
    n_sequences: int = 64
    n_evaluation: int = 256

    @property
    def n_inputs(self) -> int:
        """Two bits and the query."""
        return 3

    @property
    def n_outputs(self) -> int:
        """Even and odd."""
        return 2

    @property
    def n_steps(self) -> int:
        """The bits and the query."""
        return self.length + 1

    @property
    def floor(self) -> float:
        """The query looks the same whatever was shown, and both answers are equally likely."""
        return 0.5

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        (bits,) = random_bits(key, rows, self.length)
        return then_asked(symbols(bits, 2), query=2)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return the query."""
        return only_last(inputs)
