"""Even pairs: is the number of places where the bit changes odd?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Array, Int

from memspan.core.errors import check_range
from memspan.problems.asked_bits import AbstractAskedBits
from memspan.problems.ends import at_last

__all__ = ["EvenPairs"]


@dataclass(frozen=True)
class EvenPairs(AbstractAskedBits):
    """Random bits, then a query: 0 if the pairs 01 and 10 together are even in number, 1 if they are odd.

    It sounds like counting, but the number is even exactly when the first and the last bit are equal: only two
    bits need be remembered. The query is symbol 2, an empty step, as in the source. Solved: 90 % of the
    sequences right, the source's threshold.

    Example:
        One drawn sequence and its answer.

        >>> import jax
        >>> batch = EvenPairs(length=6, n_sequences=1).batch(jax.random.key(1))
        >>> batch.inputs[0].tolist(), int(batch.targets[0, -1])
        ([0, 0, 0, 1, 1, 1, 2], 1)

    Args:
        length: bits, 2 or more; the source trains at 1 to 40 and tests at 41 to 500.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "G. Deletang et al., Neural Networks and the Chomsky Hierarchy, ICLR 2023, task Even Pairs"
    )

    def __post_init__(self) -> None:
        check_range("length", self.length, 2)
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"even pairs (Deletang 2023), {self.length} bits"

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return at the query whether first and last bit differ, and 0 before."""
        return at_last(inputs[:, 0] ^ inputs[:, -2], self.n_steps)
