"""A new conflict at every presentation: whoever learns one table learns nothing, whoever remembers is right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput, check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.scoring import all_right, one_hot_logits

__all__ = ["RandomConflict"]


@dataclass(frozen=True)
class RandomConflict(AbstractChoice):
    """Conflicts of which all symbols are drawn anew: sequences of a cue, a middle, and the cue again.

    The sequences of one conflict share their middle and differ in their cues, as in the tutorial; any symbol
    may be a cue, and any may be in a middle. Only the end can be foreseen, and only it is scored.

    Example:
        >>> problem = RandomConflict(lag=3)
        >>> drawn = problem.batch(jax.random.key(0))
        >>> jnp.concatenate([drawn.inputs, drawn.targets[:, -1:]], axis=1).tolist()
        [[6, 6, 9, 7, 6], [2, 6, 9, 7, 2]]
        >>> problem.floor, problem.ceiling(3), problem.ceiling(4), problem.demand
        (0.1, 0.1, 1.0, 4)

    Args:
        lag: steps between the cue and the step whose target depends on it; also the number of middle symbols.
        n_symbols: size of the alphabet 0, 1, 2, ...
        n_sequences: sequences of one conflict, each with its own cue; at most as many as symbols.
        n_evaluated: sequences that success is judged on, a multiple of `n_sequences`.

    Raises:
        InvalidInput: an argument is out of range.
    """

    lag: int = 3
    n_symbols: int = 10
    n_sequences: int = 2
    n_evaluated: int = 128

    reference = "J. Brownlee, A Demonstration of Memory in a Long Short-Term Memory Network (extensions)"
    best = 1.0

    def __post_init__(self) -> None:
        check_range("lag", self.lag, 1, 100_000)
        check_range("n_symbols", self.n_symbols, 2)
        check_range("n_sequences", self.n_sequences, 1, self.n_symbols)
        if check_range("n_evaluated", self.n_evaluated, 1) % self.n_sequences:
            raise InvalidInput(
                f"n_evaluated must be a multiple of n_sequences = {self.n_sequences}, but got "
                f"{self.n_evaluated}; every conflict is shown whole"
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
    def chance(self) -> float:
        """Accuracy of guessing uniformly."""
        return 1 / self.n_symbols

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
        return 1.0 if check_range("window", window, 1) > self.lag else self.chance

    def sequences(self) -> list[list[object]]:
        """Refuse: no sequence lasts.

        Raises:
            InvalidInput: always.
        """
        raise InvalidInput("a random conflict has no lasting sequences to list; use batch(key) to draw some")

    def draw(self, key: PRNGKeyArray, n_rows: int) -> Batch:
        """Return conflicts below each other, `n_sequences` rows each."""
        keys = jax.random.split(key, n_rows // self.n_sequences)
        rows = jax.vmap(self._conflict)(keys).reshape(n_rows, -1)
        mask = jnp.broadcast_to(jnp.arange(self.n_steps) == self.lag, (n_rows, self.n_steps))
        return Batch(rows[:, :-1], rows[:, 1:], mask)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether every end is right."""
        return all_right(self.correct(outputs, batch), batch.mask)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the logits of one who repeats the first symbol."""
        cues = jnp.broadcast_to(jnp.asarray(batch.inputs)[:, :1], batch.mask.shape)
        return one_hot_logits(cues, self.n_outputs)

    def _conflict(self, key: PRNGKeyArray) -> Int[Array, "batch length"]:
        for_cues, for_middle = jax.random.split(key)
        cues = jax.random.permutation(for_cues, self.n_symbols)[: self.n_sequences, None]
        middle = jax.random.randint(for_middle, (1, self.lag), 0, self.n_symbols)
        middles = jnp.broadcast_to(middle, (self.n_sequences, self.lag))
        return jnp.concatenate([cues, middles, cues], axis=1).astype(jnp.int32)
