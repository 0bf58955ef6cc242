"""Experiment 3 of 1997: which of two signals opened a long line of noise, on one and the same channel."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from math import erfc, sqrt

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.problems.random_bits import fractions, random_bits, symbols
from memspan.problems.scoring import SURE, absolute_error, accuracy, sigmoid_error, squared_error

__all__ = ["TwoSequence"]

EXPERIMENTS = ("3a", "3b", "3c")
NOISE = 0.2  # variance of what follows the signal, and in 3b of what is added to it
TARGET_NOISE = 0.1  # variance of what is added to the targets of 3c
# Tolerated error of one output, how many of 256 may exceed it, and the mean error, as in the paper.
CRITERIA = {"3a": (0.2, 0, 0.01), "3b": (0.2, 5, 0.04), "3c": (0.1, 0, 0.015)}


@dataclass(frozen=True)
class TwoSequence:
    """N elements +1 (class 1) or -1 (class 2), then Gaussian noise of variance 0.2; at the end the class is asked.

    In 3b noise of the same variance lies on the signal too. In 3a and 3b the target is 1 or 0, and the score is
    the accuracy; in 3c it is 0.2 or 0.8 with Gaussian noise of variance 0.1 on the training targets, and the
    score is the mean squared error against the targets without noise, on which success is judged.

    Example:
        >>> drawn = TwoSequence(T=10, N=2, n_sequences=1).batch(jax.random.key(0))
        >>> end = int(drawn.mask[0].argmax())
        >>> [f"{x:.1f}" for x in drawn.inputs[0, : end + 1, 0].tolist()], drawn.targets[0, end].tolist()
        (['1.0', '1.0', '-0.4', '0.3', '0.3', '-0.5', '0.7', '-0.8', '-0.6', '0.1'], [1.0])

    Args:
        experiment: "3a", "3b" or "3c".
        T: shortest length; lengths are uniform from T to T + T/10. 100 and 1000 in the paper.
        N: elements that carry the signal, fewer than T; 1 and 3 in the paper.
        n_sequences: sequences of one presentation.
        n_evaluation: sequences that success is judged on.

    Raises:
        InvalidInput: an argument is out of range.
    """

    experiment: str = "3a"
    T: int = 100
    N: int = 3
    n_sequences: int = 64
    n_evaluation: int = 256

    reference = (
        "S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8):1735-1780, 1997, experiment 3"
    )
    is_fixed = False
    is_disjoint = True
    n_inputs = 1
    n_outputs = 1

    def __post_init__(self) -> None:
        check_choice("experiment", self.experiment, EXPERIMENTS)
        check_range("T", self.T, 2)
        check_range("N", self.N, 1, self.T - 1)
        check_range("n_sequences", self.n_sequences, 1)
        check_range("n_evaluation", self.n_evaluation, 1)

    @property
    def difficulty(self) -> dict[str, str]:
        """Which fields raise which members."""
        return {"T": "n_steps"}

    @property
    def variant(self) -> str:
        """The problem's full name."""
        source = f"Hochreiter & Schmidhuber 1997, experiment {self.experiment}"
        return f"two-sequence problem ({source}), T={self.T}, N={self.N}"

    @property
    def n_steps(self) -> int:
        """Steps of the longest sequence."""
        return self.T + self.T // 10

    @property
    def loss(self) -> str:
        """A choice in 3a and 3b, a number in 3c."""
        return "squared_error" if self.experiment == "3c" else "binary_cross_entropy"

    @property
    def score_name(self) -> str:
        """What `score` measures."""
        return "mean squared error" if self.experiment == "3c" else "accuracy"

    @property
    def chance(self) -> float:
        """Score of either answer, at random."""
        return 0.18 if self.experiment == "3c" else 0.5

    @property
    def floor(self) -> float:
        """Best score without memory, as the last element is noise; in 3c the answer is then the mean, 0.5."""
        return 0.09 if self.experiment == "3c" else 0.5

    @property
    def best(self) -> float:
        """Best score: in 3b the sign of the mean of N noisy elements is wrong in erfc(sqrt(N / 0.4)) / 2."""
        if self.experiment == "3b":
            return 1 - erfc(sqrt(self.N / (2 * NOISE))) / 2
        return 0.0 if self.experiment == "3c" else 1.0

    def batch(self, key: PRNGKeyArray | None) -> Batch:
        """Return one presentation for training; in 3c its targets are noisy."""
        return self._drawn(_given(key), 0, self.n_sequences, TARGET_NOISE if self.experiment == "3c" else 0.0)

    def evaluation(self, key: PRNGKeyArray | None) -> Batch:
        """Return sequences drawn apart from training, with targets free of noise."""
        return self._drawn(_given(key), 1, self.n_evaluation, 0.0)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the class that the sum of the signal speaks for, at every step after it."""
        total = jnp.sum(jnp.asarray(batch.inputs)[:, : self.N], axis=1, keepdims=True)
        said = 0.5 - 0.3 * jnp.sign(total) if self.experiment == "3c" else SURE * jnp.sign(total)
        return jnp.broadcast_to(said, (*batch.mask.shape, 1))

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the output is on the side of its target; in 3c within 0.1 of it."""
        if self.experiment == "3c":
            return absolute_error(outputs, batch) <= CRITERIA["3c"][0]
        return ((outputs > 0) == (jnp.asarray(batch.targets) > 0.5))[..., 0]

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the accuracy at the ends; in 3c the mean squared error."""
        if self.experiment == "3c":
            return squared_error(outputs, batch)
        return accuracy(self.correct(outputs, batch), batch.mask)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether the paper's second stop criterion holds: few large errors, and a small mean error."""
        tolerated, of_256, mean = CRITERIA[self.experiment]
        read = absolute_error if self.experiment == "3c" else sigmoid_error
        errors = jnp.where(batch.mask, read(outputs, batch), 0.0)
        n_ends = jnp.sum(batch.mask)
        few = 256 * jnp.sum(errors > tolerated) <= of_256 * n_ends
        return few & (jnp.sum(errors) < mean * n_ends)

    @functools.partial(jax.jit, static_argnums=(0, 2, 3, 4))
    def _drawn(self, key: PRNGKeyArray, purpose: int, rows: int, target_noise: float) -> Batch:
        own = jax.random.fold_in(key, purpose)
        chosen, length, noisy = random_bits(own, rows, 1, 1, self.n_steps + 1)
        sign = 2.0 * symbols(chosen, 2) - 1.0
        lengths = self.T + symbols(length, self.n_steps - self.T + 1)
        steps = jnp.arange(self.n_steps)
        normal = jax.scipy.special.ndtri(fractions(noisy) + 2.0**-25)  # the middle of each of 2^24 equal parts
        noise = sqrt(NOISE) * normal[:, :-1]
        signal = sign + noise if self.experiment == "3b" else sign
        inputs = jnp.where(steps < self.N, signal, noise) * (steps < lengths)
        targets = 0.5 - 0.3 * sign if self.experiment == "3c" else (sign + 1) / 2
        targets = targets + sqrt(target_noise) * normal[:, -1:]
        at_every_step = jnp.broadcast_to(targets[..., None], (rows, self.n_steps, 1))
        return Batch(inputs[..., None], at_every_step, steps == lengths - 1)


def _given(key: PRNGKeyArray | None) -> PRNGKeyArray:
    if key is None:
        raise InvalidInput("key must be given to a drawn problem, but got None; pass jax.random.key(0)")
    return key
