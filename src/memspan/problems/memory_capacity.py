"""Linear memory capacity: how many of the last inputs can be said, each by an output of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractDrawn
from memspan.problems.random_bits import fractions, random_bits

__all__ = ["MemoryCapacity"]

TOLERANCE = 0.04
PASSING = 0.99


@dataclass(frozen=True)
class MemoryCapacity(AbstractDrawn):
    """Independent inputs, uniform from -0.5 to 0.5; output k is to say the input of k steps ago, k = 1 to `n_lags`.

    The score is Jaeger's memory capacity, the sum over the lags of the squared correlation between output and
    delayed input, with its noise floor taken away. Over n scored positions outputs that know nothing of the
    input have r^2 = 1/(n - 1) on average, exactly, for any outputs, since the inputs are exchangeable; summed
    over many lags that looks like memory. Each lag counts (r^2 - 1/(n - 1)) / (1 - 1/(n - 1)): 0 on average
    without memory, 1 with perfect memory. It may fall below 0 by chance. Jaeger's sum runs over all lags; here
    it stops at `n_lags`. Solved, by our choice: 99 % of the lags.

    Example:
        One drawn sequence: inputs, then the targets of the last step, the inputs of 1, 2 and 3 steps before.

        >>> import jax
        >>> batch = MemoryCapacity(n_lags=3, length=6, n_sequences=1).batch(jax.random.key(0))
        >>> [round(value, 2) for value in batch.inputs[0, :, 0].tolist()]
        [0.34, -0.32, -0.27, -0.38, -0.31, 0.22]
        >>> [round(value, 2) for value in batch.targets[0, -1].tolist()]
        [-0.31, -0.38, -0.27]

    Args:
        n_lags: longest lag, and number of outputs.
        length: steps of a sequence, at least three more than `n_lags`; the first `n_lags` are not scored.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "H. Jaeger, Short Term Memory in Echo State Networks, GMD Report 152, 2001/2002; the floor: "
        "expected r^2 of independent samples, 1/(n - 1)"
    )
    loss: ClassVar[str] = "squared_error"
    score_name: ClassVar[str] = "memory capacity"
    n_inputs: ClassVar[int] = 1
    chance: ClassVar[float] = 0.0
    floor: ClassVar[float] = 0.0  # the current input is independent of all before it
    difficulty: ClassVar[dict[str, str]] = {"n_lags": "n_outputs", "length": "n_steps"}

    n_lags: int = 30
    length: int = 200
    n_sequences: int = 64
    n_evaluation: int = 64

    def __post_init__(self) -> None:
        check_range("n_lags", self.n_lags, 1)
        check_range("length", self.length, self.n_lags + 3)
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"linear memory capacity (Jaeger 2002, floor subtracted), lags 1 to {self.n_lags}"

    @property
    def n_outputs(self) -> int:
        """The lags."""
        return self.n_lags

    @property
    def n_steps(self) -> int:
        """The length."""
        return self.length

    @property
    def best(self) -> float:
        """All lags."""
        return float(self.n_lags)

    def inputs(self, key: PRNGKeyArray, rows: int) -> Float[Array, "batch time 1"]:
        """Return drawn inputs."""
        (bits,) = random_bits(key, rows, self.length)
        return fractions(bits)[..., None] - 0.5

    def answers(self, inputs: Float[Array, "batch time 1"]) -> Float[Array, "batch time lag"]:
        """Return the inputs of 1 to `n_lags` steps ago; 0 where there was none."""
        padded = jnp.pad(inputs[..., 0], ((0, 0), (self.n_lags, 0)))
        source = self.n_lags + jnp.arange(self.length)[:, None] - jnp.arange(1, self.n_lags + 1)
        return padded[:, source]

    def scored(self, inputs: Float[Array, "batch time 1"]) -> Bool[Array, "batch time"]:
        """Return the steps that have as many before them as the longest lag."""
        return jnp.broadcast_to(jnp.arange(self.length) >= self.n_lags, inputs.shape[:2])

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the delayed inputs, found from the inputs alone."""
        return self.answers(batch.inputs)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether all outputs are within 0.04 of their targets."""
        return jnp.all(jnp.abs(outputs - batch.targets) < TOLERANCE, axis=-1)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the memory capacity over all scored positions, its noise floor taken away."""
        by_chance = 1 / (jnp.sum(batch.mask) - 1)
        squared = squared_correlations(outputs, batch.targets, batch.mask)
        return jnp.sum((squared - by_chance) / (1 - by_chance))

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether the capacity is at least 99 % of the lags."""
        return self.score(outputs, batch) >= PASSING * self.n_lags


def squared_correlations(
    outputs: Float[Array, "batch time output"],
    targets: Float[Array, "batch time output"],
    mask: Bool[Array, "batch time"],
) -> Float[Array, " output"]:
    """Return r^2 of each output with its target over the positions that count; 0 for an output that is constant.

    Example:
        >>> outputs = jnp.array([[[1.0], [2.0], [3.0]]])
        >>> squared_correlations(outputs, -outputs, jnp.ones((1, 3), bool)).tolist()
        [1.0]
    """
    weight = mask[..., None] / jnp.sum(mask)
    left = outputs - jnp.sum(outputs * weight, axis=(0, 1))
    right = targets - jnp.sum(targets * weight, axis=(0, 1))
    product = jnp.sum(left * right * weight, axis=(0, 1))
    spread = jnp.sum(left**2 * weight, axis=(0, 1)) * jnp.sum(right**2 * weight, axis=(0, 1))
    return jnp.where(spread > 0, product**2 / jnp.where(spread > 0, spread, 1.0), 0.0)
