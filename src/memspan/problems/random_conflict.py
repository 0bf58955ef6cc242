"""A new conflict at every presentation: whoever learns one table learns nothing, whoever remembers is right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.core.errors import InvalidInput, check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.ends import at_last, only_last
from memspan.problems.random_bits import distinct, random_bits, symbols

__all__ = ["RandomConflict"]


@dataclass(frozen=True)
class RandomConflict(AbstractChoice):
    """Conflicts of which all symbols are drawn anew: sequences of a cue, a middle, and the cue again.

    The sequences of one conflict share their middle and differ in their cues, as in the tutorial; any symbol
    may be a cue, and any may be in a middle. Only the end can be foreseen, and only it is scored.

    Example:
        >>> import jax
        >>> problem = RandomConflict(lag=3)
        >>> drawn = problem.batch(jax.random.key(0))
        >>> drawn.inputs.tolist(), drawn.targets[:, -1].tolist()
        ([[9, 3, 5, 5], [3, 3, 5, 5]], [9, 3])
        >>> problem.floor, problem.ceiling(3), problem.ceiling(4), problem.demand
        (0.1, 0.1, 1.0, 4)

    Args:
        lag: steps between the cue and the step whose target depends on it; also the number of middle symbols.
        n_symbols: size of the alphabet 0, 1, 2, ...
        n_sequences: sequences of one conflict, each with its own cue; at most as many as symbols.
        n_evaluation: sequences that success is judged on, a multiple of `n_sequences`.

    Raises:
        InvalidInput: an argument is out of range.
    """

    lag: int = 3
    n_symbols: int = 10
    n_sequences: int = 2
    n_evaluation: int = 128

    reference = "J. Brownlee, A Demonstration of Memory in a Long Short-Term Memory Network (extensions)"
    passing = 1.0

    def __post_init__(self) -> None:
        check_range("lag", self.lag, 1, 100_000)
        check_range("n_symbols", self.n_symbols, 2)
        check_range("n_sequences", self.n_sequences, 1, self.n_symbols)
        self._check_sizes()
        if self.n_evaluation % self.n_sequences:
            raise InvalidInput(
                f"n_evaluation must be a multiple of n_sequences = {self.n_sequences}, but got "
                f"{self.n_evaluation}; every conflict is shown whole"
            )

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"random conflict (the tutorial's random sequences), lag {self.lag}, {self.n_symbols} symbols"

    @property
    def difficulty(self) -> dict[str, str]:
        """Which fields raise which members."""
        return {"lag": "demand", "n_symbols": "n_inputs"}

    @property
    def alphabet(self) -> tuple[int, ...]:
        """The symbols."""
        return tuple(range(self.n_symbols))

    @property
    def n_inputs(self) -> int:
        """Size of the alphabet."""
        return self.n_symbols

    @property
    def n_outputs(self) -> int:
        """Size of the alphabet."""
        return self.n_symbols

    @property
    def n_steps(self) -> int:
        """Steps of a sequence; its last symbol is a target only."""
        return self.lag + 1

    @property
    def floor(self) -> float:
        """Accuracy without memory: that of a guess, as the middle says nothing about the cue."""
        return self.ceiling(1)

    @property
    def demand(self) -> int:
        """Symbols that must be seen: the cue and all after it."""
        return self.lag + 1

    def with_lag(self, lag: int) -> RandomConflict:
        """Return the same problem at another lag."""
        return replace(self, lag=lag)

    def ceiling(self, window: int) -> float:
        """Return the best accuracy of any predictor that sees the last `window` symbols: all, or a guess."""
        return 1.0 if check_range("window", window, 1) > self.lag else 1 / self.n_symbols

    def sequences(self) -> list[list[object]]:
        """Refuse: no sequence lasts.

        Raises:
            InvalidInput: always.
        """
        raise InvalidInput("a random conflict has no lasting sequences to list; use batch(key) to draw some")

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences, the conflicts below each other."""
        shown, passing = random_bits(key, rows // self.n_sequences, self.n_symbols, self.lag)
        cues = distinct(shown, self.n_sequences).reshape(rows, 1)
        middles = jnp.repeat(symbols(passing, self.n_symbols), self.n_sequences, axis=0)
        return jnp.concatenate([cues, middles], axis=1)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the cue at the end."""
        return at_last(jnp.asarray(inputs)[:, 0], self.n_steps)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return the end."""
        return only_last(inputs)
