"""Gers' continual noisy temporal order: a stream of experiment 6b's sequences, never reset."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.scoring import all_right, sigmoid_error
from memspan.problems.temporal_order import CUE, END, TOLERANCE, TemporalOrder

__all__ = ["ContinualTemporalOrder"]


@dataclass(frozen=True)
class ContinualTemporalOrder(AbstractChoice):
    """Sequences of temporal order 6b in a row; after each B the order of its three cues is asked.

    In the paper a stream ends with the first error or after 100 sequences; here it has a fixed number of them,
    `sequences_until_error` gives the paper's measure, and the problem is solved when all outputs of all
    streams that are judged are off by less than 0.3.

    Example:
        >>> drawn = ContinualTemporalOrder(n_parts=3, length=20, n_sequences=1).batch(jax.random.key(0))
        >>> int(drawn.mask.sum()), drawn.targets[0, drawn.mask[0]].tolist()
        (3, [4, 7, 4])

    Args:
        n_parts: sequences of one stream; up to 100 in the paper.
        length: as in `TemporalOrder`.
        n_sequences: streams of one presentation.
        n_evaluation: streams that success is judged on.

    Raises:
        InvalidInput: an argument is out of range.
    """

    n_parts: int = 10
    length: int = 100
    n_sequences: int = 8
    n_evaluation: int = 10

    reference = (
        "F. A. Gers, J. Schmidhuber, F. Cummins, Learning to Forget: Continual Prediction with LSTM, report "
        "IDSIA-01-99, 1999"
    )
    loss = "binary_cross_entropy"
    n_inputs = 8
    floor = 1 / 8

    def __post_init__(self) -> None:
        check_range("n_parts", self.n_parts, 1)
        check_range("length", self.length, 20)
        self._check_sizes()

    @property
    def difficulty(self) -> dict[str, str]:
        """Which fields raise which members."""
        return {"n_parts": "n_steps", "length": "n_steps"}

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"continual noisy temporal order (Gers 1999), {self.n_parts} sequences of length {self.length}"

    @property
    def n_outputs(self) -> int:
        """The eight orders."""
        return 8

    @property
    def n_steps(self) -> int:
        """Steps of the longest stream."""
        return self.n_parts * self._part.n_steps

    @property
    def _part(self) -> TemporalOrder:
        return TemporalOrder("6b", self.length)

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn streams, padded with E."""
        parts = self._part.inputs(key, rows * self.n_parts)
        return jax.vmap(self._joined)(parts.reshape(rows, self.n_parts, -1))

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the number of the last three cues, X as 0 and Y as 1, the first the highest."""
        symbols = jnp.asarray(inputs)

        def step(order: Int[Array, " batch"], symbol: Int[Array, " batch"]) -> tuple[Array, Array]:
            order = jnp.where(symbol >= CUE, (2 * order + (symbol > CUE)) % 8, order)
            return order, order

        begin = jnp.zeros(len(symbols), jnp.int32)
        return jax.lax.scan(step, begin, symbols.T)[1].T

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return where B is read."""
        return jnp.asarray(inputs) == END

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether all outputs are off by less than 0.3 at the end of every sequence."""
        return all_right(sigmoid_error(outputs, batch) < TOLERANCE, batch.mask)

    def sequences_until_error(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the mean number of sequences before the first error of a stream: the paper's score."""
        within = (sigmoid_error(outputs, batch) < TOLERANCE) | ~batch.mask
        return jnp.mean(jnp.sum(jnp.cumprod(within, axis=1) * batch.mask, axis=1))

    def _joined(self, parts: Int[Array, "sequence part"]) -> Int[Array, " time"]:
        """Put the parts of one stream end to end: each step looks up which part it is in, and how far."""
        lengths = jnp.argmax(parts == END, axis=1) + 1
        stops = jnp.cumsum(lengths)
        steps = jnp.arange(self.n_steps)
        part = jnp.minimum(jnp.searchsorted(stops, steps, side="right"), self.n_parts - 1)
        symbols = parts[part, (steps - (stops - lengths)[part]) % parts.shape[1]]
        return jnp.where(steps < stops[-1], symbols, 0)
