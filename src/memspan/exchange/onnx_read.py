"""A network made of an ONNX graph: ours, or another's of the same operators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.trained import Trained
from memspan.exchange.cell import Cell, checked, trained_of
from memspan.exchange.header import check_header
from memspan.exchange.keras_layout import ACTIVATIONS
from memspan.exchange.needed import needed
from memspan.exchange.onnx_graph import INSTALL
from memspan.exchange.onnx_layout import OPERATORS, OnnxLayer, from_onnx_layer
from memspan.models.dense import DenseParams

__all__ = ["from_onnx", "read_onnx"]

RECURRENT = tuple(OPERATORS.values())
READ_OUT = ("MatMul", "Gemm")
SHAPING = ("Transpose", "Squeeze", "Unsqueeze", "Reshape", "Identity")  # what they do to values is nothing
CLOSING = {"Sigmoid": "sigmoid", "Softmax": "softmax"}


def read_onnx(problem: Problem, path: Path, model: Any = None) -> Trained:
    """Return the network that an ONNX file holds; see `from_onnx`.

    Args:
        problem: what its inputs and outputs mean.
        path: of the file.
        model: the model that is expected, if any.

    Raises:
        InvalidInput: the file is damaged, holds other operators, or another function than ours.
    """
    onnx = needed("onnx", f"reading {path}", INSTALL)
    try:
        theirs = onnx.load_model_from_string(path.read_bytes())
        onnx.checker.check_model(theirs)
    except Exception as error:  # of the protocol buffers' library, which has its own
        if isinstance(error, OSError):
            raise
        first = (str(error).strip().splitlines() or ["it cannot be parsed"])[0]
        raise InvalidInput(f"{path} must be an ONNX model, but {first}; export it again") from None
    return from_onnx(problem, theirs, model)


def from_onnx(problem: Problem, theirs: Any, model: Any = None) -> Trained:
    """Return a network with the weights of an ONNX model: one LSTM, GRU or RNN, and one affine read-out.

    Args:
        problem: what its inputs and outputs mean.
        theirs: an `onnx.ModelProto` whose weights are in it, not in another file.
        model: the model that is expected, if any.

    Returns:
        The network, ready to be asked, explained and exported.

    Raises:
        InvalidInput: it has other operators, or computes another function than ours.
    """
    onnx = needed("onnx", "an ONNX model", INSTALL)
    check_header({prop.key: prop.value for prop in theirs.metadata_props}, problem)
    nodes, arrays = _parts(onnx, theirs.graph)
    recurrent, read_out, shift = _chain(problem, nodes, arrays, theirs.graph.output[0].name)
    attributes = _attributes(onnx, recurrent)
    names = [*recurrent.input, *[""] * 8]
    w, r = (_array(arrays, names[place], part) for place, part in ((1, "W"), (2, "R")))
    b = _array(arrays, names[3], "B") if names[3] else np.zeros((1, 2 * w.shape[1]), np.float32)
    if names[7]:
        raise InvalidInput("an ONNX LSTM must have no peepholes to be read, but got P; train memspan's PeepholeLSTM")
    for name in filter(None, names[5:7]):
        _check_start(nodes, arrays, name)
    layer, params = from_onnx_layer(OnnxLayer(recurrent.op_type, attributes, w, r, b))
    kernel = checked("weights of the read-out", read_out, layer.units, None)
    bias = np.zeros(kernel.shape[1], np.float32) if shift is None else np.reshape(shift, -1)
    dense = DenseParams(kernel, checked("bias of the read-out", bias, kernel.shape[1]))
    return trained_of(problem, Cell(layer, params, dense), model)


def _parts(onnx: Any, graph: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the nodes that compute, and the arrays that are written into the graph."""
    if any(one.data_location == onnx.TensorProto.EXTERNAL for one in graph.initializer):
        raise InvalidInput("an ONNX model must hold its weights, but they are in another file; save it as one file")
    arrays = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    nodes: list[Any] = []
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            arrays[node.output[0]] = onnx.numpy_helper.to_array(node.attribute[0].t)
        else:
            nodes.append(node)
    return nodes, arrays


def _attributes(onnx: Any, node: Any) -> dict[str, Any]:
    """Return what a node is told, words as text."""

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return value.decode()
        return [plain(each) for each in value] if isinstance(value, list | tuple) else value

    return {one.name: plain(onnx.helper.get_attribute_value(one)) for one in node.attribute}


def _array(arrays: dict[str, Any], name: str, part: str) -> Any:
    if name not in arrays:
        raise InvalidInput(f"{part} must be written into the graph, but is computed in it; export the model folded")
    return arrays[name]


def _chain(problem: Problem, nodes: list[Any], arrays: dict[str, Any], end: str) -> tuple[Any, Any, Any]:
    """Return the recurrent node, the read-out's kernel and its bias or None, where nothing else makes the output."""
    chain = _walked_back(nodes, arrays, end)
    kinds = [node.op_type for node in chain]
    closing = kinds[-1] if kinds and kinds[-1] in CLOSING else None
    wanted = kinds[:-1] if closing else kinds
    if len(wanted) < 2 or wanted[0] not in RECURRENT or wanted[1] not in READ_OUT or wanted[2:] not in ([], ["Add"]):
        raise InvalidInput(
            "an ONNX model must be one LSTM, GRU or RNN and one affine read-out to be read, but its output is made by "
            f"{', '.join(kinds) or 'nothing'}; other operators cannot be exchanged"
        )
    if closing and CLOSING[closing] != ACTIVATIONS[problem.loss]:
        raise InvalidInput(
            f"the read-out must end in {ACTIVATIONS[problem.loss]} or in nothing, for {problem.variant} is trained "
            f"with {problem.loss}, but got {closing}; it is another function"
        )
    product = chain[1]
    kernel = _array(arrays, product.input[1], "the read-out's kernel")
    shift = arrays.get(product.input[2]) if len(product.input) == 3 else None
    told = {one.name: one for one in product.attribute}
    if product.op_type == "Gemm" and "transB" in told and told["transB"].i:
        kernel = kernel.T
    if "Add" in wanted:
        shift = next(arrays[name] for name in chain[2].input if name in arrays)
    return chain[0], kernel, shift


def _walked_back(nodes: list[Any], arrays: dict[str, Any], end: str) -> list[Any]:
    """Return the nodes that make a value, from the inputs on; those that only shape it are left out."""
    made_by = {name: node for node in nodes for name in node.output}
    chain: list[Any] = []
    while (node := made_by.get(end)) is not None:
        read = [name for name in node.input if name not in arrays] if node.op_type == "Add" else list(node.input)
        # What an LSTM keeps inside is no output of ours.
        if (node.op_type == "Add" and len(read) > 1) or (node.op_type in RECURRENT and end not in node.output[:2]):
            return [node]
        if node.op_type not in SHAPING:
            chain.insert(0, node)
        end = read[0]
    return chain


def _check_start(nodes: list[Any], arrays: dict[str, Any], name: str) -> None:
    """Refuse a first state that the graph sets to anything but zeros; where it is an input, zeros are what is meant."""
    made_by = {each: node for node in nodes for each in node.output}
    node = made_by.get(name)
    if node is not None:
        name = node.input[0] if node.op_type == "Expand" else ""
    if (node is not None and name not in arrays) or np.any(arrays.get(name, 0)):
        raise InvalidInput("a first state must be zero to be read, but the graph makes another; start from zeros")
