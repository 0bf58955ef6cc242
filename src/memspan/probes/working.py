"""The outputs of an Elman network or a GRU calculated from the weights, by hand, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from memspan.engine.trained import Trained
from memspan.models.elman import Elman
from memspan.models.gru import GRU
from memspan.probes.activations import GATES, READINGS, sigmoid

__all__ = ["WorkedStep", "Working", "working"]

SHOWN_UNITS = 32

Vector = Float[np.ndarray, " _"]


class WorkedStep(NamedTuple):
    """One step with its numbers.

    Attributes:
        symbol: what was read.
        values: what each unit came to, by the names of the header: of a GRU "z", "r", "g" and "h", else "h".
        lines: the arithmetic, some lines a unit.
        read_out: share of the hidden state in the logits.
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
        header: the equations.
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
        return "\n".join([*self.header, f"output = {self.reading}(sum of h * weight + bias)", *rows])

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


def working(trained: Trained, model: Elman | GRU, ids: list[int]) -> Working:
    """Calculate the outputs of an Elman network or a GRU; `explain` is how to ask for it.

    Args:
        trained: the network.
        model: its first layer.
        ids: positions of the symbols in the alphabet.

    Returns:
        The calculation, in double precision.
    """
    (kernel, recurrent, bias), (dense, dense_bias) = (
        [np.asarray(part, np.float64) for part in layer] for layer in trained.params
    )
    name, read = READINGS[trained.network.loss]
    hidden = np.zeros(model.units)
    steps: list[WorkedStep] = []
    for symbol in ids:
        worked = _gru if isinstance(model, GRU) else _elman
        values, lines = worked(model, kernel[symbol], recurrent, bias, hidden)
        hidden = values["h"]
        share = hidden @ dense
        outputs = read(share + dense_bias)
        told = trained.alphabet[int(outputs.argmax())]
        steps.append(WorkedStep(trained.alphabet[symbol], values, lines, share, dense_bias, outputs, told))
    return Working(trained.alphabet, _header(model), name, tuple(steps))


def _header(model: Elman | GRU) -> tuple[str, ...]:
    if isinstance(model, Elman):
        return (f"h = {model.activation}(from the input + from the hidden state before + bias)",)
    reset = {
        "after": "g = tanh(from the input + bias + r * (from the hidden state before + second bias))",
        "before": "g = tanh(from the input + from r * the hidden state before + bias)",
    }
    gates = "z, r = sigmoid(from the input + from the hidden state before + bias)"
    return gates, f"{reset[model.reset]},  h = z * h before + (1 - z) * g"


def _elman(
    model: Any, from_input: Vector, recurrent: Any, bias: Vector, before: Vector
) -> tuple[dict[str, Vector], tuple[tuple[str, ...], ...]]:
    from_hidden = before @ recurrent
    hidden = GATES[model.activation](from_input + from_hidden + bias)
    rows = zip(from_input, from_hidden, bias, hidden, strict=True)
    lines = tuple((f"h = {model.activation}({x:+.3f} {h:+.3f} {b:+.3f}) = {y:.3f}",) for x, h, b, y in rows)
    return {"h": hidden}, lines


def _gru(
    model: Any, from_input: Vector, recurrent: Any, bias: Any, before: Vector
) -> tuple[dict[str, Vector], tuple[tuple[str, ...], ...]]:
    units = model.units
    products = before @ recurrent
    biases = bias.sum(axis=0)
    z, r = np.split(sigmoid((from_input + products + biases)[: 2 * units]), 2)
    own, shift = from_input[2 * units :], bias[-1][2 * units :]
    if model.reset == "after":
        own = own + bias[0][2 * units :]
        inner = products[2 * units :] + shift
        g = np.tanh(own + r * inner)
    else:
        inner = (r * before) @ recurrent[:, 2 * units :]
        g = np.tanh(own + inner + shift)
    hidden = z * before + (1 - z) * g
    return {"z": z, "r": r, "g": g, "h": hidden}, tuple(
        (
            f"{_gate('z', unit, from_input, products, biases, z[unit])}   "
            f"{_gate('r', units + unit, from_input, products, biases, r[unit])}",
            _candidate(model.reset, own[unit], inner[unit], shift[unit], r[unit], g[unit]),
            f"h = {z[unit]:.3f} * {before[unit]:.3f} + {1 - z[unit]:.3f} * {g[unit]:.3f} = {hidden[unit]:.3f}",
        )
        for unit in range(units)
    )


def _gate(name: str, at: int, from_input: Vector, products: Vector, biases: Vector, value: float) -> str:
    return f"{name} = sigmoid({from_input[at]:+.3f} {products[at]:+.3f} {biases[at]:+.3f}) = {value:.3f}"


def _candidate(reset: str, own: float, inner: float, shift: float, r: float, g: float) -> str:
    if reset == "after":
        return f"g = tanh({own:+.3f} + {r:.3f} * {inner:+.3f}) = {g:.3f}"
    return f"g = tanh({own:+.3f} {inner:+.3f} {shift:+.3f}) = {g:.3f}"
