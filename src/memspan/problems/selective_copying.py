"""Selective copying: items lie scattered in noise, at places that differ, and are asked back in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray

from memspan.core.errors import check_choice, check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.random_bits import distinct, random_bits, symbols

__all__ = ["SelectiveCopying"]

SOURCES = {"s4": "S4 repository, variable", "mamba": "Gu and Dao 2023, Mamba"}
LONGEST = 1 << 24  # places are compared as 32-bit floats


@dataclass(frozen=True)
class SelectiveCopying(AbstractChoice):
    """Items at random places among noise, then one marker an item: at each the next item is to be said.

    0 is noise, 1 to `n_symbols` - 2 are items, `n_symbols` - 1 is the marker. Solved: 99 % of the markers right
    (the sources name no threshold). Mamba's own generator was never published. Its text gives 4096 steps, 16
    symbols with the noise, 16 items; here its places and symbols are those of the S4 repository, by the same
    authors: the items lie in the first 4096 steps, and the marker is one of the 16 symbols.

    Example:
        One drawn sequence with three items; the marker is 9.

        >>> batch = SelectiveCopying.s4(n_noise=5, n_items=3, n_sequences=1).batch(jax.random.key(2))
        >>> batch.inputs[0].tolist()
        [0, 0, 7, 0, 0, 5, 0, 4, 9, 9, 9]
        >>> batch.targets[0, batch.mask[0]].tolist()
        [7, 5, 4]

    Args:
        n_noise: steps of noise among the items, 1 or more.
        n_items: items to remember.
        n_symbols: symbols with noise and marker, 4 or more.
        source: "s4" or "mamba"; it names the variant, the rule is the same.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "A. Gu, T. Dao, Mamba: Linear-Time Sequence Modeling with Selective State Spaces, arXiv:2312.00752, 2023; "
        "A. Gu, K. Goel, C. Re, Efficiently Modeling Long Sequences with Structured State Spaces, ICLR 2022, "
        "repository state-spaces/s4, copying data set with variable=True"
    )
    difficulty: ClassVar[dict[str, str]] = {"n_noise": "n_steps", "n_items": "n_steps", "n_symbols": "n_outputs"}

    n_noise: int = 100
    n_items: int = 10
    n_symbols: int = 10
    source: str = "s4"
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("n_noise", self.n_noise, 1, LONGEST)
        check_range("n_items", self.n_items, 1)
        check_range("n_symbols", self.n_symbols, 4)
        check_choice("source", self.source, SOURCES)
        self._check_sizes()

    @classmethod
    def s4(
        cls,
        n_noise: int = 100,
        n_items: int = 10,
        n_symbols: int = 10,
        n_sequences: int = 64,
        n_evaluation: int = 256,
    ) -> SelectiveCopying:
        """Return the form of the S4 repository: L = 100, M = 10, A = 10."""
        return cls(n_noise, n_items, n_symbols, "s4", n_sequences, n_evaluation)

    @classmethod
    def mamba(
        cls, length: int = 4096, n_items: int = 16, n_sequences: int = 64, n_evaluation: int = 64
    ) -> SelectiveCopying:
        """Return the form of Gu and Dao 2023: 16 symbols, 16 items in 4096 steps, then the markers."""
        check_range("length", length, n_items + 1)
        return cls(length - n_items, n_items, 16, "mamba", n_sequences, n_evaluation)

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        sizes = f"{self.n_items} items in {self.n_noise + self.n_items} steps"
        return f"selective copying ({SOURCES[self.source]}), {sizes}"

    @property
    def n_inputs(self) -> int:
        """Noise, items and marker."""
        return self.n_symbols

    @property
    def n_outputs(self) -> int:
        """As many as inputs, as in the sources; noise and marker are never right."""
        return self.n_symbols

    @property
    def n_steps(self) -> int:
        """Noise and items, then one marker an item."""
        return self.n_noise + 2 * self.n_items

    @property
    def floor(self) -> float:
        """A marker looks the same whatever was shown: one of the items is guessed."""
        return 1 / (self.n_symbols - 2)

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        where, what = random_bits(key, rows, self.n_noise + self.n_items, self.n_items)
        places = distinct(where, self.n_items)
        items = 1 + symbols(what, self.n_symbols - 2)
        noise = jnp.zeros(where.shape, jnp.int32)
        shown = noise.at[jnp.arange(rows)[:, None], places].set(items, unique_indices=True)
        return jnp.concatenate([shown, jnp.full_like(items, self.n_symbols - 1)], axis=1)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the items in the order in which they came, at the markers, and 0 before."""
        length = self.n_noise + self.n_items
        earliness = jnp.where(inputs[:, :length] > 0, length - jnp.arange(length), 0)
        places = jax.lax.top_k(earliness.astype(jnp.float32), self.n_items)[1]
        return jnp.pad(jnp.take_along_axis(inputs, places, axis=1), ((0, 0), (length, 0)))

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return where the markers are."""
        return inputs == self.n_symbols - 1
