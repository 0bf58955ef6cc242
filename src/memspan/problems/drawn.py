"""What problems have in common whose sequences are drawn afresh: how they are presented and how choices are judged."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray, Shaped

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput, check_range
from memspan.problems.scoring import accuracy, choice_is_right, one_hot_logits

__all__ = ["AbstractChoice", "AbstractDrawn"]

TRAINING, EVALUATION = 0, 1


class AbstractDrawn(ABC):
    """A problem that is a draw of inputs, the answers they demand, and the steps that are scored.

    Training folds a 0 into its key and evaluation a 1, so that also from the same key they draw apart. They
    draw from one distribution: the two sets differ by derivation of their keys, and a sequence may occur in both
    where there are few possible sequences.
    """

    is_fixed: ClassVar[bool] = False

    n_sequences: int
    n_evaluation: int

    @abstractmethod
    def inputs(self, key: PRNGKeyArray, rows: int) -> Shaped[Array, "batch time ..."]:
        """Return drawn inputs, one row a sequence."""

    @abstractmethod
    def answers(self, inputs: Shaped[Array, "batch time ..."]) -> Shaped[Array, "batch time ..."]:
        """Return the target at each step; where the step is scored it follows from the inputs up to there."""

    @abstractmethod
    def scored(self, inputs: Shaped[Array, "batch time ..."]) -> Bool[Array, "batch time"]:
        """Return which steps are scored."""

    def batch(self, key: PRNGKeyArray | None) -> Batch:
        """Return one presentation of freshly drawn sequences for training; the same key gives the same batch.

        Args:
            key: decides the draw.

        Returns:
            `n_sequences` sequences.

        Raises:
            InvalidInput: there is no key.
        """
        return _presented(self, _given(key), TRAINING, self.n_sequences)

    def evaluation(self, key: PRNGKeyArray | None) -> Batch:
        """Return the `n_evaluation` sequences on which success is judged, drawn apart from training.

        Raises:
            InvalidInput: there is no key.
        """
        return _presented(self, _given(key), EVALUATION, self.n_evaluation)

    def _check_sizes(self) -> None:
        check_range("n_sequences", self.n_sequences, 1)
        check_range("n_evaluation", self.n_evaluation, 1)


class AbstractChoice(AbstractDrawn):
    """A drawn problem whose answers are symbols that follow surely from the inputs; its score is accuracy.

    It is solved when at least `passing` of the scored positions are right.
    """

    loss: ClassVar[str] = "cross_entropy"
    score_name: ClassVar[str] = "accuracy"
    best: ClassVar[float] = 1.0
    passing: ClassVar[float] = 0.99

    @property
    @abstractmethod
    def n_outputs(self) -> int:
        """Size of the output vector of one step."""

    @property
    def chance(self) -> float:
        """Accuracy of guessing uniformly among the outputs."""
        return 1 / self.n_outputs

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return logits that are sure of the answers, found from the inputs alone."""
        return one_hot_logits(self.answers(batch.inputs), self.n_outputs)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the largest output is the right symbol, at each position, scored or not."""
        return choice_is_right(outputs, batch)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the share of scored positions that are right."""
        return accuracy(self.correct(outputs, batch), batch.mask)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether at least `passing` of the scored positions are right."""
        return self.score(outputs, batch) >= self.passing


@functools.partial(jax.jit, static_argnums=(0, 2, 3))
def _presented(problem: AbstractDrawn, key: PRNGKeyArray, purpose: int, rows: int) -> Batch:
    inputs = problem.inputs(jax.random.fold_in(key, purpose), rows)
    return Batch(inputs, problem.answers(inputs), jnp.asarray(problem.scored(inputs)))


def _given(key: PRNGKeyArray | None) -> PRNGKeyArray:
    if key is None:
        raise InvalidInput("key must be given where sequences are drawn, but got None; pass jax.random.key(0)")
    return key
