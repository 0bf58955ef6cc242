"""The outputs of a network calculated from the weights, by hand, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from memspan.engine.trained import Trained
from memspan.probes.activations import READINGS
from memspan.probes.by_hand import HANDS, Vector

__all__ = ["WorkedStep", "Working", "working"]

SHOWN_UNITS = 32


class WorkedStep(NamedTuple):
    """One step with its numbers.

    Attributes:
        symbol: what was read.
        values: what each unit came to, by the names of the header: of a GRU "z", "r", "g" and "h".
        lines: the arithmetic, some lines a unit.
        read_out: share of the units in the logits.
        output_bias: bias of the read-out.
        outputs: what the network says, one number a symbol of the alphabet.
        prediction: the symbol with the largest output.
    """

    symbol: object
    values: Mapping[str, Vector]
    lines: tuple[tuple[str, ...], ...]
    read_out: Float[np.ndarray, " output"]
    output_bias: Float[np.ndarray, " output"]
    outputs: Float[np.ndarray, " output"]
    prediction: object


@dataclass(frozen=True, eq=False)
class Working:
    """The steps of a sequence; printed, it is the whole calculation with its numbers.

    Attributes:
        alphabet: the symbols, one an output.
        header: the equations, that of the read-out the last.
        reading: name of the activation that makes outputs of logits.
        steps: what happened, step by step.
    """

    alphabet: tuple[object, ...]
    header: tuple[str, ...]
    reading: str
    steps: tuple[WorkedStep, ...]

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[WorkedStep]:
        return iter(self.steps)

    def __getitem__(self, row: int) -> WorkedStep:
        return self.steps[row]

    def __str__(self) -> str:
        rows = [line for number, step in enumerate(self, 1) for line in self._lines(number, step)]
        return "\n".join([*self.header, *rows])

    def _lines(self, number: int, step: WorkedStep) -> list[str]:
        lines = ["", f"step {number}: reads {step.symbol}"]
        for unit, shown in enumerate(step.lines[:SHOWN_UNITS]):
            lines += [f"  unit {unit:<3} {shown[0]}", *(f"           {line}" for line in shown[1:])]
        if len(step.lines) > SHOWN_UNITS:
            lines.append(f"  ... and {len(step.lines) - SHOWN_UNITS} more units")
        for symbol, share, bias, said in zip(self.alphabet, step.read_out, step.output_bias, step.outputs, strict=True):
            mark = "  <- predicted" if symbol == step.prediction else ""
            lines.append(f"  output {symbol}: {self.reading}({share:+.3f} {bias:+.3f}) = {said:.3f}{mark}")
        return lines


def working(trained: Trained, ids: list[int]) -> Working:
    """Calculate the outputs of a model that is done by hand; `explain` is how to ask for it.

    Args:
        trained: the network; its first layer is among `HANDS`, its second a dense read-out.
        ids: positions of the symbols in the alphabet.

    Returns:
        The calculation, in double precision.
    """
    weights, (dense, dense_bias) = ([np.asarray(part, np.float64) for part in layer] for layer in trained.params)
    model = trained.network.stack.layers[0]
    hand = HANDS[type(model)](model, weights)
    name, read = READINGS[trained.network.loss]
    state = hand.start()
    steps: list[WorkedStep] = []
    for symbol in ids:
        values, lines, state = hand.step(symbol, state)
        share = values[hand.output] @ dense
        outputs = read(share + dense_bias)
        told = trained.alphabet[int(outputs.argmax())]
        steps.append(WorkedStep(trained.alphabet[symbol], values, lines, share, dense_bias, outputs, told))
    read_out = f"output = {name}(sum of {hand.output} * weight + bias)"
    return Working(trained.alphabet, (*hand.header, read_out), name, tuple(steps))
