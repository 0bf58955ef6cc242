"""An LSTM with peepholes by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.models.peephole_lstm import PeepholeLSTM
from memspan.probes.activations import sigmoid
from memspan.probes.by_hand.hand import Vector, Worked, summed

__all__ = ["PeepholeByHand"]


@dataclass(frozen=True)
class PeepholeByHand:
    """Graves 2013, equations 7 to 11: gates that see the cell itself.

    Attributes:
        model: the network.
        weights: kernel, recurrent kernel, bias and peepholes in double precision.
    """

    model: PeepholeLSTM
    weights: Any
    header = (
        "i, f = sigmoid(from the input + from the hidden state before + bias + from the cell before)",
        "g = tanh(from the input + from the hidden state before + bias),  c = f * c before + i * g",
        "o = sigmoid(from the input + from the hidden state before + bias + from the cell c),  h = o * tanh(c)",
    )
    output = "h"

    def start(self) -> tuple[Vector, Vector]:
        """Hidden state and cell: zeros."""
        return np.zeros(self.model.units), np.zeros(self.model.units)

    def step(self, symbol: int, state: tuple[Vector, Vector]) -> Worked:
        """Read one symbol."""
        kernel, recurrent, bias, peephole = self.weights
        hidden, before = state
        shares = [np.split(part, 4) for part in (kernel[symbol], hidden @ recurrent, bias)]
        to_i, to_f, to_g, to_o = (tuple(part[block] for part in shares) for block in range(4))
        to_i, to_f = (*to_i, peephole[0] * before), (*to_f, peephole[1] * before)
        i, f, g = sigmoid(np.sum(to_i, axis=0)), sigmoid(np.sum(to_f, axis=0)), np.tanh(np.sum(to_g, axis=0))
        cell = f * before + i * g
        to_o = (*to_o, peephole[2] * cell)
        o = sigmoid(np.sum(to_o, axis=0))
        shown = o * np.tanh(cell)
        lines = tuple(
            (
                f"{summed('i', 'sigmoid', to_i, at, i[at]):<54}{summed('f', 'sigmoid', to_f, at, f[at])}",
                f"{summed('g', 'tanh', to_g, at, g[at]):<54}"
                f"c = {f[at]:.3f} * {before[at]:.3f} + {i[at]:.3f} * {g[at]:.3f} = {cell[at]:.3f}",
                f"{summed('o', 'sigmoid', to_o, at, o[at]):<54}"
                f"h = {o[at]:.3f} * tanh({cell[at]:.3f}) = {shown[at]:.3f}",
            )
            for at in range(self.model.units)
        )
        return Worked({"i": i, "f": f, "g": g, "o": o, "c": cell, "h": shown}, lines, (shown, cell))
