"""Weights as ONNX lays them out, and what its recurrent operators must be told to be ours."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.exchange.cell import KINDS, Cell, checked, reordered

__all__ = ["OPERATORS", "OnnxLayer", "from_onnx_layer", "onnx_layer"]

OPERATORS = {"LSTM": "LSTM", "GRU": "GRU", "Elman": "RNN"}
# Places of our blocks in ONNX's: LSTM i o f c there, i f g o here; GRU alike.
ORDERS = {"LSTM": (0, 3, 1, 2), "GRU": (0, 1, 2), "Elman": (0,)}
HARD = ("activation_alpha", [0.2]), ("activation_beta", [0.5])


class OnnxLayer(NamedTuple):
    """A recurrent operator.

    Attributes:
        operator: "LSTM", "GRU" or "RNN".
        attributes: what it is told.
        w: from the input.
        r: from the previous hidden state.
        b: both biases, one after the other.
    """

    operator: str
    attributes: dict[str, Any]
    w: Float[np.ndarray, "1 gates feature"]
    r: Float[np.ndarray, "1 gates unit"]
    b: Float[np.ndarray, "1 2*gates"]


def onnx_layer(cell: Cell) -> OnnxLayer:
    """Return the operator that computes what a layer computes; ONNX has all of LSTM, GRU and Elman.

    Example:
        >>> from memspan.models import GRU, Dense
        >>> rng, layer = np.random.default_rng(0), GRU(units=2, reset="before")
        >>> made = onnx_layer(Cell(layer, layer.init(rng, 5), Dense(5).init(rng, 2)))
        >>> made.operator, made.attributes["linear_before_reset"], made.w.shape, made.b.shape
        ('GRU', 0, (1, 6, 5), (1, 12))

    Args:
        cell: the layer with its weights.

    References:
        ONNX operators LSTM, GRU and RNN.
    """
    value, order = getattr(cell.layer, KINDS[cell.kind][2]), ORDERS[cell.kind]
    attributes: dict[str, Any] = {"hidden_size": cell.layer.units}
    if cell.kind == "GRU":
        attributes["linear_before_reset"] = int(value == "after")
    elif cell.kind == "Elman":
        attributes["activations"] = ["Tanh" if value == "tanh" else "Relu"]
    elif value == "hard_sigmoid":
        attributes |= {"activations": ["HardSigmoid", "Tanh", "Tanh"], **dict(HARD)}
    bias = np.atleast_2d(cell.params.bias)
    both = bias if len(bias) == 2 else np.concatenate([bias, np.zeros_like(bias)])
    return OnnxLayer(
        OPERATORS[cell.kind],
        attributes,
        np.ascontiguousarray(reordered(cell.params.kernel, order).T[None]),
        np.ascontiguousarray(reordered(cell.params.recurrent, order).T[None]),
        reordered(both, order).reshape(1, -1),
    )


def from_onnx_layer(theirs: OnnxLayer) -> tuple[Any, Any]:
    """Return our layer of an ONNX operator, and its weights.

    Args:
        theirs: the operator.

    Raises:
        InvalidInput: it computes another function than ours.
    """
    kind = {operator: ours for ours, operator in OPERATORS.items()}[theirs.operator]
    value = _function(kind, theirs.attributes)
    units = int(theirs.attributes.get("hidden_size", theirs.r.shape[-1]))
    wide = {"LSTM": 4, "GRU": 3, "Elman": 1}[kind] * units
    order = tuple(np.argsort(ORDERS[kind]).tolist())
    kernel = reordered(checked("W", theirs.w, 1, wide, None)[0].T, order)
    recurrent = reordered(checked("R", theirs.r, 1, wide, units)[0].T, order)
    both = reordered(checked("B", theirs.b, 1, 2 * wide).reshape(2, wide), order)
    # Only a GRU that resets after the product keeps them apart; elsewhere they are only ever added.
    bias = both if value == "after" else both.sum(axis=0, keepdims=kind == "GRU")
    made, params, setting = KINDS[kind]
    return made(units, **{setting: value}), params(kernel, recurrent, bias)


def _function(kind: str, attributes: dict[str, Any]) -> str:
    """Return the setting of ours that makes the function that an operator computes, or say which is not ours."""
    refused = {"direction": ("forward",), "clip": (None,), "input_forget": (0,), "layout": (0,)}
    for name, allowed in refused.items():
        if attributes.get(name, allowed[0]) not in allowed:
            raise InvalidInput(
                f"{name} of {OPERATORS[kind]} must be left as it is for memspan to have the operator too, but got "
                f"{attributes[name]!r}; it is another function"
            )
    default = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "Elman": ["Tanh"]}[kind]
    given = list(attributes.get("activations", default))
    if kind == "GRU" and given == default:
        return "after" if attributes.get("linear_before_reset", 0) else "before"
    if kind == "Elman" and given in (["Tanh"], ["Relu"]):
        return given[0].lower()
    if kind == "LSTM" and given == default:
        return "sigmoid"
    slopes = [round(float(each[0]), 6) for name, each in attributes.items() if name.startswith("activation_")]
    if kind == "LSTM" and given == ["HardSigmoid", "Tanh", "Tanh"] and sorted(slopes) in ([], [0.2, 0.5]):
        return "hard_sigmoid"
    raise InvalidInput(
        f"activations of {OPERATORS[kind]} must be those that memspan has, {', '.join(default)} by default, but got "
        f"{', '.join(given)}; it is another function"
    )
