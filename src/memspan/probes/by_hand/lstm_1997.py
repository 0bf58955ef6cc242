"""The memory cell blocks of 1997 by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.models.lstm_1997 import LSTM1997
from memspan.probes.activations import SQUASHES, sigmoid
from memspan.probes.by_hand.hand import Vector, Worked, summed

__all__ = ["LSTM1997ByHand"]


@dataclass(frozen=True)
class LSTM1997ByHand:
    """Hochreiter and Schmidhuber 1997, appendix A.1: what is written is added, and nothing is forgotten.

    Attributes:
        model: the blocks.
        weights: kernel, recurrent kernel and biases in double precision.
    """

    model: LSTM1997
    weights: Any
    output = "y"

    @property
    def header(self) -> tuple[str, ...]:
        """Gates; what is written and kept; what is shown."""
        model = self.model
        net = (
            "(from the input + from all units before + bias)"
            if model.connected == "full"
            else "(from the input + bias)"
        )
        gates = "y_in, y_out" if model.output_gate else "y_in"
        shown = f"y_out * {model.h}(s)" if model.output_gate else f"{model.h}(s)"
        return (
            f"{gates} = sigmoid{net} of the block,  g = {model.g}(the same of the cell)",
            f"s = s before + y_in * g,  y = {shown}",
        )

    def start(self) -> tuple[Vector, Vector]:
        """Internal states and what is fed back: zeros."""
        _, recurrent, _ = self.weights
        return np.zeros(self.model.n_outputs), np.zeros(len(recurrent))

    def step(self, symbol: int, state: tuple[Vector, Vector]) -> Worked:
        """Read one symbol."""
        kernel, recurrent, bias = self.weights
        model, (before, fed_back) = self.model, state
        whole_bias = np.concatenate([np.zeros(kernel.shape[1] - len(bias)), bias])
        parts = kernel[symbol], fed_back @ recurrent, whole_bias
        cells, nets = model.n_outputs, np.sum(parts, axis=0)
        g = SQUASHES[model.g](nets[:cells])
        gates = sigmoid(nets[cells:])
        y_in, y_out = gates[: model.blocks], gates[model.blocks :]
        block = np.arange(cells) // model.size
        s = before + y_in[block] * g
        shown = SQUASHES[model.h](s)
        y = y_out[block] * shown if model.output_gate else shown
        values = {"y_in": y_in, "g": g, "s": s, "y": y} | ({"y_out": y_out} if model.output_gate else {})
        lines = tuple(self._lines(parts, before, values, int(of), cell) for cell, of in enumerate(block))
        return Worked(values, lines, (s, np.concatenate([y, gates]) if len(recurrent) else fed_back))

    def _lines(
        self, parts: tuple[Vector, ...], before: Vector, values: dict[str, Vector], block: int, cell: int
    ) -> tuple[str, ...]:
        model, cells = self.model, self.model.n_outputs
        y_in, g, s, y = values["y_in"][block], values["g"][cell], values["s"][cell], values["y"][cell]
        gates, shown = f"{summed('y_in', 'sigmoid', parts, cells + block, y_in)}", f"{model.h}({s:.3f})"
        if model.output_gate:
            y_out = values["y_out"][block]
            gates = f"{gates:<55}{summed('y_out', 'sigmoid', parts, cells + model.blocks + block, y_out)}"
            shown = f"{y_out:.3f} * {shown}"
        return (
            gates,
            summed("g", model.g, parts, cell, g),
            f"{f's = {before[cell]:.3f} + {y_in:.3f} * {g:.3f} = {s:.3f}':<55}y = {shown} = {y:.3f}",
        )
