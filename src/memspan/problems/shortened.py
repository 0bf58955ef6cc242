"""A conflict of which only the cue and the end of the middle are kept: an easier problem in the same alphabet."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.ceiling import Ceilings, smallest_window
from memspan.core.errors import check_range
from memspan.core.parts import check_part
from memspan.core.problem import FiniteProblem
from memspan.problems.middles import fresh_ceiling
from memspan.problems.scoring import accuracy, all_right, choice_is_right, one_hot_logits

__all__ = ["Shortened"]


@runtime_checkable
class _Whole(FiniteProblem, Protocol):
    """What can be shortened: each sequence a cue, a middle of `lag` symbols, and the cue again."""

    @property
    def lag(self) -> int: ...

    @property
    def scored(self) -> str: ...

    @property
    def n_fillers(self) -> int: ...

    def table(self) -> Int[np.ndarray, "batch length"]: ...


@dataclass(frozen=True)
class Shortened:
    """A conflict of a smaller lag, made of the same symbols: the middle loses its beginning.

    A network that has learned it reads the whole conflict without another input or output, which makes it a
    stage of a curriculum. `Conflict.with_lag` would be another problem: a shorter counting middle has a smaller
    alphabet, and a shorter random one ends on other symbols.

    Example:
        >>> from memspan.problems import Conflict
        >>> easier = Shortened(Conflict(lag=5), lag=2)
        >>> easier.sequences(), easier.n_inputs, easier.demand
        ([[5, 3, 4, 5], [6, 3, 4, 6]], 7, 3)
        >>> easier == Conflict(lag=5).shorter(2)
        True

    Attributes:
        problem: the whole conflict.
        lag: middle symbols that are kept, the last ones; 1 to the whole conflict's lag.

    Raises:
        InvalidInput: the problem is no conflict, or the lag is out of range.
    """

    problem: _Whole
    lag: int

    loss: ClassVar[str] = "binary_cross_entropy"
    score_name: ClassVar[str] = "accuracy"
    difficulty: ClassVar[dict[str, str]] = {"lag": "demand"}

    def __post_init__(self) -> None:
        check_part("problem", self.problem, _Whole, "memspan.problems.Conflict()")
        check_range("lag", self.lag, 1, self.problem.lag)

    @property
    def variant(self) -> str:
        """The problem's full name: "conflict (tutorial), lag 5, shortened to lag 2"."""
        return f"{self.problem.variant}, shortened to lag {self.lag}"

    @property
    def reference(self) -> str:
        """Where the whole conflict is defined."""
        return self.problem.reference

    @property
    def alphabet(self) -> tuple[object, ...]:
        """The whole conflict's symbols."""
        return self.problem.alphabet

    @property
    def n_inputs(self) -> int:
        """Size of the one-hot input: the alphabet's."""
        return self.problem.n_inputs

    @property
    def n_outputs(self) -> int:
        """Size of the output: the alphabet's."""
        return self.problem.n_outputs

    @property
    def n_sequences(self) -> int:
        """Sequences, each with its own cue."""
        return self.problem.n_sequences

    @property
    def n_steps(self) -> int:
        """Steps of a sequence; its last symbol is a target only."""
        return self.lag + 1

    @property
    def is_fixed(self) -> bool:
        """True unless the middle is drawn afresh."""
        return self.problem.is_fixed

    @property
    def chance(self) -> float:
        """Accuracy of guessing uniformly among the outputs."""
        return self.problem.chance

    @property
    def floor(self) -> float:
        """Best accuracy of any predictor that sees only the current symbol."""
        return self.ceiling(1)

    @property
    def best(self) -> float:
        """Best accuracy of any predictor: 1, less where fresh symbols are scored, which none can foresee."""
        return self.ceiling(self.n_steps)

    @property
    def demand(self) -> int:
        """Smallest window with which the best possible accuracy is reached, found from the ceilings."""
        return _ceilings(self).demand if self.is_fixed else smallest_window(self._ceiling, self.n_steps)

    def ceiling(self, window: int) -> float:
        """Return the best expected accuracy of any predictor that sees only the last `window` symbols; exact.

        Raises:
            InvalidInput: the window is not a whole number of at least 1.
        """
        return float(self._ceiling(check_range("window", window, 1)))

    def sequences(self) -> list[list[object]]:
        """Return the sequences in the problem's own alphabet.

        Raises:
            InvalidInput: the middle is fresh, so no sequence lasts.
        """
        return [[self.alphabet[symbol] for symbol in row] for row in self.table().tolist()]

    def table(self) -> Int[np.ndarray, "batch length"]:
        """Return the sequences as positions in the alphabet, one row a sequence.

        Raises:
            InvalidInput: the middle is fresh, so no sequence lasts.
        """
        whole = self.problem.table()
        return np.concatenate([whole[:, :1], whole[:, -self.n_steps :]], axis=1)

    def scored_steps(self) -> Bool[np.ndarray, " time"]:
        """Return which steps of each sequence are scored."""
        return self._is_end() | (self.problem.scored == "every")

    def batch(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return one presentation for training: that of the whole conflict, shortened.

        Raises:
            InvalidInput: the middle is fresh and there is no key.
        """
        return self._shortened(self.problem.batch(key))

    def evaluation(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return what success is judged on: that of the whole conflict, shortened."""
        return self._shortened(self.problem.evaluation(key))

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the largest output is the right symbol, at each position, scored or not."""
        return choice_is_right(outputs, batch)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the accuracy over the scored positions."""
        return accuracy(self.correct(outputs, batch), batch.mask)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the logits of one who knows the middle that lasts and remembers the cue."""
        middle = self.table()[0, 1:-1] if self.is_fixed else np.zeros(self.lag, np.int32)
        cues = jnp.asarray(batch.inputs)[:, :1]
        known = jnp.broadcast_to(middle, (len(cues), self.lag))
        return one_hot_logits(jnp.concatenate([known, cues], axis=1), self.n_outputs)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether every scored position that can be foreseen is right: with a fresh middle, the end."""
        judged = batch.mask & (self.is_fixed | self._is_end())
        return all_right(self.correct(outputs, batch), judged)

    def _ceiling(self, window: int) -> Fraction:
        if self.is_fixed:
            return _ceilings(self).at(window)
        return fresh_ceiling(self.lag, self.problem.n_fillers, self.n_sequences, self.problem.scored, window)

    def _is_end(self) -> Bool[np.ndarray, " time"]:
        return np.arange(self.n_steps) == self.lag

    def _shortened(self, whole: Batch) -> Batch:
        inputs, targets = jnp.asarray(whole.inputs), jnp.asarray(whole.targets)[:, -self.n_steps :]
        inputs = jnp.concatenate([inputs[:, :1], targets[:, :-1]], axis=1)
        return Batch(inputs, targets, jnp.broadcast_to(self.scored_steps(), inputs.shape))


@lru_cache(maxsize=4)
def _ceilings(problem: Shortened) -> Ceilings:
    """The contexts of a fixed problem, kept outside it so that a problem stays small to send elsewhere."""
    table = problem.table()
    mask = np.broadcast_to(problem.scored_steps(), (problem.n_sequences, problem.n_steps))
    return Ceilings(list(table[:, :-1]), list(table[:, 1:]), list(mask))
