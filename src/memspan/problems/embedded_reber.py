"""Experiment 1 of 1997: predict the strings of an embedded Reber grammar, of which the second symbol comes back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import check_range
from memspan.problems.reber import END, LEGAL, NEXT, START, SYMBOLS, legal_after
from memspan.problems.scoring import SURE, accuracy, all_right

__all__ = ["EmbeddedReber"]

N_STRINGS = 256  # of each set
CHANCE = {1: 1 / 7, 2: 1 / 21}  # that a random order puts the one, or the two, that may follow first


@dataclass(frozen=True)
class EmbeddedReber:
    """Strings of the embedded Reber grammar: 256 to learn, and 256 others to be judged on with them.

    The next symbol is the target. A position is right when the symbols that may follow are the most active
    outputs: both of them where two may. The problem is solved when all positions of all 512 strings are right.

    Example:
        >>> problem = EmbeddedReber()
        >>> problem.strings()[:3]
        ['BPBPVPSEPE', 'BTBTSSXXVVETE', 'BPBPVVEPE']

    Args:
        pair: which pair of sets, 0, 1, 2, ...; the paper used three. The sets are drawn from it; no string of
            the second set is in the first.

    Raises:
        InvalidInput: the pair is negative.
    """

    pair: int = 0

    reference = (
        "S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8):1735-1780, 1997, experiment 1"
    )
    loss = "binary_cross_entropy"
    score_name = "share of positions with the right symbols first"
    is_fixed = True
    best = 1.0
    n_inputs = len(SYMBOLS)
    n_outputs = len(SYMBOLS)
    n_sequences = N_STRINGS

    def __post_init__(self) -> None:
        check_range("pair", self.pair, 0)

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"embedded Reber grammar (Hochreiter & Schmidhuber 1997, experiment 1), pair {self.pair}"

    @property
    def n_steps(self) -> int:
        """Steps of the longest string of both sets; its last symbol is a target only."""
        return max(len(string) for half in _sets(self.pair) for string in half) - 1

    @property
    def chance(self) -> float:
        """Score of a random order of the outputs."""
        counts = Counter[int]()
        for (_, legal), often in _contexts(self.pair).items():
            counts[len(legal)] += often
        return sum(CHANCE[size] * often for size, often in counts.items()) / counts.total()

    @property
    def floor(self) -> float:
        """Best score of any order of the outputs that depends on the current symbol only."""
        contexts = _contexts(self.pair)
        return sum(_best_order(contexts, symbol) for symbol in SYMBOLS) / contexts.total()

    def strings(self, of: str = "training") -> list[str]:
        """Return the strings of the "training" or the "test" set."""
        return list(_sets(self.pair)[0] if of == "training" else _sets(self.pair)[1])

    def batch(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return the training strings; the key is not read."""
        return _padded(self.strings("training"), self.n_steps)

    def evaluation(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return the training strings and below them the test strings; the key is not read."""
        return _padded(self.strings("training") + self.strings("test"), self.n_steps)

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return logits that are sure of the symbols that may follow."""
        return jnp.where(legal_after(jnp.asarray(batch.inputs)), SURE, -SURE)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the symbols that may follow are the most active outputs."""
        legal = legal_after(jnp.asarray(batch.inputs))
        least = jnp.min(jnp.where(legal, outputs, jnp.inf), axis=-1)
        return least > jnp.max(jnp.where(legal, -jnp.inf, outputs), axis=-1)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the share of the scored positions that are right."""
        return accuracy(self.correct(outputs, batch), batch.mask)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether every position of every string is right."""
        return all_right(self.correct(outputs, batch), batch.mask)


class _Sets(NamedTuple):
    training: tuple[str, ...]
    test: tuple[str, ...]


@lru_cache(maxsize=8)
def _sets(pair: int) -> _Sets:
    rng = np.random.default_rng(pair)
    training = tuple(_string(rng) for _ in range(N_STRINGS))
    test: list[str] = []
    while len(test) < N_STRINGS:
        string = _string(rng)
        test += [] if string in training else [string]
    return _Sets(training, tuple(test))


def _string(rng: np.random.Generator) -> str:
    node, string = START, ""
    while node != END:
        symbol = rng.choice(np.flatnonzero(LEGAL[node]))
        node, string = NEXT[node, symbol], string + SYMBOLS[symbol]
    return string


@lru_cache(maxsize=8)
def _contexts(pair: int) -> Counter[tuple[str, tuple[str, ...]]]:
    """Count, over both sets, after which symbol which symbols may follow."""
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for string in (*_sets(pair).training, *_sets(pair).test):
        node = START
        for symbol in string[:-1]:
            node = NEXT[node, SYMBOLS.index(symbol)]
            counts[symbol, tuple(s for s, may in zip(SYMBOLS, LEGAL[node], strict=True) if may)] += 1
    return counts


def _best_order(contexts: Counter[tuple[str, tuple[str, ...]]], symbol: str) -> int:
    """Return how often the best order after one symbol is right: one symbol first, another second."""
    pairs = [(a, b) for a in SYMBOLS for b in SYMBOLS if a != b]
    return max(contexts[symbol, (a,)] + contexts[symbol, tuple(sorted((a, b), key=SYMBOLS.index))] for a, b in pairs)


def _padded(strings: list[str], n_steps: int) -> Batch:
    rows = np.zeros((len(strings), n_steps + 1), np.int32)
    for row, string in zip(rows, strings, strict=True):
        row[: len(string)] = [SYMBOLS.index(symbol) for symbol in string]
    lengths = np.array([[len(string)] for string in strings])
    return Batch(jnp.asarray(rows[:, :-1]), jnp.asarray(rows[:, 1:]), jnp.arange(n_steps) < lengths - 1)
