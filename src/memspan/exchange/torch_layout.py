"""Weights as in a PyTorch `state_dict`: gates are rows, and there are two biases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.trained import Trained
from memspan.exchange.cell import KINDS, Cell, cell_of, checked, reordered, trained_of
from memspan.models.dense import DenseParams

__all__ = ["from_torch", "recurrent_settings", "torch_state"]

# Places of PyTorch's blocks in ours: LSTM i f g o in both; GRU r z n there, z r candidate here.
ORDERS = {"LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2), "Elman": (0,)}
RECURRENT = re.compile(r"(.*?)(weight_ih|weight_hh|bias_ih|bias_hh)(_l0)?")


def torch_state(trained: Trained) -> dict[str, Float[np.ndarray, "..."]]:
    """Return the weights of a network under the names and in the layout of PyTorch.

    They are those of a module that has an `nn.LSTM`, `nn.GRU` or `nn.RNN` as `recurrent` and an `nn.Linear` as
    `read_out`. PyTorch's second bias is zero, except in a GRU, which has two by itself.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=2), ms.rules.BPTT(), epochs=1)
        >>> {name: array.shape for name, array in torch_state(runs[0]).items()}
        {'recurrent.weight_ih_l0': (8, 5), 'recurrent.weight_hh_l0': (8, 2), 'recurrent.bias_ih_l0': (8,),
        'recurrent.bias_hh_l0': (8,), 'read_out.weight': (5, 2), 'read_out.bias': (5,)}

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.

    Returns:
        NumPy arrays by name; `torch.from_numpy` makes tensors of them.

    Raises:
        InvalidInput: PyTorch has no such layer.

    References:
        torch.nn.LSTM, torch.nn.GRU and torch.nn.RNN, "Variables".
    """
    cell = cell_of(trained)
    recurrent_settings(cell)
    order, bias = ORDERS[cell.kind], np.atleast_2d(cell.params.bias)
    second = bias[1] if len(bias) == 2 else np.zeros_like(bias[0])
    parts = {
        "recurrent.weight_ih_l0": reordered(cell.params.kernel, order).T,
        "recurrent.weight_hh_l0": reordered(cell.params.recurrent, order).T,
        "recurrent.bias_ih_l0": reordered(bias[0], order),
        "recurrent.bias_hh_l0": reordered(second, order),
        "read_out.weight": cell.dense.kernel.T,
        "read_out.bias": cell.dense.bias,
    }
    return {name: np.array(part, order="C") for name, part in parts.items()}


def recurrent_settings(cell: Cell) -> tuple[str, dict[str, Any]]:
    """Return the name of PyTorch's layer and its settings.

    Args:
        cell: what it is to be.

    Raises:
        InvalidInput: PyTorch has no such layer.
    """
    setting = KINDS[cell.kind][2]
    value = getattr(cell.layer, setting)
    if (cell.kind, value) in (("LSTM", "sigmoid"), ("GRU", "after")):
        return cell.kind, {}
    if cell.kind == "Elman":
        return "RNN", {"nonlinearity": value}
    known = {"LSTM": "gate='sigmoid'", "GRU": "reset='after'"}[cell.kind]
    raise InvalidInput(
        f"model must be {cell.kind}({known}) for PyTorch to have it too, but got {setting}={value!r}, which is another "
        "function; train one with that setting, or export to ONNX, which knows both"
    )


def from_torch(problem: Problem, state: Mapping[str, Any], model: Any = None) -> Trained:
    """Return a network with the weights of a PyTorch module: one recurrent layer and one linear layer, however named.

    PyTorch only ever adds the two biases of an LSTM or an RNN; ours has their sum.

    Example:
        >>> import memspan as ms
        >>> problem = ms.problems.Conflict()
        >>> theirs = {"rnn.weight_ih_l0": np.zeros((8, 5), "f"), "rnn.weight_hh_l0": np.zeros((8, 2), "f"),
        ...           "head.weight": np.zeros((5, 2), "f"), "head.bias": np.array([0, 0, 9, 0, 0], "f")}
        >>> trained = from_torch(problem, theirs)
        >>> trained.network.stack.layers[0].units, trained.predict([3, 0])
        (2, [2, 2])

    Args:
        problem: what the module's inputs and outputs mean; its outputs must be logits.
        state: `module.state_dict()`: of an `nn.LSTM`, `nn.GRU`, `nn.RNN` or their cells, and an `nn.Linear`.
        model: what it is. An RNN needs it, for its state does not say whether it is tanh or ReLU.

    Returns:
        The network, ready to be asked, explained and exported.

    Raises:
        InvalidInput: the module has other layers, or does not fit problem or model.
    """
    tensors = {name: _array(value) for name, value in state.items()}
    recurrent, linear = _parted(tensors)
    ih, hh = (checked(f"weight_{side}", recurrent[f"weight_{side}"], None, None) for side in ("ih", "hh"))
    units, blocks = hh.shape[1], hh.shape[0] / hh.shape[1]
    kinds = {4: "LSTM", 3: "GRU", 1: "Elman"}
    if blocks not in kinds:
        raise InvalidInput(
            f"weight_hh must have 4, 3 or 1 times as many rows as columns, as in LSTM, GRU and RNN, but got "
            f"{hh.shape}; a projection (proj_size) cannot be exchanged"
        )
    kind, wide = kinds[int(blocks)], len(hh)
    zeros = np.zeros(wide, np.float32)
    ih = checked("weight_ih", ih, wide, None)
    biases = [checked(name, recurrent.get(name, zeros), wide) for name in ("bias_ih", "bias_hh")]
    bias = np.stack(biases) if kind == "GRU" else biases[0] + biases[1]
    order = tuple(np.argsort(ORDERS[kind]).tolist())
    params = KINDS[kind][1](*(reordered(part, order) for part in (ih.T, hh.T, bias)))
    weight = checked("weight of the linear layer", linear["weight"], None, units)
    shift = linear.get("bias", np.zeros(len(weight), np.float32))
    dense = DenseParams(weight.T, checked("bias of the linear layer", shift, len(weight)))
    return trained_of(problem, Cell(_layer(kind, units, model), params, dense), model)


def _layer(kind: str, units: int, model: Any) -> Any:
    """Return the layer that the weights belong to; what is not in them is asked of the model."""
    if kind == "Elman":
        if model is None:
            raise InvalidInput(
                "model must be given for an RNN, whose state_dict does not say whether it is tanh or ReLU, but got "
                f"none; pass memspan.models.Elman({units}) or memspan.models.Elman({units}, activation='relu')"
            )
        layer = model.layers[0] if hasattr(model, "layers") else model
        return KINDS[kind][0](units, activation=getattr(layer, "activation", "tanh"))
    return KINDS[kind][0](units)


def _array(value: Any) -> np.ndarray:
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)


def _parted(tensors: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the recurrent layer's arrays and the linear layer's, by the ends of their names."""
    recurrent: dict[str, np.ndarray] = {}
    linear: dict[str, np.ndarray] = {}
    owners: set[tuple[str, str]] = set()
    for name, array in tensors.items():
        match = RECURRENT.fullmatch(name)
        owner, _, last = name.rpartition(".")
        if match:
            owners.add(("recurrent", match[1]))
            recurrent[match[2]] = array
        elif last in ("weight", "bias"):
            owners.add(("linear", owner))
            linear[last] = array
        else:
            raise _other_layers(name)
    kinds = sorted(kind for kind, _ in owners)
    if kinds != ["linear", "recurrent"] or not {"weight_ih", "weight_hh"} <= {*recurrent} or "weight" not in linear:
        raise _other_layers(", ".join(tensors) or "nothing")
    return recurrent, linear


def _other_layers(name: str) -> InvalidInput:
    return InvalidInput(
        "state must be of one recurrent layer (weight_ih_l0, weight_hh_l0, biases) and one linear layer (weight, bias)"
        f", but got {name}; more layers, directions or other kinds cannot be exchanged"
    )
