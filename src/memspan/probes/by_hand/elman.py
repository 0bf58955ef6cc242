"""An Elman network by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.models.elman import Elman
from memspan.probes.activations import SQUASHES
from memspan.probes.by_hand.hand import Vector, Worked, summed

__all__ = ["ElmanByHand"]


@dataclass(frozen=True)
class ElmanByHand:
    """Elman 1990: one layer that reads the input and its own last output.

    Attributes:
        model: the network.
        weights: kernel, recurrent kernel and bias in double precision.
    """

    model: Elman
    weights: Any
    output = "h"

    @property
    def header(self) -> tuple[str, ...]:
        """One equation."""
        return (f"h = {self.model.activation}(from the input + from the hidden state before + bias)",)

    def start(self) -> Vector:
        """Zeros."""
        return np.zeros(self.model.units)

    def step(self, symbol: int, state: Vector) -> Worked:
        """Read one symbol."""
        kernel, recurrent, bias = self.weights
        parts, name = (kernel[symbol], state @ recurrent, bias), self.model.activation
        hidden = SQUASHES[name](parts[0] + parts[1] + parts[2])
        lines = tuple((summed("h", name, parts, unit, hidden[unit]),) for unit in range(self.model.units))
        return Worked({"h": hidden}, lines, hidden)
