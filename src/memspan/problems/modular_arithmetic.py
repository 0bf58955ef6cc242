"""Modular arithmetic: the value of a sum of products, modulo a small number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.errors import check_range
from memspan.problems.drawn import AbstractChoice
from memspan.problems.ends import at_last, only_last, then_asked
from memspan.problems.random_bits import random_bits, symbols

__all__ = ["ModularArithmetic"]

PLUS, MINUS = 0, 1  # after the digits; times is 2 and the query 3


@dataclass(frozen=True)
class ModularArithmetic(AbstractChoice):
    """Digits with +, - and * between them, then a query: the value, modulo `modulus`; products come first.

    Symbols 0 to `modulus` - 1 are digits, then +, -, * and the query, an empty step, as in the source. Digits
    and operators are uniform. Products are reduced at every step, so that long ones stay exact. Solved: 90 % of
    the sequences right, the source's threshold.

    Example:
        One drawn sequence, as it is read, and its answer.

        >>> batch = ModularArithmetic(n_numbers=4, n_sequences=1).batch(jax.random.key(2))
        >>> "".join("01234+-*="[symbol] for symbol in batch.inputs[0]), int(batch.targets[0, -1])
        ('2+4*4+0=', 3)

    Args:
        n_numbers: digits in a sequence, 1 or more; the source trains at 1 to 40 symbols, that is 1 to 20 digits.
        modulus: 2 or more; 5 in the source.
        n_sequences: sequences in one presentation.
        n_evaluation: sequences on which success is judged.

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "G. Deletang et al., Neural Networks and the Chomsky Hierarchy, ICLR 2023, task Modular Arithmetic (Simple)"
    )
    passing: ClassVar[float] = 0.9
    difficulty: ClassVar[dict[str, str]] = {"n_numbers": "n_steps", "modulus": "n_outputs"}

    n_numbers: int = 20
    modulus: int = 5
    n_sequences: int = 64
    n_evaluation: int = 256

    def __post_init__(self) -> None:
        check_range("n_numbers", self.n_numbers, 1)
        check_range("modulus", self.modulus, 2, 1 << 15)
        self._check_sizes()

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        return f"modular arithmetic (Deletang 2023, no brackets), modulo {self.modulus}, {self.n_numbers} numbers"

    @property
    def n_inputs(self) -> int:
        """Digits, three operators and the query."""
        return self.modulus + 4

    @property
    def n_outputs(self) -> int:
        """The digits."""
        return self.modulus

    @property
    def n_steps(self) -> int:
        """Digits, the operators between them, and the query."""
        return 2 * self.n_numbers

    @property
    def floor(self) -> float:
        """The likeliest value is guessed.

        Reading is a Markov chain over what is summed up and the product at work: its distribution after all
        digits is a power of one step's matrix.
        """
        start = np.zeros((self.modulus, self.modulus))
        start[0] = 1 / self.modulus
        steps = np.linalg.matrix_power(_one_step(self.modulus), self.n_numbers - 1)
        ends = (start.ravel() @ steps).reshape(start.shape)
        total, term = np.indices(ends.shape)
        return float(np.max(np.bincount((total + term).ravel() % self.modulus, ends.ravel())))

    def inputs(self, key: PRNGKeyArray, rows: int) -> Int[Array, "batch time"]:
        """Return drawn sequences."""
        for_digits, for_operators = random_bits(key, rows, self.n_numbers, self.n_numbers)
        digits = symbols(for_digits, self.modulus)
        operators = self.modulus + symbols(for_operators, 3)
        mixed = jnp.stack([digits, operators], axis=2).reshape(rows, -1)
        return then_asked(mixed[:, :-1], query=self.modulus + 3)

    def answers(self, inputs: Int[Array, "batch time"]) -> Int[Array, "batch time"]:
        """Return the value at the query, and 0 before."""
        digits, operators = inputs[:, 2:-1:2], inputs[:, 1:-1:2] - self.modulus

        def read(held: tuple[Array, Array], pair: tuple[Array, Array]) -> tuple[tuple[Array, Array], None]:
            return _after(held, pair, self.modulus), None

        start = (jnp.zeros_like(inputs[:, 0]), inputs[:, 0])
        (total, term), _ = jax.lax.scan(read, start, (operators.T, digits.T))
        return at_last((total + term) % self.modulus, self.n_steps)

    def scored(self, inputs: Int[Array, "batch time"]) -> Bool[Array, "batch time"]:
        """Return the query."""
        return only_last(inputs)


def _after(held: tuple[Array, Array], pair: tuple[Array, Array], modulus: int) -> tuple[Array, Array]:
    """What is summed up and the product at work, after one more operator and digit."""
    (total, term), (operator, digit) = held, pair
    new_term = operator <= MINUS
    product = jnp.where(operator == PLUS, digit, jnp.where(operator == MINUS, -digit, term * digit))
    return jnp.where(new_term, total + term, total) % modulus, product % modulus


def _one_step(modulus: int) -> Float[np.ndarray, "state state"]:
    """Probabilities from (total, term) to (total, term) when one random operator and digit are read."""
    total, term, operator, digit = np.indices((modulus, modulus, 3, modulus))
    product = np.where(operator == PLUS, digit, np.where(operator == MINUS, -digit, term * digit)) % modulus
    summed = np.where(operator <= MINUS, total + term, total) % modulus
    matrix = np.zeros((modulus**2, modulus**2))
    np.add.at(matrix, (total * modulus + term, summed * modulus + product), 1 / (3 * modulus))
    return matrix
