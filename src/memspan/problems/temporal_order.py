"""Experiment 6 of 1997: in which order did two, or three, widely spaced symbols come?"""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_choice, check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.random_bits import random_bits, symbols
from memspan.problems.scoring import sigmoid_error

__all__ = ["SYMBOLS", "TemporalOrder"]

SYMBOLS = tuple("EBabcdXY")
FILLER, CUE = 2, 6  # where a, b, c, d and X, Y begin
END = 1  # B
# Where the cues stand, in hundredths of the shortest length: first and last place of each.
PLACES = {"6a": ((10, 20), (50, 60)), "6b": ((10, 20), (33, 43), (66, 76))}
TOLERANCE, MEAN_ERROR = 0.3, 0.1


@dataclass(frozen=True)
class TemporalOrder(AbstractChoice):
    """E, random symbols a, b, c, d with X or Y at two (6a) or three (6b) places, B; then the order is asked.

    6a answers Q, R, S, U for XX, XY, YX, YY, and 6b one of eight for XXX, XXY, ..., YYY, in this order. The
    problem is solved when every output is off by less than 0.3 in every sequence that is judged, and the mean
    of the largest errors is below 0.1.

    Example:
        >>> import jax
        >>> drawn = TemporalOrder(length=20, n_sequences=1).batch(jax.random.key(0))
        >>> end = int(drawn.mask[0].argmax())
        >>> "".join(SYMBOLS[i] for i in drawn.inputs[0, : end + 1].tolist()), "QRSU"[drawn.targets[0, end]]
        ('EXccadbdbYcbbbbacdadB', 'R')

    Args:
        experiment: "6a" or "6b".
        length: shortest length, 20 or more; lengths are uniform from here to a tenth more. 100 in the paper,
            where the places of X and Y are 10-20 and 50-60, or 10-20, 33-43 and 66-76; they scale with it.
        n_sequences: sequences of one presentation.
        n_evaluation: sequences that success is judged on.

    Raises:
        InvalidInput: an argument is out of range.
    """

    experiment: str = "6a"
    length: int = 100
    n_sequences: int = 64
    n_evaluation: int = 256

    reference = (
        "S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8):1735-1780, 1997, experiment 6"
    )
    loss = "binary_cross_entropy"
    n_inputs = len(SYMBOLS)

    def __post_init__(self) -> None:
        check_choice("experiment", self.experiment, PLACES)
        check_range("length", self.length, 20)
        self._check_sizes()

    @property
    def difficulty(self) -> dict[str, str]:
        """Which fields raise which members."""
        return {"length": "n_steps"}

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"temporal order (Hochreiter & Schmidhuber 1997, experiment {self.experiment}), length {self.length}"

    @property
    def n_outputs(self) -> int:
        """Orders there are: 4 or 8."""
        return 2 ** len(PLACES[self.experiment])

    @property
    def n_steps(self) -> int:
        """Steps of the longest sequence."""
        return self.length + self.length // 10

    @property
    def floor(self) -> float:
        """Accuracy of a guess: B says nothing about the order."""
        return 1 / self.n_outputs

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences, padded with E."""
        # The paper counts from one, so its place t is step t - 1; both ends are places.
        first, last = jnp.array(PLACES[self.experiment]).T * self.length // 100
        length, where, which, between = random_bits(key, rows, 1, len(first), len(first), self.n_steps)
        ends = self.length - 1 + symbols(length, self.n_steps - self.length + 1)
        places = first - 1 + (where % (last - first + 1).astype(where.dtype)).astype(jnp.int32)
        steps = jnp.arange(self.n_steps)
        drawn = FILLER + symbols(between, CUE - FILLER)
        for place, cue in zip(places.T, CUE + symbols(which, 2).T, strict=True):
            drawn = jnp.where(steps == place[:, None], cue[:, None], drawn)
        drawn = jnp.where(steps == ends, END, drawn)
        return jnp.where((steps == 0) | (steps > ends), 0, drawn)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the number of the order of the cues read so far, X as 0 and Y as 1, the first the highest."""
        is_cue, is_y = jnp.asarray(inputs) >= CUE, jnp.asarray(inputs) > CUE
        later = is_cue.sum(axis=1, keepdims=True) - jnp.cumsum(is_cue, axis=1)
        order = jnp.sum(jnp.where(is_y, 2**later, 0), axis=1, keepdims=True)
        return jnp.broadcast_to(order % self.n_outputs, inputs.shape).astype(jnp.int32)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return where B is read."""
        return jnp.asarray(inputs) == END

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether all outputs are within 0.3 at every end, and the mean largest error is below 0.1."""
        errors = jnp.where(batch.mask, sigmoid_error(outputs, batch), 0.0)
        return (jnp.max(errors) < TOLERANCE) & (jnp.sum(errors) < MEAN_ERROR * jnp.sum(batch.mask))
