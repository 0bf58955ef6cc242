"""The outputs calculated from the weights, by hand: every gate, cell and output of a sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.engine.network import Network
from memspan.engine.trained import Trained
from memspan.models.lstm import LSTM
from memspan.probes.activations import READINGS, SQUASHES, Squash
from memspan.probes.by_hand import HANDS
from memspan.probes.working import Working, working

__all__ = ["Explanation", "Gates", "Step", "explain"]

SHOWN_UNITS = 32
KINDS = ["LSTM", *sorted(model.__name__ for model in HANDS)]
EXPLAINED = f"a network of {', '.join(KINDS[:-1])} or {KINDS[-1]}"


class Gates(NamedTuple):
    """The gates of one step, one number a unit.

    Attributes:
        input: how much of the candidate is written.
        forget: how much of the old cell stays.
        candidate: what would be written.
        output: how much of the cell is shown.
    """

    input: Float[np.ndarray, " unit"]
    forget: Float[np.ndarray, " unit"]
    candidate: Float[np.ndarray, " unit"]
    output: Float[np.ndarray, " unit"]


class Step(NamedTuple):
    """One step of an LSTM with a dense read-out, calculated in NumPy.

    Each gate is its activation of the sum of three shares, which are one vector of four blocks of `units`
    numbers: input gate, forget gate, candidate, output gate.

    Attributes:
        symbol: what was read.
        from_input: share of the input: the kernel's row of the symbol.
        from_hidden: share of the previous hidden state.
        bias: share that is always the same.
        gates: the four gates.
        before: cell before the step.
        cell: forget * before + input * candidate.
        hidden: output * tanh(cell).
        read_out: share of the hidden state in the logits: hidden @ kernel of the read-out.
        output_bias: bias of the read-out.
        logits: read_out + output_bias.
        outputs: what the network says, one number a symbol of the alphabet.
        prediction: the symbol with the largest output.
    """

    symbol: object
    from_input: Float[np.ndarray, " 4*unit"]
    from_hidden: Float[np.ndarray, " 4*unit"]
    bias: Float[np.ndarray, " 4*unit"]
    gates: Gates
    before: Float[np.ndarray, " unit"]
    cell: Float[np.ndarray, " unit"]
    hidden: Float[np.ndarray, " unit"]
    read_out: Float[np.ndarray, " output"]
    output_bias: Float[np.ndarray, " output"]
    logits: Float[np.ndarray, " output"]
    outputs: Float[np.ndarray, " output"]
    prediction: object


@dataclass(frozen=True, eq=False)
class Explanation:
    """The steps of a sequence; printed, it is the whole calculation with its numbers.

    Attributes:
        alphabet: the symbols, one an output.
        gate: name of the gates' activation.
        reading: name of the activation that makes outputs of logits.
        steps: what happened, step by step.
    """

    alphabet: tuple[object, ...]
    gate: str
    reading: str
    steps: tuple[Step, ...]

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, row: int) -> Step:
        return self.steps[row]

    def __str__(self) -> str:
        header = [
            f"i, f, o = {self.gate}(from the input + from the hidden state before + bias), g = tanh(the same)",
            f"c = f * c before + i * g,  h = o * tanh(c),  output = {self.reading}(sum of h * weight + bias)",
        ]
        rows = [line for number, step in enumerate(self, 1) for line in self._lines(number, step)]
        return "\n".join(header + rows)

    def _lines(self, number: int, step: Step) -> list[str]:
        """Return one step as text."""
        units = len(step.cell)
        lines = ["", f"step {number}: reads {step.symbol}"]
        lines += [line for unit in range(min(units, SHOWN_UNITS)) for line in _unit_lines(step, unit, self.gate)]
        if units > SHOWN_UNITS:
            lines.append(f"  ... and {units - SHOWN_UNITS} more units")
        for symbol, share, bias, output in zip(
            self.alphabet, step.read_out, step.output_bias, step.outputs, strict=True
        ):
            mark = "  <- predicted" if symbol == step.prediction else ""
            lines.append(f"  output {symbol}: {self.reading}({share:+.3f} {bias:+.3f}) = {output:.3f}{mark}")
        return lines


def explain(trained: Trained, sequence: Sequence[object]) -> Explanation | Working:
    """Calculate the outputs of a trained network from its weights, step by step, in NumPy alone.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(lag=1), ms.models.LSTM(units=1), seeds=1, epochs=0)
        >>> explained = explain(runs[0], [1, 0])
        >>> print(explained)
        i, f, o = sigmoid(from the input + from the hidden state before + bias), g = tanh(the same)
        c = f * c before + i * g,  h = o * tanh(c),  output = sigmoid(sum of h * weight + bias)
        <BLANKLINE>
        step 1: reads 1
          unit 0   i = sigmoid(+0.580 +0.000 +0.000) = 0.641         f = sigmoid(+0.764 +0.000 +1.000) = 0.854
                   g = tanh(+0.197 +0.000 +0.000) = 0.195            o = sigmoid(+0.425 +0.000 +0.000) = 0.605
                   c = 0.854 * 0.000 + 0.641 * 0.195 = 0.125         h = 0.605 * tanh(0.125) = 0.075
          output 0: sigmoid(+0.067 +0.000) = 0.517  <- predicted
          output 1: sigmoid(+0.008 +0.000) = 0.502
        ...
        >>> [step.prediction for step in explained] == runs[0].predict([1, 0])
        True

    Args:
        trained: one trained network, `runs[0]` for example; its model must be an LSTM, with peepholes or
            without, that of 1997, a GRU, a minimal one of either, an Elman network or an MLP.
        sequence: symbols of the problem's alphabet, read from a fresh state.

    Returns:
        The explanation: of an LSTM `explanation[t].gates.forget`, `.cell`, `.outputs` and so on; of the others
        `explanation[t].values`, by the names that are printed. In double precision.

    Raises:
        InvalidInput: the model is another one, or the sequence is empty or holds an unknown symbol.

    References:
        LSTM: Gers, Schmidhuber and Cummins 2000, equations 3 to 8; those of the others are named in their files.
    """
    if not isinstance(trained.network, Network):
        raise InvalidInput(
            f"explain must be given {EXPLAINED} of memspan, but got a model of another framework; "
            "leave explain out, or bring its weights with memspan.exchange"
        )
    model, layers = trained.network.stack.layers[0], len(trained.network.stack.layers)
    if layers != 2 or not (type(model) in HANDS or isinstance(model, LSTM)):
        raise InvalidInput(
            f"explain must be given {EXPLAINED} with its dense read-out, but got {type(model).__name__}; "
            "ask for the outputs alone with probabilities(sequence)"
        )
    if not isinstance(model, LSTM):
        return working(trained, trained.ids(sequence))
    steps = _walk(trained, model, trained.ids(sequence))
    return Explanation(trained.alphabet, model.gate, READINGS[trained.network.loss][0], tuple(steps))


def _walk(trained: Trained, model: LSTM, ids: list[int]) -> Iterator[Step]:
    """Read the symbols one after the other; nothing of the model's own code is used."""
    (kernel, recurrent, bias), (dense_kernel, dense_bias) = _double(trained)
    alphabet, read = trained.alphabet, READINGS[trained.network.loss][1]
    hidden = cell = np.zeros(model.units)
    for symbol in ids:
        from_input, from_hidden = kernel[symbol], hidden @ recurrent
        gates = _gates(from_input + from_hidden + bias, SQUASHES[model.gate])
        before, cell = cell, gates.forget * cell + gates.input * gates.candidate
        hidden = gates.output * np.tanh(cell)
        read_out = hidden @ dense_kernel
        logits = read_out + dense_bias
        outputs = read(logits)
        told = alphabet[int(outputs.argmax())]
        parts = (from_input, from_hidden, bias, gates, before, cell, hidden)
        yield Step(alphabet[symbol], *parts, read_out, dense_bias, logits, outputs, told)


def _double(trained: Trained) -> list[list[Any]]:
    """Return the weights of both layers in double precision."""
    return [[np.asarray(part, np.float64) for part in layer] for layer in trained.params]


def _gates(sums: Float[np.ndarray, " sum"], squash: Squash) -> Gates:
    i, f, g, o = np.split(sums, 4)
    return Gates(input=squash(i), forget=squash(f), candidate=np.tanh(g), output=squash(o))


def _unit_lines(step: Step, unit: int, gate: str) -> list[str]:
    """Return three lines: input and forget gate, candidate and output gate, cell and hidden state."""
    blocks = [part.reshape(4, -1)[:, unit] for part in (step.from_input, step.from_hidden, step.bias)]
    i, f, g, o = (part[unit] for part in step.gates)

    def one(name: str, squash: str, block: int, value: float) -> str:
        x, h, b = (part[block] for part in blocks)
        return f"{name} = {squash}({x:+.3f} {h:+.3f} {b:+.3f}) = {value:.3f}"

    before, cell, hidden = step.before[unit], step.cell[unit], step.hidden[unit]
    written = f"c = {f:.3f} * {before:.3f} + {i:.3f} * {g:.3f} = {cell:.3f}"
    return [
        f"  unit {unit:<3} {one('i', gate, 0, i):<50}{one('f', gate, 1, f)}",
        f"           {one('g', 'tanh', 2, g):<50}{one('o', gate, 3, o)}",
        f"           {written:<50}h = {o:.3f} * tanh({cell:.3f}) = {hidden:.3f}",
    ]
