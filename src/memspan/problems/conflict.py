"""The tutorial's problem: sequences that differ only in their first symbol, which comes back as the last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.ceiling import Ceilings, smallest_window
from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.problems.middles import (
    MIDDLES,
    checked_alphabet,
    default_alphabet,
    fresh_ceiling,
    lasting_middle,
)
from memspan.problems.random_bits import symbols
from memspan.problems.scoring import accuracy, all_right, choice_is_right, one_hot_logits
from memspan.problems.shortened import Shortened

__all__ = ["Conflict"]

SCORED = ("every", "end")
LONGEST_LAG = 100_000
EVALUATION_PRESENTATIONS = 64
TRAINING, EVALUATION = 0, 1


@dataclass(frozen=True, init=False)
class Conflict:
    """Sequences of a cue, a middle of `lag` symbols, and the cue again; the next symbol is to be predicted.

    What follows the last middle symbol depends on the cue alone, `lag` steps earlier: a predictor that sees
    fewer than `lag` + 1 symbols cannot be right on all sequences, and `ceiling` is how right it can be.

    Example:
        >>> problem = Conflict()
        >>> problem.sequences()
        [[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]]
        >>> [problem.ceiling(window) for window in (1, 2, 3, 4)], problem.demand
        ([0.875, 0.875, 0.875, 1.0], 4)
        >>> Conflict(lag=2, n_sequences=3, alphabet="abXYZ").sequences()
        [['X', 'a', 'b', 'X'], ['Y', 'a', 'b', 'Y'], ['Z', 'a', 'b', 'Z']]

    Args:
        lag: steps between the cue and the step whose target depends on it, 1 to 100,000; also the number of
            middle symbols.
        n_sequences: sequences, each with its own cue, 2 or more; each is presented equally often.
        alphabet: the symbols, first those of the middle, then the cues; None takes 0, 1, 2, ... A "counting"
            middle needs `lag` symbols, "repeating" one, "random" and "fresh" two or more (None: three).
        middle: "counting" runs through its symbols (the tutorial; experiment 2a of 1997), "repeating" repeats
            one, "random" is drawn once and the same for all sequences, "fresh" is drawn anew for each
            sequence of each presentation, uniformly (experiment 2b of 1997).
        scored: "every" step, or only the "end" of each sequence, where memory is needed.
        middle_seed: decides the "random" middle.

    Raises:
        InvalidInput: an argument is out of range, or leaves no conflict.
    """

    reference = (
        "J. Brownlee, A Demonstration of Memory in a Long Short-Term Memory Network (the tutorial), after "
        "S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8):1735-1780, 1997, "
        "experiment 2"
    )
    loss = "binary_cross_entropy"
    score_name = "accuracy"
    difficulty: ClassVar[dict[str, str]] = {"lag": "demand"}

    lag: int
    n_sequences: int
    alphabet: tuple[object, ...] = field(repr=False)
    middle: str
    scored: str
    middle_seed: int

    def __init__(
        self,
        lag: int = 3,
        n_sequences: int = 2,
        alphabet: Iterable[object] | None = None,
        middle: str = "counting",
        scored: str = "every",
        middle_seed: int = 0,
    ) -> None:
        sizes = (check_range("lag", lag, 1, LONGEST_LAG), check_range("n_sequences", n_sequences, 2))
        kind = check_choice("middle", middle, MIDDLES)
        default = alphabet is None
        symbols = default_alphabet(*sizes, kind) if default else checked_alphabet(alphabet, *sizes, kind)
        # Set around the lock: a generated __init__ would allow nothing but a tuple as alphabet.
        object.__setattr__(self, "lag", lag)
        object.__setattr__(self, "n_sequences", n_sequences)
        object.__setattr__(self, "alphabet", symbols)
        object.__setattr__(self, "middle", middle)
        object.__setattr__(self, "scored", check_choice("scored", scored, SCORED))
        object.__setattr__(self, "middle_seed", check_range("middle_seed", middle_seed, 0))

    def with_lag(self, lag: int) -> Conflict:
        """Return the same problem at another lag; a default alphabet grows or shrinks with it.

        Example:
            >>> Conflict().with_lag(1).sequences()
            [[1, 0, 1], [2, 0, 2]]
        """
        default = default_alphabet(self.lag, self.n_sequences, self.middle)
        alphabet = None if self.alphabet == default else self.alphabet
        return Conflict(lag, self.n_sequences, alphabet, self.middle, self.scored, self.middle_seed)

    def shorter(self, lag: int) -> Shortened:
        """Return an easier problem in the same alphabet: the cue and the last `lag` middle symbols are kept.

        Example:
            >>> Conflict().shorter(1).sequences()
            [[3, 2, 3], [4, 2, 4]]

        Args:
            lag: middle symbols to keep, 1 to this problem's lag.

        Returns:
            A problem for networks of the same inputs and outputs: a stage of a curriculum.

        Raises:
            InvalidInput: the lag is out of range.
        """
        return Shortened(self, lag)

    @property
    def variant(self) -> str:
        """The problem's full name: "conflict (tutorial), lag 3"; what differs from the tutorial is added."""
        more = [f"{self.n_sequences} sequences"] if self.n_sequences > 2 else []
        more += [f"{self.middle} middle"] if self.middle != "counting" else []
        more += ["end scored"] if self.scored == "end" else []
        return ", ".join(["conflict (tutorial)", f"lag {self.lag}", *more])

    @property
    def n_inputs(self) -> int:
        """Size of the one-hot input: the alphabet's."""
        return len(self.alphabet)

    @property
    def n_outputs(self) -> int:
        """Size of the output: the alphabet's."""
        return len(self.alphabet)

    @property
    def n_fillers(self) -> int:
        """Symbols that the middle is made of; they come first in the alphabet."""
        return len(self.alphabet) - self.n_sequences

    @property
    def n_steps(self) -> int:
        """Steps of a sequence; its last symbol is a target only."""
        return self.lag + 1

    @property
    def is_fixed(self) -> bool:
        """True unless the middle is drawn afresh."""
        return self.middle != "fresh"

    @property
    def chance(self) -> float:
        """Accuracy of guessing uniformly among the outputs."""
        return 1 / self.n_outputs

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
        """Return the best expected accuracy of any predictor that sees only the last `window` symbols.

        This proves that the problem needs memory: it is exact, from the sequences, and nothing is trained.

        Example:
            >>> Conflict(lag=3, middle="repeating").ceiling(window=1)
            0.75

        Args:
            window: symbols seen, the current one included; near the start fewer exist, and the predictor sees
                that.

        Returns:
            The accuracy over the scored positions. Where every step of a fresh middle is scored it stays
            below 1 at any window, for a fresh symbol cannot be foreseen.

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
        if not self.is_fixed:
            raise InvalidInput("middle must not be 'fresh' to list the sequences; use batch(key) to draw some")
        middles = np.broadcast_to(self._lasting(), (self.n_sequences, self.lag))
        return np.concatenate([self._cues(), middles, self._cues()], axis=1)

    def scored_steps(self) -> Bool[np.ndarray, " time"]:
        """Return which steps of each sequence are scored."""
        return self._is_end() | (self.scored == "every")

    def batch(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return one presentation for training, one row a sequence; the same key gives the same batch.

        Example:
            >>> Conflict().batch().targets.tolist()
            [[0, 1, 2, 3], [0, 1, 2, 4]]

        Args:
            key: decides a fresh middle; a fixed problem does not read it.

        Returns:
            Symbols as positions in the alphabet (32-bit whole numbers), and which steps are scored.

        Raises:
            InvalidInput: the middle is fresh and there is no key.
        """
        return self._presented(key, TRAINING, 1)

    def evaluation(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return what success is judged on: the sequences themselves, or 64 presentations with fresh middles.

        Training folds a 0 into its key and evaluation a 1, so that also from the same key they draw apart.
        """
        return self._presented(key, EVALUATION, EVALUATION_PRESENTATIONS)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the largest output is the right symbol, at each position, scored or not."""
        return choice_is_right(outputs, batch)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the accuracy over the scored positions."""
        return accuracy(self.correct(outputs, batch), batch.mask)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the logits of one who knows the middle that lasts and remembers the cue."""
        middle = self._lasting() if self.is_fixed else np.zeros(self.lag, np.int32)
        cues = jnp.asarray(batch.inputs)[:, :1]
        known = jnp.broadcast_to(middle, (len(cues), self.lag))
        return one_hot_logits(jnp.concatenate([known, cues], axis=1), self.n_outputs)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether every scored position that can be foreseen is right.

        With a fresh middle only the end can be foreseen, and it alone counts, as in experiment 2b of 1997.
        """
        judged = batch.mask & (self.is_fixed | self._is_end())
        return all_right(self.correct(outputs, batch), judged)

    def _ceiling(self, window: int) -> Fraction:
        if self.is_fixed:
            return _ceilings(self).at(window)
        return fresh_ceiling(self.lag, self.n_fillers, self.n_sequences, self.scored, window)

    def _is_end(self) -> Bool[np.ndarray, " time"]:
        return np.arange(self.n_steps) == self.lag

    def _lasting(self) -> Int[np.ndarray, " length"]:
        return lasting_middle(self.middle, self.lag, self.n_fillers, self.middle_seed)

    def _cues(self) -> Int[np.ndarray, "batch 1"]:
        return np.arange(self.n_fillers, self.n_inputs, dtype=np.int32)[:, None]

    def _presented(self, key: PRNGKeyArray | None, purpose: int, presentations: int) -> Batch:
        symbols = jnp.asarray(self.table()) if self.is_fixed else self._drawn(key, purpose, presentations)
        inputs, targets = symbols[:, :-1], symbols[:, 1:]
        return Batch(inputs, targets, jnp.broadcast_to(self.scored_steps(), inputs.shape))

    def _drawn(self, key: PRNGKeyArray | None, purpose: int, presentations: int) -> Int[Array, "batch length"]:
        if key is None:
            raise InvalidInput("key must be given where middle='fresh', but got None; pass jax.random.key(0)")
        cues = jnp.asarray(np.tile(self._cues(), (presentations, 1)))
        own = jax.random.fold_in(key, purpose)
        middles = symbols(jax.random.bits(own, (len(cues), self.lag)), self.n_fillers)
        return jnp.concatenate([cues, middles, cues], axis=1)


@lru_cache(maxsize=4)
def _ceilings(problem: Conflict) -> Ceilings:
    """The contexts of a fixed problem, kept outside it so that a problem stays small to send elsewhere."""
    table = problem.table()
    mask = np.broadcast_to(problem.scored_steps(), (problem.n_sequences, problem.n_steps))
    return Ceilings(list(table[:, :-1]), list(table[:, 1:]), list(mask))
