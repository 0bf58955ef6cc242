"""Multi-query associative recall: pairs of key and value are shown, then every key is asked once, here and there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.core.errors import InvalidInput, check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.random_bits import distinct, distinct_weighted, random_bits

__all__ = ["MultiQueryRecall"]


@dataclass(frozen=True)
class MultiQueryRecall(AbstractChoice):
    """Pairs first; then, among zeros, each key once, at even distances that follow a power law.

    0 is the filler, 1 to V/2 - 1 are keys, V/2 to V - 1 are values, neither twice in a sequence. The places of
    the queries are drawn one after the other without replacement, the j-th even place after the pairs with
    weight j^(power - 1): near places first. Only queries are scored. Solved: 99 % of them right (the source
    reports accuracy).

    Example:
        One drawn sequence with two pairs of twelve symbols, and its answers.

        >>> import jax
        >>> problem = MultiQueryRecall(length=12, n_pairs=2, n_symbols=12, n_sequences=1)
        >>> batch = problem.batch(jax.random.key(1))
        >>> batch.inputs[0].tolist()
        [5, 10, 4, 8, 4, 0, 0, 0, 0, 0, 5, 0]
        >>> batch.targets[0].tolist()
        [0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 10, 0]

    Args:
        length: steps, even, at least four a pair.
        n_pairs: pairs to remember.
        n_symbols: V, even, with room for the pairs' keys; 8192 in the source.
        power: exponent of the power law, above 0; 1 is uniform, 0.01 is the source's.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged; outputs are as wide as V, so keep it moderate.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "S. Arora et al., Zoology: Measuring and Improving Recall in Efficient Language Models, ICLR 2024, "
        "repository HazyResearch/zoology, multiquery_ar with random_non_queries=False"
    )
    difficulty: ClassVar[dict[str, str]] = {"length": "n_steps", "n_symbols": "n_outputs"}

    length: int = 64
    n_pairs: int = 4
    n_symbols: int = 8192
    power: float = 0.01
    n_sequences: int = 64
    n_evaluation: int = 64

    def __post_init__(self) -> None:
        check_range("n_pairs", self.n_pairs, 1)
        _check_even("length", self.length, 4 * self.n_pairs)
        _check_even("n_symbols", self.n_symbols, 2 * (self.n_pairs + 1))
        if not (math.isfinite(self.power) and self.power > 0):
            raise InvalidInput(f"power must be a finite number above 0, but got {self.power}; the source's is 0.01")
        self._check_sizes()

    @classmethod
    def zoology(
        cls, length: int = 64, n_pairs: int = 4, n_sequences: int = 64, n_evaluation: int = 64
    ) -> MultiQueryRecall:
        """Return the form of Arora et al. 2024; their (length, pairs) are (64, 4), (128, 8), (256, 16), (512, 64)."""
        return cls(length, n_pairs, n_sequences=n_sequences, n_evaluation=n_evaluation)

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"multi-query associative recall (Arora 2024, Zoology), {self.n_pairs} pairs, length {self.length}"

    @property
    def n_inputs(self) -> int:
        """The symbols."""
        return self.n_symbols

    @property
    def n_outputs(self) -> int:
        """As many as inputs; filler and keys are never right."""
        return self.n_symbols

    @property
    def n_steps(self) -> int:
        """The length."""
        return self.length

    @property
    def floor(self) -> float:
        """Values are drawn independently of the keys: one of V/2 values is guessed."""
        return 2 / self.n_symbols

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        half, space = self.n_symbols // 2, self.length // 2 - self.n_pairs
        for_keys, for_values, for_places = random_bits(key, rows, half - 1, half, space)
        keys = 1 + distinct(for_keys, self.n_pairs)
        values = half + distinct(for_values, self.n_pairs)
        pairs = jnp.stack([keys, values], axis=2).reshape(rows, -1)
        weights = (self.power - 1) * jnp.log(jnp.arange(1, space + 1))
        places = 2 * distinct_weighted(for_places, weights, self.n_pairs)
        queries = jnp.zeros((rows, 2 * space), jnp.int32)
        queries = queries.at[jnp.arange(rows)[:, None], places].set(keys, unique_indices=True)
        return jnp.concatenate([pairs, queries], axis=1)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the value of each key that is asked, and 0 elsewhere."""
        shown = 2 * self.n_pairs
        keys, values = inputs[:, None, :shown:2], inputs[:, None, 1:shown:2]
        found = jnp.sum(jnp.where(inputs[:, shown:, None] == keys, values, 0), axis=2)
        return jnp.pad(found, ((0, 0), (shown, 0)))

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return where the queries are."""
        return (inputs > 0) & (jnp.arange(self.length) >= 2 * self.n_pairs)


def _check_even(argument: str, value: int, low: int) -> None:
    check_range(argument, value, low)
    if value % 2:
        raise InvalidInput(f"{argument} must be even, but got {value}; use {value + 1}")
