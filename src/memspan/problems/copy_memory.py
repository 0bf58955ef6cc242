"""Copy memory: ten symbols come back after a long silence, and silence is to be answered with silence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_choice, check_range
from memspan.problems.drawn import AbstractDrawn
from memspan.problems.random_bits import random_bits, symbols
from memspan.problems.scoring import choice_is_right, one_hot_logits

__all__ = ["CopyMemory"]

SOURCES = {"arjovsky": "Arjovsky 2016", "tcn": "Bai 2018, TCN"}


@dataclass(frozen=True)
class CopyMemory(AbstractDrawn):
    """Items, a wait of T steps, and the items again, at the very end; before them every step answers blank.

    0 is the blank, 1 to `n_symbols` are the items, the last symbol is the marker. All T + 20 steps are scored,
    and the score is the mean cross-entropy in nats: smaller is better. No source says what solved means; here
    it is a cross-entropy of at most a tenth of the floor.

    Example:
        One drawn sequence with two items; the marker is 9.

        >>> batch = CopyMemory.arjovsky(3, n_items=2, n_sequences=1).batch(jax.random.key(0))
        >>> batch.inputs[0].tolist()
        [2, 5, 0, 0, 9, 0, 0]
        >>> batch.targets[0].tolist()
        [0, 0, 0, 0, 0, 2, 5]
        >>> CopyMemory.tcn(3, n_items=2, n_sequences=1).batch(jax.random.key(0)).inputs[0].tolist()
        [2, 5, 0, 0, 9, 9, 9]

    Args:
        lag: T, so that an item and its answer are T + `n_items` steps apart.
        source: "arjovsky" shows the marker once, then blanks; "tcn" shows it until the end, and has an output
            for it too, though it is never right.
        n_items: items to remember; 10 in both sources.
        n_symbols: different items; 8 in both sources.
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
    loss: ClassVar[str] = "cross_entropy"
    score_name: ClassVar[str] = "mean cross-entropy"
    best: ClassVar[float] = 0.0
    difficulty: ClassVar[dict[str, str]] = {"lag": "n_steps", "n_items": "n_steps", "n_symbols": "n_outputs"}

    lag: int = 100
    source: str = "arjovsky"
    n_items: int = 10
    n_symbols: int = 8
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("lag", self.lag, 1)
        check_choice("source", self.source, SOURCES)
        check_range("n_items", self.n_items, 1)
        check_range("n_symbols", self.n_symbols, 2)
        self._check_sizes()

    @classmethod
    def arjovsky(cls, lag: int = 100, n_items: int = 10, n_sequences: int = 64, n_evaluation: int = 256) -> CopyMemory:
        """Return the form of Arjovsky et al. 2016 (there T = 100, 200, 300 and 500)."""
        return cls(lag, "arjovsky", n_items, n_sequences=n_sequences, n_evaluation=n_evaluation)

    @classmethod
    def tcn(cls, lag: int = 1000, n_items: int = 10, n_sequences: int = 64, n_evaluation: int = 256) -> CopyMemory:
        """Return the form of Bai et al. 2018 (there T = 500, 1000 and 2000)."""
        return cls(lag, "tcn", n_items, n_sequences=n_sequences, n_evaluation=n_evaluation)

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"copy memory ({SOURCES[self.source]}), T={self.lag}"

    @property
    def n_inputs(self) -> int:
        """Blank, items and marker."""
        return self.n_symbols + 2

    @property
    def n_outputs(self) -> int:
        """Blank and items; in the TCN form the marker as well."""
        return self.n_symbols + (2 if self.source == "tcn" else 1)

    @property
    def n_steps(self) -> int:
        """T + 20 with ten items."""
        return self.lag + 2 * self.n_items

    @property
    def chance(self) -> float:
        """Cross-entropy of equal logits."""
        return math.log(self.n_outputs)

    @property
    def floor(self) -> float:
        """Cross-entropy of a predictor that has a clock and no memory: 10 ln 8 / (T + 20) with ten of eight items.

        It says blank until the answers begin and then any item, equally. The clock is the sources' concession:
        with the current symbol alone the answers could not be told from the wait, and the loss would be higher.
        """
        return self.n_items * math.log(self.n_symbols) / self.n_steps

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        (bits,) = random_bits(key, rows, self.n_items)
        items = 1 + symbols(bits, self.n_symbols)
        after = jnp.arange(self.n_items, self.n_steps)
        start = self.n_items + self.lag - 1
        marked = after >= start if self.source == "tcn" else after == start
        rest = jnp.where(marked, self.n_inputs - 1, 0)
        return jnp.concatenate([items, jnp.broadcast_to(rest, (rows, len(rest)))], axis=1)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return blanks, then the items."""
        return jnp.pad(inputs[:, : self.n_items], ((0, 0), (self.lag + self.n_items, 0)))

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return that every step is scored."""
        return jnp.ones(inputs.shape, bool)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return logits that are sure of the answers, found from the inputs alone."""
        return one_hot_logits(self.answers(batch.inputs), self.n_outputs)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the largest output is the right symbol, at each position."""
        return choice_is_right(outputs, batch)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the mean cross-entropy over all positions, in nats."""
        logs = jnp.take_along_axis(jax.nn.log_softmax(outputs), batch.targets[..., None], axis=-1)
        return -jnp.sum(logs[..., 0] * batch.mask) / jnp.sum(batch.mask)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether the cross-entropy is at most a tenth of the floor."""
        return self.score(outputs, batch) <= self.floor / 10
