"""What drawn problems share: training and evaluation draw apart, and a padded sequence is scored at its end."""

from __future__ import annotations

from abc import ABC, abstractmethod

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput, check_range
from memspan.problems.scoring import accuracy, choice_is_right

__all__ = ["AbstractChoice", "AbstractDrawn", "lengths_and_ends"]

TRAINING, EVALUATION = 0, 1


class AbstractDrawn(ABC):
    """A problem whose sequences are drawn at every presentation; `draw` says how.

    Training folds a 0 into its key and evaluation a 1, so that also from the same key they draw apart.

    Attributes:
        n_sequences: sequences of one presentation.
        n_evaluated: sequences that success is judged on.
    """

    n_sequences: int
    n_evaluated: int
    is_fixed = False

    @abstractmethod
    def draw(self, key: PRNGKeyArray, n_rows: int) -> Batch:
        """Return this many sequences; the same key gives the same."""

    def batch(self, key: PRNGKeyArray | None) -> Batch:
        """Return one presentation for training.

        Args:
            key: decides what is drawn.

        Raises:
            InvalidInput: there is no key.
        """
        return self.draw(_purpose(key, TRAINING), self.n_sequences)

    def evaluation(self, key: PRNGKeyArray | None) -> Batch:
        """Return sequences to judge success on, drawn apart from training.

        Args:
            key: decides what is drawn.

        Raises:
            InvalidInput: there is no key.
        """
        return self.draw(_purpose(key, EVALUATION), self.n_evaluated)

    def _check_counts(self) -> None:
        check_range("n_sequences", self.n_sequences, 1)
        check_range("n_evaluated", self.n_evaluated, 1)


class AbstractChoice(AbstractDrawn):
    """A drawn problem whose answers are symbols: the largest output is the choice, and accuracy the score."""

    loss = "binary_cross_entropy"
    score_name = "accuracy"

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the largest output is the target."""
        return choice_is_right(outputs, batch)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the accuracy over the scored positions."""
        return accuracy(self.correct(outputs, batch), batch.mask)


def lengths_and_ends(
    key: PRNGKeyArray, n_rows: int, shortest: int, longest: int
) -> tuple[Int[Array, "batch 1"], Bool[Array, "batch time"]]:
    """Return the lengths of sequences, uniform with both ends included, and the last step of each.

    Example:
        >>> lengths, ends = lengths_and_ends(jax.random.key(0), 2, shortest=3, longest=3)
        >>> ends.tolist()
        [[False, False, True], [False, False, True]]

    Args:
        key: decides the lengths.
        n_rows: sequences.
        shortest: steps of the shortest.
        longest: steps of the longest, and of the padded array.

    Returns:
        Lengths as a column, and a mask of the ends.
    """
    lengths = jax.random.randint(key, (n_rows, 1), shortest, longest + 1)
    return lengths, jnp.arange(longest) == lengths - 1


def _purpose(key: PRNGKeyArray | None, purpose: int) -> PRNGKeyArray:
    if key is None:
        raise InvalidInput("key must be given to a drawn problem, but got None; pass jax.random.key(0)")
    return jax.random.fold_in(key, purpose)
