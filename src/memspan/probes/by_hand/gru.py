"""A GRU by hand, in both its conventions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.models.gru import GRU
from memspan.probes.activations import sigmoid
from memspan.probes.by_hand.hand import Vector, Worked, summed

__all__ = ["GRUByHand"]

CANDIDATE = {
    "after": "g = tanh(from the input + bias + r * (from the hidden state before + second bias))",
    "before": "g = tanh(from the input + from r * the hidden state before + bias)",
}


@dataclass(frozen=True)
class GRUByHand:
    """Cho et al. 2014, with the reset gate before or after the product.

    Attributes:
        model: the network.
        weights: kernel, recurrent kernel and biases in double precision.
    """

    model: GRU
    weights: Any
    output = "h"

    @property
    def header(self) -> tuple[str, ...]:
        """Gates; candidate and state."""
        gates = "z, r = sigmoid(from the input + from the hidden state before + bias)"
        return gates, f"{CANDIDATE[self.model.reset]},  h = z * h before + (1 - z) * g"

    def start(self) -> Vector:
        """Zeros."""
        return np.zeros(self.model.units)

    def step(self, symbol: int, state: Vector) -> Worked:
        """Read one symbol."""
        kernel, recurrent, bias = self.weights
        units = self.model.units
        parts = kernel[symbol], state @ recurrent, bias.sum(axis=0)
        z, r = np.split(sigmoid(np.sum(parts, axis=0)[: 2 * units]), 2)
        g, candidates = self._candidate(parts, r, state)
        hidden = z * state + (1 - z) * g
        return Worked(
            {"z": z, "r": r, "g": g, "h": hidden},
            tuple(
                (
                    f"{summed('z', 'sigmoid', parts, unit, z[unit])}   "
                    f"{summed('r', 'sigmoid', parts, units + unit, r[unit])}",
                    candidates[unit],
                    f"h = {z[unit]:.3f} * {state[unit]:.3f} + {1 - z[unit]:.3f} * {g[unit]:.3f} = {hidden[unit]:.3f}",
                )
                for unit in range(units)
            ),
            hidden,
        )

    def _candidate(self, parts: tuple[Vector, ...], r: Vector, state: Vector) -> tuple[Vector, list[str]]:
        """Return what would be written, and how it comes about."""
        (from_input, products, _), (_, recurrent, bias) = parts, self.weights
        third = slice(2 * self.model.units, None)
        own, shift = from_input[third], bias[-1][third]
        if self.model.reset == "before":
            inner = (r * state) @ recurrent[:, third]
            g = np.tanh(own + inner + shift)
            return g, [summed("g", "tanh", (own, inner, shift), unit, g[unit]) for unit in range(len(g))]
        own, inner = own + bias[0][third], products[third] + shift
        g = np.tanh(own + r * inner)
        rows = zip(own, r, inner, g, strict=True)
        return g, [f"g = tanh({x:+.3f} + {reset:.3f} * {h:+.3f}) = {y:.3f}" for x, reset, h, y in rows]
