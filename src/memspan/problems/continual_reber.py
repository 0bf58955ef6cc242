"""Gers' continual embedded Reber grammar: a stream of strings with nothing that says where to forget."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractDrawn
from memspan.problems.random_bits import symbols
from memspan.problems.reber import END, LEGAL, NEXT, START, SYMBOLS, legal_after
from memspan.problems.scoring import SURE, accuracy, all_right, sigmoid_error

__all__ = ["ContinualReber"]

TOLERANCE = 0.49


@dataclass(frozen=True)
class ContinualReber(AbstractDrawn):
    """Streams of embedded Reber strings; at every step the target is all symbols that may follow, one or two.

    A position is right when each of the seven outputs is on its side of one half. In the paper a stream ends
    with the first error; here it has a fixed length, `steps_until_error` gives the paper's measure, and the
    problem is solved when all outputs of all streams that are judged lie within 0.49 of their targets.

    Example:
        >>> drawn = ContinualReber(n_steps=30, n_sequences=1).batch(jax.random.key(0))
        >>> "".join(SYMBOLS[symbol] for symbol in drawn.inputs[0].tolist())
        'BTBTXSETEBPBPVVEPEBPBTXSEPEBTB'

    Args:
        n_steps: symbols of a stream; up to 100,000 in the paper.
        n_sequences: streams of one presentation.
        n_evaluation: streams that success is judged on.

    Raises:
        InvalidInput: an argument is out of range.
    """

    n_steps: int = 1000
    n_sequences: int = 4
    n_evaluation: int = 10

    reference = (
        "F. A. Gers, J. Schmidhuber, F. Cummins, Learning to Forget: Continual Prediction with LSTM, report "
        "IDSIA-01-99, 1999"
    )
    loss = "binary_cross_entropy"
    score_name = "share of positions with all seven outputs right"
    best = 1.0
    chance = 1 / 128
    n_inputs = len(SYMBOLS)
    n_outputs = len(SYMBOLS)

    def __post_init__(self) -> None:
        check_range("n_steps", self.n_steps, 1)
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"continual embedded Reber grammar (Gers 1999), {self.n_steps} steps"

    @property
    def floor(self) -> float:
        """Best expected score of any table from the current symbol to the set of those that may follow."""
        return _floor(self.n_steps)

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn streams: a scan over their steps, all rows at once."""
        tables = jnp.asarray(_choices())
        coins = symbols(jax.random.bits(key, (self.n_steps, rows)), 2)

        def step(node: Int[Array, " batch"], coin: Int[Array, " batch"]) -> tuple[Array, Array]:
            symbol = tables[0][node, coin]
            return tables[1][node, coin], symbol

        return jax.lax.scan(step, jnp.full(rows, START, jnp.int32), coins)[1].T

    def answers(self, inputs: Int[Array, "batch time"]) -> Float[Array, "batch time output"]:
        """Return one for each symbol that may follow, zero for the others."""
        return legal_after(jnp.asarray(inputs), after_end=START).astype(jnp.float32)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return that every step is scored."""
        return jnp.ones(inputs.shape, bool)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return logits that are sure of the symbols that may follow."""
        return SURE * (2 * self.answers(batch.inputs) - 1)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether each output is on its target's side of one half."""
        return jnp.all((outputs > 0) == (jnp.asarray(batch.targets) > 0.5), axis=-1)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the share of the positions that are right."""
        return accuracy(self.correct(outputs, batch), batch.mask)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether every output at every position lies within 0.49 of its target."""
        return all_right(sigmoid_error(outputs, batch) < TOLERANCE, batch.mask)

    def steps_until_error(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the mean number of symbols before the first error of a stream: the paper's score."""
        within = sigmoid_error(outputs, batch) < TOLERANCE
        return jnp.mean(jnp.sum(jnp.cumprod(within, axis=1), axis=1))


def _choices() -> Int[np.ndarray, "2 node coin"]:
    """Return symbol and next node for both sides of a coin; without a choice they agree, and ends are starts."""
    symbols = np.zeros((len(NEXT), 2), np.int32)
    for node in range(len(NEXT)):
        may = np.flatnonzero(LEGAL[node])
        symbols[node] = may[[0, -1]] if len(may) else 0
    nodes = np.maximum(np.take_along_axis(NEXT, symbols, axis=1), START)
    return np.stack([symbols, np.where(nodes == END, START, nodes)])


@lru_cache(maxsize=16)
def _floor(n_steps: int) -> float:
    """Sum, over the symbols, how often the set that follows it most often does so, from the visits of nodes."""
    symbols, nodes = _choices()
    share = np.eye(len(NEXT))[START]
    often: dict[tuple[int, int], float] = defaultdict(float)
    visits = np.zeros(len(NEXT))
    for _ in range(n_steps):
        visits += share
        share = np.bincount(nodes.ravel(), np.repeat(share / 2, 2), minlength=len(NEXT))
    for symbol, node, weight in zip(symbols.ravel(), nodes.ravel(), np.repeat(visits / 2, 2), strict=True):
        often[int(symbol), int(LEGAL[node] @ (1 << np.arange(len(SYMBOLS))))] += weight
    best = [max(w for (s, _), w in often.items() if s == symbol) for symbol in range(len(SYMBOLS))]
    return float(sum(best) / n_steps)
