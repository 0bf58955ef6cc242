"""Experiment 2c of 1997: one symbol to be kept over a long and random number of distractors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.random_bits import fractions, random_bits, symbols
from memspan.problems.scoring import all_right, sigmoid_error

__all__ = ["VeryLongLag"]

GOES_ON = 0.9  # probability that another distractor follows
MOST_MORE = 132  # distractors beyond the first q; more come once in a million sequences, and are cut off
TOLERANCE = 0.2


@dataclass(frozen=True)
class VeryLongLag(AbstractChoice):
    """b, then x or y, q random distractors, then more with probability 9/10 each, then e, then x or y again.

    Only what follows e is asked, and the two outputs are x and y. The problem is solved when the absolute error
    of both is below 0.2 in every sequence that is judged.

    Example:
        Distractors are 0 and 1, then come e = 2, b = 3, x = 4 and y = 5.

        >>> import jax
        >>> drawn = VeryLongLag(q=4, p=2, n_sequences=1).batch(jax.random.key(2))
        >>> end = int(drawn.mask[0].argmax())
        >>> drawn.inputs[0, : end + 1].tolist(), int(drawn.targets[0, end])
        ([3, 4, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 1, 2], 0)

    Args:
        q: distractors that come in any case; 50 to 1000 in the paper.
        p: different distractors; 50 to 1000 in the paper.
        n_sequences: sequences of one presentation.
        n_evaluation: sequences that success is judged on.

    Raises:
        InvalidInput: an argument is out of range.
    """

    q: int = 50
    p: int = 50
    n_sequences: int = 64
    n_evaluation: int = 256

    reference = (
        "S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8):1735-1780, 1997, experiment 2c"
    )
    loss = "binary_cross_entropy"
    floor = 0.5

    def __post_init__(self) -> None:
        check_range("q", self.q, 1, 100_000)
        check_range("p", self.p, 1)
        self._check_sizes()

    @property
    def difficulty(self) -> dict[str, str]:
        """Which fields raise which members."""
        return {"q": "n_steps", "p": "n_inputs"}

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"very long lag (Hochreiter & Schmidhuber 1997, experiment 2c), q={self.q}, p={self.p}"

    @property
    def n_inputs(self) -> int:
        """The distractors, e, b, x and y."""
        return self.p + 4

    @property
    def n_outputs(self) -> int:
        """Two: x and y."""
        return 2

    @property
    def n_steps(self) -> int:
        """Steps of the longest sequence; its last symbol is a target only."""
        return self.q + MOST_MORE + 3

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences, padded with the first distractor."""
        cue, more, between = random_bits(key, rows, 1, 1, self.n_steps)
        waited = jnp.log1p(-fractions(more)) / math.log(GOES_ON)  # geometric, from an exponential waiting time
        ends = 2 + self.q + jnp.minimum(jnp.floor(waited), MOST_MORE).astype(jnp.int32)
        steps = jnp.arange(self.n_steps)
        filled = jnp.where(steps < ends, symbols(between, self.p), jnp.where(steps == ends, self.p, 0))
        opened = jnp.where(steps == 1, self.p + 2 + symbols(cue, 2), filled)
        return jnp.where(steps == 0, self.p + 1, opened)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return 0 for x and 1 for y, at every step."""
        return jnp.broadcast_to(jnp.asarray(inputs)[:, 1:2] - self.p - 2, inputs.shape)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return where e is read."""
        return jnp.asarray(inputs) == self.p

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether both outputs are off by less than 0.2 at every end."""
        return all_right(sigmoid_error(outputs, batch) < TOLERANCE, batch.mask)
