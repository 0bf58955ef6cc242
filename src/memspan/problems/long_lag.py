"""Experiments 2a and 2b of 1997: the conflict problem at long lags, with and without a middle to be learned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_choice, check_range
from memspan.problems.conflict import Conflict
from memspan.problems.scoring import all_right, sigmoid_error

__all__ = ["LongLag"]

MIDDLES = {"2a": "counting", "2b": "fresh"}
KINDS = {"2a": "local regularities", "2b": "no local regularities"}
TOLERANCE = 0.25


@dataclass(frozen=True)
class LongLag:
    """Two sequences x, a1, ..., x and y, a1, ..., y of p + 1 symbols; in 2b their middles are random symbols.

    It is the conflict problem with the paper's criterion: the absolute error of every output is below 0.25, at
    every step (2a) or at the end (2b, where only the end can be foreseen).

    Example:
        >>> LongLag(p=4).sequences()
        [['x', 'a1', 'a2', 'a3', 'x'], ['y', 'a1', 'a2', 'a3', 'y']]
        >>> LongLag("2b", p=100).demand
        100

    Args:
        experiment: "2a" or "2b".
        p: steps of a sequence, 3 or more; the paper has 4, 10 and 100.

    Raises:
        InvalidInput: the experiment is unknown or p out of range.
    """

    experiment: str = "2a"
    p: int = 100

    reference = (
        "S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8):1735-1780, 1997, "
        "experiments 2a and 2b"
    )
    loss = "binary_cross_entropy"
    score_name = "accuracy"
    n_sequences = 2

    def __post_init__(self) -> None:
        check_choice("experiment", self.experiment, MIDDLES)
        check_range("p", self.p, 3, 100_000)

    @property
    def conflict(self) -> Conflict:
        """The same sequences as a conflict problem."""
        alphabet = [*(f"a{i}" for i in range(1, self.p)), "x", "y"]
        return Conflict(self.p - 1, 2, alphabet, MIDDLES[self.experiment])

    @property
    def difficulty(self) -> dict[str, str]:
        """Which fields raise which members."""
        return {"p": "demand"}

    @property
    def variant(self) -> str:
        """The problem's full name."""
        kind = KINDS[self.experiment]
        return f"long lag, {kind} (Hochreiter & Schmidhuber 1997, experiment {self.experiment}), p={self.p}"

    @property
    def alphabet(self) -> tuple[object, ...]:
        """a1, a2, ..., x and y."""
        return self.conflict.alphabet

    @property
    def n_inputs(self) -> int:
        """Size of the alphabet."""
        return self.p + 1

    @property
    def n_outputs(self) -> int:
        """Size of the alphabet."""
        return self.p + 1

    @property
    def n_steps(self) -> int:
        """Steps of a sequence; its last symbol is a target only."""
        return self.p

    @property
    def is_fixed(self) -> bool:
        """True in 2a."""
        return self.conflict.is_fixed

    @property
    def chance(self) -> float:
        """Accuracy of guessing uniformly."""
        return self.conflict.chance

    @property
    def floor(self) -> float:
        """Best accuracy of any predictor that sees only the current symbol."""
        return self.conflict.floor

    @property
    def best(self) -> float:
        """Best accuracy of any predictor."""
        return self.conflict.best

    @property
    def demand(self) -> int:
        """Smallest window with which the best possible accuracy is reached."""
        return self.conflict.demand

    def with_lag(self, lag: int) -> LongLag:
        """Return the same experiment with `lag` steps between the first symbol and the step that needs it."""
        return replace(self, p=lag + 1)

    def ceiling(self, window: int) -> float:
        """Return the best accuracy of any predictor that sees only the last `window` symbols."""
        return self.conflict.ceiling(window)

    def sequences(self) -> list[list[object]]:
        """Return the two sequences of 2a."""
        return self.conflict.sequences()

    def batch(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return both sequences; in 2b the key decides their middles."""
        return self.conflict.batch(key)

    def evaluation(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return both sequences, in 2b 64 times with fresh middles."""
        return self.conflict.evaluation(key)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the logits of one who remembers the first symbol."""
        return self.conflict.oracle(batch)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the largest output is the right symbol."""
        return self.conflict.correct(outputs, batch)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the accuracy over all steps."""
        return self.conflict.score(outputs, batch)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether every output is off by less than 0.25: in 2a at every step, in 2b at the end."""
        judged = batch.mask & ((np.arange(self.p) == self.p - 1) | self.is_fixed)
        return all_right(sigmoid_error(outputs, batch) < TOLERANCE, judged)
