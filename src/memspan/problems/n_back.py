"""n-back: is this symbol the one that came n steps ago?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.core.errors import InvalidInput, check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.random_bits import fractions, random_bits, symbols

__all__ = ["NBack"]


@dataclass(frozen=True)
class NBack(AbstractChoice):
    """A stream of symbols; at each step from the n-th on: 1 if the symbol is that of n steps ago, 0 if not.

    A symbol repeats that of n steps ago with probability `match` and is otherwise any of the others, equally.
    Solved: 99 % of the scored steps right (the source reports accuracy).

    Example:
        One drawn sequence of 2-back, and its answers.

        >>> import jax
        >>> batch = NBack(lag=2, length=8, n_sequences=1).batch(jax.random.key(0))
        >>> batch.inputs[0].tolist()
        [1, 4, 1, 4, 1, 5, 2, 5]
        >>> batch.targets[0, batch.mask[0]].tolist()
        [1, 1, 1, 0, 0, 1]

    Args:
        lag: n, 1 or more.
        n_symbols: different symbols, 2 or more.
        length: steps, more than the lag.
        match: probability of a repeat, above 0 and below 1; half makes both answers equally common.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "W. K. Kirchner, Age differences in short-term retention of rapidly changing information, Journal of "
        "Experimental Psychology 55(4):352-358, 1958; as a yes/no stream, with a stated probability of a match"
    )
    difficulty: ClassVar[dict[str, str]] = {"n_symbols": "n_inputs", "length": "n_steps"}

    lag: int = 3
    n_symbols: int = 8
    length: int = 50
    match: float = 0.5
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("lag", self.lag, 1)
        check_range("n_symbols", self.n_symbols, 2)
        check_range("length", self.length, self.lag + 1)
        if not 0 < self.match < 1:
            raise InvalidInput(f"match must be between 0 and 1, but got {self.match}; use 0.5 for as many as not")
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        odds = f"{self.n_symbols} symbols, {self.match:g} matches"
        return f"{self.lag}-back (after Kirchner 1958, yes/no), {odds}, length {self.length}"

    @property
    def n_inputs(self) -> int:
        """The symbols."""
        return self.n_symbols

    @property
    def n_outputs(self) -> int:
        """No and yes."""
        return 2

    @property
    def n_steps(self) -> int:
        """The length."""
        return self.length

    @property
    def floor(self) -> float:
        """Every symbol is equally likely at every step, match or not: the commoner answer is guessed."""
        return max(self.match, 1 - self.match)

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences.

        Steps that are n apart form a chain of their own, n chains in all. In a chain each symbol is the one
        before plus an offset, modulo the alphabet, and the offset is 0 for a match: a sum along the chains.
        """
        links = -(-self.length // self.lag) - 1
        for_starts, for_match, for_other = random_bits(key, rows, self.lag, links * self.lag, links * self.lag)
        offsets = jnp.where(fractions(for_match) < self.match, 0, 1 + symbols(for_other, self.n_symbols - 1))
        chains = jnp.concatenate([symbols(for_starts, self.n_symbols), offsets], axis=1)
        summed = jnp.cumsum(chains.reshape(rows, -1, self.lag), axis=1) % self.n_symbols
        return summed.reshape(rows, -1)[:, : self.length]

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return 1 where the symbol is that of n steps ago, else 0."""
        same = inputs[:, self.lag :] == inputs[:, : -self.lag]
        return jnp.pad(same.astype(inputs.dtype), ((0, 0), (self.lag, 0)))

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return the steps that have one n steps before them."""
        return jnp.broadcast_to(jnp.arange(self.length) >= self.lag, inputs.shape)
