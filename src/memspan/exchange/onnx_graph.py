"""A network as an ONNX graph: one recurrent operator, a read-out, and the state as an input and an output."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from memspan.engine.trained import Trained
from memspan.exchange.cell import cell_of
from memspan.exchange.header import header
from memspan.exchange.keras_layout import ACTIVATIONS
from memspan.exchange.needed import needed
from memspan.exchange.onnx_layout import onnx_layer

__all__ = ["INSTALL", "to_onnx", "write_onnx"]

INSTALL = "pip install 'memspan[onnx]'"
OPSET, IR_VERSION = 21, 10  # of 2024, which runtimes in use read
OPERATORS = {"sigmoid": "Sigmoid", "softmax": "Softmax", "linear": "Identity"}


def to_onnx(trained: Trained) -> Any:
    """Return an ONNX model that computes what a network computes, checked by ONNX itself.

    Inputs are `inputs`, one-hot, [batch, time, n_inputs], and the state before, `hidden` (for an LSTM `cell` too),
    [1, batch, units]: zeros for a fresh start. Outputs are `probabilities` (as `Trained.probabilities` gives them),
    `logits`, both [batch, time, n_outputs], and the state after, `hidden_after` (and `cell_after`).

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=2), ms.rules.BPTT(), epochs=1)
        >>> graph = to_onnx(runs[0]).graph
        >>> [given.name for given in graph.input], [node.op_type for node in graph.node]
        (['inputs', 'hidden', 'cell'], ['Transpose', 'LSTM', 'Transpose', 'Squeeze', 'MatMul', 'Add', 'Sigmoid'])

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.

    Returns:
        An `onnx.ModelProto`; its metadata say layout, version, spec, seed, problem, symbols and model.

    Raises:
        InvalidInput: onnx is not installed, or the model is another.
    """
    onnx = needed("onnx", "an ONNX model", INSTALL)
    made = onnx.helper
    cell = cell_of(trained)
    layer, states = onnx_layer(cell), ["hidden", "cell"] if cell.kind == "LSTM" else ["hidden"]
    after = [f"{name}_after" for name in states]
    recurrent = ["time_first", "W", "R", "B", "", *states], ["all_hidden", *after]
    softmax = {"axis": -1} if ACTIVATIONS[trained.network.loss] == "softmax" else {}
    nodes = [
        made.make_node("Transpose", ["inputs"], ["time_first"], perm=[1, 0, 2]),
        made.make_node(layer.operator, *recurrent, **layer.attributes),
        made.make_node("Transpose", ["all_hidden"], ["batch_first"], perm=[2, 0, 1, 3]),
        made.make_node("Squeeze", ["batch_first", "direction"], ["every_hidden"]),
        made.make_node("MatMul", ["every_hidden", "read_out_kernel"], ["sums"]),
        made.make_node("Add", ["sums", "read_out_bias"], ["logits"]),
        made.make_node(OPERATORS[ACTIVATIONS[trained.network.loss]], ["logits"], ["probabilities"], **softmax),
    ]
    weights: dict[str, Any] = {"W": layer.w, "R": layer.r, "B": layer.b, "direction": np.array([2], np.int64)}
    weights |= {"read_out_kernel": cell.dense.kernel, "read_out_bias": cell.dense.bias}
    value = functools.partial(made.make_tensor_value_info, elem_type=onnx.TensorProto.FLOAT)
    state, outputs = [1, "batch", cell.layer.units], ["batch", "time", cell.n_outputs]
    inputs = [value("inputs", shape=["batch", "time", cell.n_inputs]), *(value(name, shape=state) for name in states)]
    results = [value(name, shape=outputs) for name in ("probabilities", "logits")]
    results += [value(name, shape=state) for name in after]
    initial = [_tensor(onnx, name, array) for name, array in weights.items()]
    graph = made.make_graph(nodes, cell.kind, inputs, results, initial)
    model = made.make_model(
        graph, opset_imports=[made.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="memspan"
    )
    made.set_model_props(model, header(trained, "onnx"))
    onnx.checker.check_model(model, full_check=True)
    return model


def _tensor(onnx: Any, name: str, array: Shaped[np.ndarray, "..."]) -> Any:
    return onnx.numpy_helper.from_array(np.ascontiguousarray(array), name)


def write_onnx(trained: Trained, path: Path) -> None:
    """Write an ONNX file.

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.
        path: of the file.

    Raises:
        InvalidInput: onnx is not installed, or the model is another.
    """
    path.write_bytes(to_onnx(trained).SerializeToString())
