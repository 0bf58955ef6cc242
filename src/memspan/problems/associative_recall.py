"""Associative recall with one query: pairs of key and value are shown, then one key is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.ends import at_last, only_last
from memspan.problems.random_bits import distinct, random_bits, symbols

__all__ = ["AssociativeRecall"]


@dataclass(frozen=True)
class AssociativeRecall(AbstractChoice):
    """Pairs of a letter and a digit, two question marks, and one of the letters: its digit is to be said.

    Symbols 0 to `n_keys` - 1 are letters, no letter comes twice; the next `n_values` are digits, drawn with
    replacement; the last is the question mark. The outputs are the digits. Solved: 99 % of the sequences right
    (the source reports error rates).

    Example:
        One drawn sequence, as the source writes it, and its answer.

        >>> import jax
        >>> batch = AssociativeRecall.ba(n_sequences=1).batch(jax.random.key(0))
        >>> "".join("abcdefghijklmnopqrstuvwxyz0123456789?"[symbol] for symbol in batch.inputs[0])
        'j6k9d2m9??d'
        >>> int(batch.targets[0, -1])
        2

    Args:
        n_pairs: pairs to remember, at most `n_keys`.
        n_keys: letters, 26 in the source.
        n_values: digits, 10 in the source, 2 or more.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "J. Ba, G. Hinton, V. Mnih, J. Z. Leibo, C. Ionescu, Using Fast Weights to Attend to the Recent Past, "
        "NIPS 2016, section 4.1"
    )
    difficulty: ClassVar[dict[str, str]] = {"n_pairs": "n_steps", "n_keys": "n_inputs", "n_values": "n_outputs"}

    n_pairs: int = 4
    n_keys: int = 26
    n_values: int = 10
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("n_keys", self.n_keys, 1)
        check_range("n_pairs", self.n_pairs, 1, self.n_keys)
        check_range("n_values", self.n_values, 2)
        self._check_sizes()

    @classmethod
    def ba(cls, n_pairs: int = 4, n_sequences: int = 64, n_evaluation: int = 256) -> AssociativeRecall:
        """Return the form of Ba et al. 2016: 26 letters, 10 digits; their printed example has four pairs."""
        return cls(n_pairs, n_sequences=n_sequences, n_evaluation=n_evaluation)

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"associative recall, one query (Ba 2016), {self.n_pairs} pairs"

    @property
    def n_inputs(self) -> int:
        """Letters, digits and the question mark."""
        return self.n_keys + self.n_values + 1

    @property
    def n_outputs(self) -> int:
        """The digits."""
        return self.n_values

    @property
    def n_steps(self) -> int:
        """The pairs, two question marks and the key."""
        return 2 * self.n_pairs + 3

    @property
    def floor(self) -> float:
        """Digits are drawn independently of the letters: one digit is guessed."""
        return 1 / self.n_values

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        for_keys, for_values, for_query = random_bits(key, rows, self.n_keys, self.n_pairs, 1)
        keys = distinct(for_keys, self.n_pairs)
        values = self.n_keys + symbols(for_values, self.n_values)
        asked = symbols(for_query, self.n_pairs)
        pairs = jnp.stack([keys, values], axis=2).reshape(rows, -1)
        marks = jnp.full((rows, 2), self.n_inputs - 1)
        return jnp.concatenate([pairs, marks, jnp.take_along_axis(keys, asked, axis=1)], axis=1)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the digit of the key that is asked, at the last step, and 0 before."""
        keys, values = inputs[:, : 2 * self.n_pairs : 2], inputs[:, 1 : 2 * self.n_pairs : 2]
        value = jnp.sum(jnp.where(keys == inputs[:, -1:], values - self.n_keys, 0), axis=1)
        return at_last(value, self.n_steps)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return the last step."""
        return only_last(inputs)
