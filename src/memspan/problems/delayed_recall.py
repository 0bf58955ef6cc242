"""Delayed recall: symbols are shown, time passes, and they are asked back in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.random_bits import random_bits, symbols

__all__ = ["DelayedRecall"]


@dataclass(frozen=True)
class DelayedRecall(AbstractChoice):
    """Items, a delay, then as many queries as there were items: at each the next item is to be said.

    The lag is the same for all items. Symbols 0 to `n_symbols` - 1 are items, the next `n_fillers` fill the
    delay, the last is the query; answers are items. Solved: 99 % of the queries right.

    Example:
        One drawn sequence: items 1 and 0, filler 4, query 5.

        >>> import jax
        >>> batch = DelayedRecall(lag=4, n_items=2, n_sequences=1).batch(jax.random.key(0))
        >>> batch.inputs[0].tolist()
        [1, 0, 4, 4, 5, 5]
        >>> batch.targets[0, batch.mask[0]].tolist()
        [1, 0]

    Args:
        lag: steps between an item and its query, `n_items` or more; the delay is what is more.
        n_items: items to remember.
        n_symbols: different items, 2 or more.
        n_fillers: symbols that the delay is drawn from, uniformly: 1 is a silent delay, more is noise.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "defined here; the family to which the 5-bit and 20-bit memory tasks belong: J. Martens, I. Sutskever, "
        "Learning Recurrent Neural Networks with Hessian-Free Optimization, ICML 2011"
    )
    difficulty: ClassVar[dict[str, str]] = {
        "lag": "n_steps",
        "n_items": "n_steps",
        "n_symbols": "n_outputs",
        "n_fillers": "n_inputs",
    }

    lag: int = 10
    n_items: int = 1
    n_symbols: int = 4
    n_fillers: int = 1
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("n_items", self.n_items, 1)
        check_range("lag", self.lag, self.n_items)
        check_range("n_symbols", self.n_symbols, 2)
        check_range("n_fillers", self.n_fillers, 1)
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return f"delayed recall (memspan), {self.n_items} of {self.n_symbols} symbols, lag {self.lag}"

    @property
    def n_inputs(self) -> int:
        """Items, fillers and the query."""
        return self.n_symbols + self.n_fillers + 1

    @property
    def n_outputs(self) -> int:
        """The items."""
        return self.n_symbols

    @property
    def n_steps(self) -> int:
        """The first query comes `lag` steps after the first item, and there are as many queries as items."""
        return self.lag + self.n_items

    @property
    def floor(self) -> float:
        """A query looks the same whatever was shown: one item in `n_symbols` is guessed."""
        return 1 / self.n_symbols

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        shown, passing = random_bits(key, rows, self.n_items, self.lag - self.n_items)
        items = symbols(shown, self.n_symbols)
        fillers = self.n_symbols + symbols(passing, self.n_fillers)
        return jnp.concatenate([items, fillers, jnp.full_like(items, self.n_inputs - 1)], axis=1)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the items at the queries, and 0 before."""
        return jnp.pad(inputs[:, : self.n_items], ((0, 0), (self.lag, 0)))

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return where the queries are."""
        return inputs == self.n_inputs - 1
