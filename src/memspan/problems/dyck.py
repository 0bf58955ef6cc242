"""Dyck-n up to a depth: brackets of n types, and which type must close next."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.errors import InvalidInput, check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.random_bits import fractions, random_bits, symbols

__all__ = ["Dyck"]

DEEPEST = 64  # beyond, the number of ways to close would leave the range of 32-bit floats


@dataclass(frozen=True)
class Dyck(AbstractChoice):
    """Balanced brackets, never deeper than `depth`; before every bracket that closes, its type is asked.

    Symbols 0 to n - 1 open, n to 2n - 1 close. The shape is uniform among all balanced shapes of this length
    and depth, and the types are uniform. The target is the type of the innermost open bracket; it is scored
    where the next bracket closes, half of all steps (the source, too, judges the type given that one closes).
    Solved: 99 % of these right.

    Example:
        One drawn sequence, and the types that close.

        >>> batch = Dyck(n_types=2, depth=3, length=12, n_sequences=1).batch(jax.random.key(6))
        >>> "".join("([)]"[symbol] for symbol in batch.inputs[0])
        '([()][()]())'
        >>> "".join(")]"[symbol] for symbol in batch.targets[0, batch.mask[0]])
        ')])]))'

    Args:
        n_types: n, types of brackets, 2 or more.
        depth: most brackets open at once, 2 to 64.
        length: brackets in a sequence, even, 4 or more.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "J. Hewitt, M. Hahn, S. Ganguli, P. Liang, C. D. Manning, RNNs Can Generate Bounded Hierarchical Languages "
        "with Optimal Memory, EMNLP 2020; here with a fixed length and uniform shapes"
    )
    difficulty: ClassVar[dict[str, str]] = {"n_types": "n_outputs", "length": "n_steps"}

    n_types: int = 2
    depth: int = 4
    length: int = 40
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("n_types", self.n_types, 2)
        check_range("depth", self.depth, 2, DEEPEST)
        check_range("length", self.length, 4)
        if self.length % 2:
            raise InvalidInput(f"length must be even, but got {self.length}; use {self.length + 1}")
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"Dyck-{self.n_types} to depth {self.depth} (after Hewitt 2020), length {self.length}"

    @property
    def n_inputs(self) -> int:
        """Brackets that open and that close."""
        return 2 * self.n_types

    @property
    def n_outputs(self) -> int:
        """The types."""
        return self.n_types

    @property
    def n_steps(self) -> int:
        """The length."""
        return self.length

    @property
    def floor(self) -> float:
        """Right where the bracket just seen is the one to close, and one in n elsewhere; exact."""
        at_once = _share_closed_at_once(self.length, self.depth)
        return float(at_once + (1 - at_once) / self.n_types)

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        for_shape, for_types = random_bits(key, rows, self.length, self.length)
        uniform, types = fractions(for_shape).T, symbols(for_types, self.n_types).T
        level = jnp.arange(self.depth)

        def place(held: tuple[Array, Array], step: tuple[Array, ...]) -> tuple[tuple[Array, Array], Array]:
            (height, stack), (u, kind, openness) = held, step
            opens = u < openness[height]
            top = _top(stack, height, level)
            symbol = jnp.where(opens, kind, self.n_types + top)
            return _pushed(height, stack, opens, kind, level), symbol

        steps = (uniform, types, _openness(self.length, self.depth))
        return jax.lax.scan(place, self._empty(rows), steps)[1].T

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the type of the innermost open bracket after each step, 0 where none is open."""
        level = jnp.arange(self.depth)

        def read(held: tuple[Array, Array], symbol: Array) -> tuple[tuple[Array, Array], Array]:
            height, stack = _pushed(*held, symbol < self.n_types, symbol, level)
            return (height, stack), _top(stack, height, level)

        return jax.lax.scan(read, self._empty(len(inputs)), inputs.T)[1].T

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return the steps before a bracket that closes."""
        return jnp.pad(inputs[:, 1:] >= self.n_types, ((0, 0), (0, 1)))

    def _empty(self, rows: int) -> tuple[Int[Array, " batch"], Int[Array, "batch level"]]:
        return jnp.zeros(rows, jnp.int32), jnp.zeros((rows, self.depth), jnp.int32)


def _top(stack: Array, height: Array, level: Array) -> Array:
    """The innermost open bracket's type, 0 where none is open."""
    return jnp.sum(jnp.where(level == height[:, None] - 1, stack, 0), axis=1)


def _pushed(height: Array, stack: Array, opens: Array, kind: Array, level: Array) -> tuple[Array, Array]:
    """Height and stack after a bracket opens or closes; what lies above the height is stale and never read."""
    new = (level == height[:, None]) & opens[:, None]
    return height + jnp.where(opens, 1, -1), jnp.where(new, kind[:, None], stack)


def _openness(length: int, depth: int) -> Float[Array, "time level"]:
    """Probability that the bracket at a step opens, for each number of open ones, with uniform shapes.

    It is the share of the ways to close everything in the steps left that begin by opening.
    """

    def earlier(ways: Array, _: None) -> tuple[Array, Array]:
        opening, closing = jnp.append(ways[1:], 0.0), jnp.insert(ways[:-1], 0, 0.0)
        total = opening + closing
        return total / jnp.max(total), jnp.where(total > 0, opening / total, 0.0)

    closed = jnp.zeros(depth + 1).at[0].set(1.0)
    return jax.lax.scan(earlier, closed, None, length=length)[1][::-1]


@lru_cache(maxsize=64)
def _share_closed_at_once(length: int, depth: int) -> Fraction:
    """Expected share of brackets that close right after they opened, over all shapes, by counting ways."""
    ways = [[1] + [0] * depth]
    for _ in range(length):
        last = [0, *ways[-1], 0]
        ways.append([last[level] + last[level + 2] for level in range(depth + 1)])
    pairs = sum(
        ways[step][level] * ways[length - 2 - step][level] for step in range(length - 1) for level in range(depth)
    )
    return Fraction(pairs, ways[length][0] * (length // 2))
