"""One model calculated in NumPy: what such a calculation returns, and how its sums are printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from jaxtyping import Float

__all__ = ["Hand", "Vector", "Worked", "summed"]

Vector = Float[np.ndarray, " _"]


class Worked(NamedTuple):
    """One step of one model.

    Attributes:
        values: what each unit came to, by the names of the header.
        lines: the arithmetic, some lines a unit.
        state: what the next step begins with.
    """

    values: Mapping[str, Vector]
    lines: tuple[tuple[str, ...], ...]
    state: Any


class Hand(Protocol):
    """Calculates a model from its weights, without the model's own code."""

    @property
    def header(self) -> tuple[str, ...]:
        """The equations."""
        ...

    @property
    def output(self) -> str:
        """Which of the values the read-out reads."""
        ...

    def start(self) -> Any:
        """Return the state before the first step."""
        ...

    def step(self, symbol: int, state: Any) -> Worked:
        """Read the symbol at this place in the alphabet."""
        ...


def summed(name: str, squash: str, parts: tuple[Vector, ...], at: int, value: float) -> str:
    """Return the arithmetic of one unit.

    Example:
        >>> summed("z", "tanh", (np.array([0.0, 0.1]), np.array([1.0, 0.2])), 1, np.tanh(0.3))
        'z = tanh(+0.100 +0.200) = 0.291'
    """
    return f"{name} = {squash}({' '.join(f'{part[at]:+.3f}' for part in parts)}) = {value:.3f}"
