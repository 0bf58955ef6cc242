"""The minimal GRU and the minimal LSTM by hand: their gates see the input only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.models.min_gru import MinGRU
from memspan.models.min_lstm import MinLSTM
from memspan.probes.activations import sigmoid
from memspan.probes.by_hand.hand import Vector, Worked, summed

__all__ = ["MinGRUByHand", "MinLSTMByHand"]


@dataclass(frozen=True)
class MinGRUByHand:
    """Feng et al. 2024, section 3.1.

    Attributes:
        model: the network.
        weights: kernel and bias in double precision.
    """

    model: MinGRU
    weights: Any
    header = ("z = sigmoid(from the input + bias),  g = from the input + bias,  h = (1 - z) * h before + z * g",)
    output = "h"

    def start(self) -> Vector:
        """Zeros."""
        return np.zeros(self.model.units)

    def step(self, symbol: int, state: Vector) -> Worked:
        """Read one symbol."""
        kernel, bias = self.weights
        parts, units = (kernel[symbol], bias), self.model.units
        gate, g = np.split(kernel[symbol] + bias, 2)
        z = sigmoid(gate)
        hidden = (1 - z) * state + z * g
        lines = tuple(
            (
                f"{summed('z', 'sigmoid', parts, unit, z[unit]):<40}{summed('g', '', parts, units + unit, g[unit])}",
                f"h = {1 - z[unit]:.3f} * {state[unit]:.3f} + {z[unit]:.3f} * {g[unit]:.3f} = {hidden[unit]:.3f}",
            )
            for unit in range(units)
        )
        return Worked({"z": z, "g": g, "h": hidden}, lines, hidden)


@dataclass(frozen=True)
class MinLSTMByHand:
    """Feng et al. 2024, section 3.2: two gates, divided by their sum.

    Attributes:
        model: the network.
        weights: kernel and bias in double precision.
    """

    model: MinLSTM
    weights: Any
    header = (
        "i, f = sigmoid(from the input + bias),  g = from the input + bias",
        "h = f / (f + i) * h before + i / (f + i) * g",
    )
    output = "h"

    def start(self) -> Vector:
        """Zeros."""
        return np.zeros(self.model.units)

    def step(self, symbol: int, state: Vector) -> Worked:
        """Read one symbol."""
        kernel, bias = self.weights
        parts, units = (kernel[symbol], bias), self.model.units
        write, keep, g = np.split(kernel[symbol] + bias, 3)
        # Of the logarithms, for both gates may be shut: f / (f + i) = 1 / (1 + i / f).
        kept = 1 / (1 + np.exp(np.logaddexp(0, -keep) - np.logaddexp(0, -write)))
        i, f = sigmoid(write), sigmoid(keep)
        hidden = kept * state + (1 - kept) * g
        lines = tuple(
            (
                f"{summed('i', 'sigmoid', parts, unit, i[unit]):<40}"
                f"{summed('f', 'sigmoid', parts, units + unit, f[unit])}",
                f"{summed('g', '', parts, 2 * units + unit, g[unit]):<40}"
                f"f / (f + i) = {kept[unit]:.3f},  i / (f + i) = {1 - kept[unit]:.3f}",
                f"h = {kept[unit]:.3f} * {state[unit]:.3f} + {1 - kept[unit]:.3f} * {g[unit]:.3f} = {hidden[unit]:.3f}",
            )
            for unit in range(units)
        )
        return Worked({"i": i, "f": f, "g": g, "h": hidden}, lines, hidden)
