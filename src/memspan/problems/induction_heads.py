"""Induction heads: a special symbol comes twice, and what followed it the first time is asked the second time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.ends import at_last, only_last
from memspan.problems.random_bits import random_bits, symbols

__all__ = ["InductionHeads"]


@dataclass(frozen=True)
class InductionHeads(AbstractChoice):
    """Random symbols, among them once the special one; it is also the last, where its first follower is asked.

    Symbols 0 to `n_symbols` - 2 are ordinary, the last is special. Its first place is uniform from the first
    step to the fourth from the end, as in the generator of the safari repository (one trigger, one symbol to
    copy), on which Mamba's is built. Solved: 99 % of the sequences right (the source reports accuracy).

    Example:
        One drawn sequence; the special symbol is 15, and 1 followed it.

        >>> import jax
        >>> batch = InductionHeads.mamba(length=8, n_sequences=1).batch(jax.random.key(0))
        >>> batch.inputs[0].tolist()
        [7, 3, 3, 15, 1, 14, 2, 15]
        >>> int(batch.targets[0, -1])
        1

    Args:
        length: steps, with the last special symbol, 4 or more; 256 in the source's training.
        n_symbols: symbols with the special one, 3 or more; 16 in the source.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "A. Gu, T. Dao, Mamba: Linear-Time Sequence Modeling with Selective State Spaces, arXiv:2312.00752, 2023, "
        "section 4.1.2; D. Y. Fu et al., Hungry Hungry Hippos, ICLR 2023, repository HazyResearch/safari"
    )
    difficulty: ClassVar[dict[str, str]] = {"length": "n_steps", "n_symbols": "n_outputs"}

    length: int = 256
    n_symbols: int = 16
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("length", self.length, 4)
        check_range("n_symbols", self.n_symbols, 3)
        self._check_sizes()

    @classmethod
    def mamba(cls, length: int = 256, n_sequences: int = 64, n_evaluation: int = 256) -> InductionHeads:
        """Return the form of Gu and Dao 2023: 16 symbols, trained at 256 steps, tested at 64 to 2^20."""
        return cls(length, 16, n_sequences, n_evaluation)

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"induction heads (Gu and Dao 2023, Mamba), {self.n_symbols} symbols, length {self.length}"

    @property
    def n_inputs(self) -> int:
        """The symbols."""
        return self.n_symbols

    @property
    def n_outputs(self) -> int:
        """As many as inputs; the special symbol is never right."""
        return self.n_symbols

    @property
    def n_steps(self) -> int:
        """The length."""
        return self.length

    @property
    def floor(self) -> float:
        """The last symbol is always the special one: one ordinary symbol is guessed."""
        return 1 / (self.n_symbols - 1)

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        what, where = random_bits(key, rows, self.length, 1)
        ordinary = symbols(what, self.n_symbols - 1)
        step, place = jnp.arange(self.length), symbols(where, self.length - 3)
        return jnp.where((step == place) | (step == self.length - 1), self.n_symbols - 1, ordinary)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return what followed the first special symbol, at the last step, and 0 before."""
        first = jnp.argmax(inputs == self.n_symbols - 1, axis=1)
        follower = jnp.take_along_axis(inputs, first[:, None] + 1, axis=1)[:, 0]
        return at_last(follower, self.length)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return the last step."""
        return only_last(inputs)
