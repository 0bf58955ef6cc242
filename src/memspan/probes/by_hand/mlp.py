"""A network without memory, or with a window, by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.models.mlp import MLP
from memspan.probes.by_hand.hand import Worked, summed

__all__ = ["MLPByHand"]


@dataclass(frozen=True)
class MLPByHand:
    """One hidden layer over the last inputs.

    Attributes:
        model: the network.
        weights: kernel, oldest input first, and bias in double precision.
    """

    model: MLP
    weights: Any
    output = "h"

    @property
    def header(self) -> tuple[str, ...]:
        """One equation."""
        seen = [f"from {back} steps before" if back > 1 else "from the step before" for back in self._back[:-1]]
        return (f"h = tanh({' + '.join([*seen, 'from the input'])} + bias)",)

    @property
    def _back(self) -> range:
        return range(self.model.window - 1, -1, -1)

    def start(self) -> tuple[int | None, ...]:
        """Nothing was seen."""
        return (None,) * (self.model.window - 1)

    def step(self, symbol: int, state: tuple[int | None, ...]) -> Worked:
        """Read one symbol."""
        kernel, bias = self.weights
        places = kernel.reshape(self.model.window, -1, self.model.units)
        seen = (*state, symbol)
        nothing = np.zeros(self.model.units)
        parts = (*(nothing if one is None else places[at][one] for at, one in enumerate(seen)), bias)
        hidden = np.tanh(np.sum(parts, axis=0))
        lines = tuple((summed("h", "tanh", parts, unit, hidden[unit]),) for unit in range(self.model.units))
        return Worked({"h": hidden}, lines, seen[1:])
