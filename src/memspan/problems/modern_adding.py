"""Adding as later papers pose it: values from 0 to 1, two of them marked, their plain sum asked at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, UInt32

from memspan.core.batch import Batch
from memspan.core.errors import check_choice, check_range
from memspan.problems.drawn import AbstractDrawn
from memspan.problems.ends import at_last, only_last
from memspan.problems.random_bits import fractions, random_bits, symbols
from memspan.problems.scoring import accuracy, squared_error

__all__ = ["ModernAdding"]

SOURCES = {"arjovsky": "Arjovsky 2016", "tcn": "Bai 2018, TCN"}
TOLERANCE = 0.04
PASSING = 0.99


@dataclass(frozen=True)
class ModernAdding(AbstractDrawn):
    """At each step a value uniform from 0 to 1 and a marker; the sum of the two marked values is asked at the end.

    This is not the adding problem of 1997, which has other values, markers and targets. The score is the mean
    squared error: smaller is better. The sources name no criterion; here, as in 1997, an answer is right within
    0.04, and the problem is solved when 99 % of the sequences are.

    Example:
        One drawn sequence, value and marker of each step, and the sum.

        >>> import jax
        >>> batch = ModernAdding.arjovsky(length=4, n_sequences=1).batch(jax.random.key(2))
        >>> [(round(value, 2), int(marker)) for value, marker in batch.inputs[0].tolist()]
        [(0.64, 1), (0.64, 0), (0.09, 1), (0.75, 0)]
        >>> round(float(batch.targets[0, -1, 0]), 2)
        0.73

    Args:
        length: steps, 2 or more.
        source: "arjovsky" marks one step in each half, "tcn" any two steps.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "M. Arjovsky, A. Shah, Y. Bengio, Unitary Evolution Recurrent Neural Networks, ICML 2016; S. Bai, "
        "J. Z. Kolter, V. Koltun, An Empirical Evaluation of Generic Convolutional and Recurrent Networks for "
        "Sequence Modeling, arXiv:1803.01271, 2018"
    )
    loss: ClassVar[str] = "squared_error"
    score_name: ClassVar[str] = "mean squared error"
    n_inputs: ClassVar[int] = 2
    n_outputs: ClassVar[int] = 1
    always_one: ClassVar[float] = 1 / 6  # score of always saying 1, which the sources compare with: the sum's variance
    chance: ClassVar[float] = 2 * always_one  # score of saying the sum of another sequence
    best: ClassVar[float] = 0.0
    difficulty: ClassVar[dict[str, str]] = {"length": "n_steps"}

    length: int = 100
    source: str = "arjovsky"
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("length", self.length, 2)
        check_choice("source", self.source, SOURCES)
        self._check_sizes()

    @classmethod
    def arjovsky(cls, length: int = 100, n_sequences: int = 64, n_evaluation: int = 256) -> ModernAdding:
        """Return the form of Arjovsky et al. 2016 (there 100, 200, 400 and 750 steps)."""
        return cls(length, "arjovsky", n_sequences, n_evaluation)

    @classmethod
    def tcn(cls, length: int = 200, n_sequences: int = 64, n_evaluation: int = 256) -> ModernAdding:
        """Return the form of Bai et al. 2018 (there 200 and 600 steps)."""
        return cls(length, "tcn", n_sequences, n_evaluation)

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"adding ({SOURCES[self.source]}), T={self.length}"

    @property
    def n_steps(self) -> int:
        """The length."""
        return self.length

    @property
    def floor(self) -> float:
        """A little below 1/6: with luck the last step is marked, and then one of the two values is seen."""
        second = self.length - self.length // 2
        last_is_marked = 1 / second if self.source == "arjovsky" else 2 / self.length
        return 1 / 6 - last_is_marked / 12

    def inputs(self, key: PRNGKeyArray, rows: int) -> Float[Array, "batch time feature"]:
        """Return drawn values and markers."""
        what, for_first, for_second = random_bits(key, rows, self.length, 1, 1)
        first, second = self._marked(for_first, for_second)
        marked = (jnp.arange(self.length) == first) | (jnp.arange(self.length) == second)
        return jnp.stack([fractions(what), marked.astype(jnp.float32)], axis=2)

    def answers(self, inputs: Float[Array, "batch time feature"]) -> Float[Array, "batch time 1"]:
        """Return the sum of the marked values at the last step, and 0 before."""
        return at_last(jnp.sum(inputs[..., 0] * inputs[..., 1], axis=1), self.length)[..., None]

    def scored(self, inputs: Float[Array, "batch time feature"]) -> Bool[Array, "batch time"]:
        """Return the last step."""
        return only_last(inputs)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the sums, found from the inputs alone."""
        return self.answers(batch.inputs)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether each output is within 0.04 of its target."""
        return jnp.abs(outputs - batch.targets)[..., 0] < TOLERANCE

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the mean squared error of the answers."""
        return squared_error(outputs, batch)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether 99 % of the answers are right."""
        return accuracy(self.correct(outputs, batch), batch.mask) >= PASSING

    def _marked(
        self, for_first: UInt32[Array, "batch 1"], for_second: UInt32[Array, "batch 1"]
    ) -> tuple[Int[Array, "batch 1"], Int[Array, "batch 1"]]:
        if self.source == "tcn":
            first, other = symbols(for_first, self.length), symbols(for_second, self.length - 1)
            return first, other + (other >= first)
        half = self.length // 2
        return symbols(for_first, half), half + symbols(for_second, self.length - half)
