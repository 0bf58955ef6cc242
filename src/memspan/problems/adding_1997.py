"""Experiments 4 and 5 of 1997: the sum, or the product, of two marked numbers among a hundred."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractDrawn
from memspan.problems.random_bits import fractions, random_bits, symbols
from memspan.problems.scoring import absolute_error, squared_error

__all__ = ["Adding1997", "Multiplication1997"]

TOLERANCE = 0.04
EARLY = 10  # the first mark is among the first ten pairs
SHORTEST = 22  # from here on T/2 - 1 is at least ten, too


class AbstractMarkedPairs(AbstractDrawn):
    """Pairs of a value and a mark; two values are marked 1, the first and the last pair carry -1.

    The first mark is on one of the first ten pairs, the second on another one of the first T/2 - 1. Where a
    mark falls on the first pair its -1 stays, and its value counts as the neutral element.
    """

    loss = "squared_error"
    score_name = "mean squared error"
    best = 0.0
    is_disjoint = True
    n_inputs = 2
    n_outputs = 1
    lowest: ClassVar[float]
    neutral: ClassVar[float]

    T: int

    def __post_init__(self) -> None:
        check_range("T", self.T, SHORTEST)
        self._check_sizes()

    @property
    def difficulty(self) -> dict[str, str]:
        """Which fields raise which members."""
        return {"T": "n_steps"}

    @property
    def n_steps(self) -> int:
        """Steps of the longest sequence."""
        return self.T + self.T // 10

    @property
    def first_pair_marked(self) -> Fraction:
        """Probability that a mark falls on the first pair: 1/10, and 9/10 of one in T/2 - 2."""
        return Fraction(1, EARLY) + Fraction(EARLY - 1, EARLY) / (self.T // 2 - 2)

    @property
    def floor(self) -> float:
        """Mean squared error of the mean: the last pair says nothing about the two values."""
        return float(self.variance())

    @property
    def chance(self) -> float:
        """Mean squared error of an answer that is right for another sequence: twice the floor."""
        return 2 * self.floor

    @abstractmethod
    def variance(self) -> Fraction:
        """Return the variance of the target, exactly."""

    @abstractmethod
    def combined(self, values: Float[Array, "batch time"]) -> Float[Array, "batch 1"]:
        """Return the target, given the marked values in place and the neutral element elsewhere."""

    def inputs(self, key: PRNGKeyArray, rows: int) -> Float[Array, "batch time feature"]:
        """Return drawn sequences of values and marks, padded with zeros."""
        length, early, late, drawn = random_bits(key, rows, 1, 1, 1, self.n_steps)
        lengths = self.T + symbols(length, self.n_steps - self.T + 1)
        steps = jnp.arange(self.n_steps)
        first, second = symbols(early, EARLY), symbols(late, self.T // 2 - 2)
        second = second + (second >= first)
        marks = jnp.where((steps == first) | (steps == second), 1.0, 0.0)
        marks = jnp.where((steps == 0) | (steps == lengths - 1), -1.0, marks)
        values = self.lowest + (1 - self.lowest) * fractions(drawn)
        return jnp.stack([values * (steps < lengths), marks], axis=-1)

    def answers(self, inputs: Float[Array, "batch time feature"]) -> Float[Array, "batch time 1"]:
        """Return the target, at every step."""
        values, marks = jnp.moveaxis(jnp.asarray(inputs), -1, 0)
        target = self.combined(jnp.where(marks > 0, values, self.neutral))
        return jnp.broadcast_to(target, marks.shape)[..., None]

    def scored(self, inputs: Float[Array, "batch time feature"]) -> Bool[Array, "batch time"]:
        """Return the last pairs: the only ones with -1 after the first."""
        return (jnp.asarray(inputs)[..., 1] < 0) & (jnp.arange(inputs.shape[1]) > 0)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return what the marked values make, from the inputs alone."""
        return self.answers(batch.inputs)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the output is off by less than 0.04."""
        return absolute_error(outputs, batch) < TOLERANCE

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the mean squared error at the ends."""
        return squared_error(outputs, batch)


@dataclass(frozen=True)
class Adding1997(AbstractMarkedPairs):
    """Values from -1 to 1; the target at the end is 0.5 + (X1 + X2) / 4, with the two marked values.

    Solved when no sequence is off by 0.04 or more and the mean absolute error is below 0.01.

    Example:
        >>> import jax
        >>> drawn = Adding1997(T=22, n_sequences=1).batch(jax.random.key(0))
        >>> for value, mark in drawn.inputs[0, :5].tolist():
        ...     print(f"{value:.2f} {mark:.0f}")
        -0.76 -1
        -0.62 0
        0.44 0
        0.53 1
        -0.69 0
        >>> marked = drawn.inputs[0, drawn.inputs[0, :, 1] > 0, 0].tolist()
        >>> [f"{value:.2f}" for value in marked], f"{drawn.targets[0, -1, 0]:.3f}"
        (['0.53', '0.11'], '0.659')

    Args:
        T: shortest length, 22 or more; lengths are uniform from T to T + T/10. 100, 500 and 1000 in the paper.
        n_sequences: sequences of one presentation.
        n_evaluation: sequences that success is judged on.

    Raises:
        InvalidInput: an argument is out of range.
    """

    T: int = 100
    n_sequences: int = 64
    n_evaluation: int = 256

    reference = (
        "S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8):1735-1780, 1997, experiment 4"
    )
    lowest: ClassVar[float] = -1.0
    neutral: ClassVar[float] = 0.0

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"adding (Hochreiter & Schmidhuber 1997, experiment 4), T={self.T}"

    def variance(self) -> Fraction:
        """Return 1/24, the variance of (X1 + X2) / 4, less what is lost where one of them is set to zero."""
        return Fraction(1, 24) * (1 - self.first_pair_marked / 2)

    def combined(self, values: Float[Array, "batch time"]) -> Float[Array, "batch 1"]:
        """Return 0.5 + (X1 + X2) / 4."""
        return 0.5 + jnp.sum(values, axis=1, keepdims=True) / 4

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether all are within 0.04, and the mean absolute error is below 0.01."""
        errors = jnp.where(batch.mask, absolute_error(outputs, batch), 0.0)
        return (jnp.max(errors) < TOLERANCE) & (jnp.sum(errors) < 0.01 * jnp.sum(batch.mask))


@dataclass(frozen=True)
class Multiplication1997(AbstractMarkedPairs):
    """Values from 0 to 1; the target at the end is X1 X2, the product of the two marked values.

    Solved when fewer than `n_seq` in 2000 sequences are off by more than 0.04.

    Example:
        >>> import jax
        >>> drawn = Multiplication1997(T=22, n_sequences=1).batch(jax.random.key(0))
        >>> for value, mark in drawn.inputs[0, :5].tolist():
        ...     print(f"{value:.2f} {mark:.0f}")
        0.12 -1
        0.19 0
        0.72 0
        0.77 1
        0.15 0
        >>> marked = drawn.inputs[0, drawn.inputs[0, :, 1] > 0, 0].tolist()
        >>> [f"{value:.2f}" for value in marked], f"{drawn.targets[0, -1, 0]:.3f}"
        (['0.77', '0.55'], '0.423')

    Args:
        T: shortest length, 22 or more; lengths are uniform from T to T + T/10. 100 in the paper.
        n_seq: the paper's n_seq: 13, or 140 for a first, rough solution.
        n_sequences: sequences of one presentation.
        n_evaluation: sequences that success is judged on.

    Raises:
        InvalidInput: an argument is out of range.
    """

    T: int = 100
    n_seq: int = 13
    n_sequences: int = 64
    n_evaluation: int = 256

    reference = (
        "S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8):1735-1780, 1997, experiment 5"
    )
    lowest: ClassVar[float] = 0.0
    neutral: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("n_seq", self.n_seq, 1, 2000)

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"multiplication (Hochreiter & Schmidhuber 1997, experiment 5), T={self.T}, n_seq={self.n_seq}"

    def variance(self) -> Fraction:
        """Return 7/144, the variance of X1 X2, where the first pair is never marked; else that of the mixture."""
        alone = self.first_pair_marked
        mean = (1 - alone) * Fraction(1, 4) + alone * Fraction(1, 2)
        return (1 - alone) * Fraction(1, 9) + alone * Fraction(1, 3) - mean**2

    def combined(self, values: Float[Array, "batch time"]) -> Float[Array, "batch 1"]:
        """Return X1 X2."""
        return jnp.prod(values, axis=1, keepdims=True)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether fewer than `n_seq` in 2000 are off by more than 0.04."""
        wrong = jnp.sum((absolute_error(outputs, batch) > TOLERANCE) & batch.mask)
        return 2000 * wrong < self.n_seq * jnp.sum(batch.mask)
