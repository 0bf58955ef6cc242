"""Weights as Keras' `get_weights` lists them: ours lie as Keras' do, so that nothing is turned around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.trained import Trained
from memspan.exchange.cell import KINDS, Cell, cell_of, checked, trained_of
from memspan.models.dense import DenseParams

__all__ = ["ACTIVATIONS", "KerasLayer", "from_layers", "keras_layers", "keras_weights"]

# What the read-out's activation is, so that Keras' outputs are what `Trained.probabilities` gives.
ACTIVATIONS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax", "squared_error": "linear"}
NAMES = {"LSTM": "LSTM", "GRU": "GRU", "Elman": "SimpleRNN"}
IGNORED = ("InputLayer", "Dropout")  # they change nothing where a trained network is asked


class KerasLayer(NamedTuple):
    """A layer of a Keras model.

    Attributes:
        kind: name of its class.
        config: its settings, as `layer.get_config()` gives them.
        weights: its weights, as `layer.get_weights()` gives them.
    """

    kind: str
    config: Mapping[str, Any]
    weights: Sequence[Any]


def keras_weights(trained: Trained) -> list[Float[np.ndarray, "..."]]:
    """Return the weights of a network as `set_weights` of a Keras model takes them.

    The model is `Sequential([LSTM(units, return_sequences=True), Dense(n)])`, or GRU or SimpleRNN.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.GRU(units=2), ms.rules.BPTT(), epochs=1)
        >>> [array.shape for array in keras_weights(runs[0])]
        [(5, 6), (2, 6), (2, 6), (2, 5), (5,)]

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.

    Returns:
        Kernel, recurrent kernel and bias of the layer, kernel and bias of the read-out.

    Raises:
        InvalidInput: Keras has no such layer.

    References:
        keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN.
    """
    return [weights for layer in keras_layers(trained) for weights in layer.weights]


def keras_layers(trained: Trained) -> tuple[KerasLayer, KerasLayer]:
    """Return the two layers of the Keras model that computes what a network computes.

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.

    Raises:
        InvalidInput: Keras has no such layer.
    """
    cell = cell_of(trained)
    settings = {"units": cell.layer.units, "return_sequences": True}
    value = getattr(cell.layer, KINDS[cell.kind][2])
    if cell.kind == "GRU":
        settings["reset_after"] = value == "after"
    elif cell.kind == "Elman":
        settings["activation"] = value
    elif value != "sigmoid":
        raise InvalidInput(
            f"model must be LSTM(gate='sigmoid') for Keras 3 to have it too, but got gate={value!r}: Keras 3's "
            "hard_sigmoid has another slope; export to ONNX, which knows both"
        )
    bias = cell.params.bias[0] if cell.kind == "GRU" and value == "before" else cell.params.bias
    read_out = {"units": cell.n_outputs, "activation": ACTIVATIONS[trained.network.loss]}
    return (
        KerasLayer(NAMES[cell.kind], settings, [cell.params.kernel, cell.params.recurrent, bias]),
        KerasLayer("Dense", read_out, [cell.dense.kernel, cell.dense.bias]),
    )


def from_layers(problem: Problem, layers: Sequence[KerasLayer], model: Any = None) -> Trained:
    """Return a network with the weights of a Keras model's layers.

    Example:
        >>> import memspan as ms
        >>> rnn = KerasLayer("SimpleRNN", {"activation": "tanh"}, [np.zeros((5, 2), "f"), np.eye(2, dtype="f")])
        >>> dense = KerasLayer("Dense", {"activation": "relu"}, [np.zeros((2, 5), "f"), np.zeros(5, "f")])
        >>> from_layers(ms.problems.Conflict(), [rnn, dense])
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: activation of the read-out must be sigmoid or linear, for conflict... is
        trained with binary_cross_entropy, but got 'relu'; ...

    Args:
        problem: what its inputs and outputs mean.
        layers: all layers, in their order.
        model: the model that is expected, if any.

    Raises:
        InvalidInput: it has other layers, or computes another function than ours.
    """
    asked = [layer for layer in layers if layer.kind not in IGNORED]
    kinds = {theirs: ours for ours, theirs in NAMES.items()}
    if len(asked) != 2 or asked[0].kind not in kinds or _dense(asked[1]).kind != "Dense":
        raise InvalidInput(
            "a Keras model must be one LSTM, GRU or SimpleRNN and a Dense read-out to be read, but got "
            f"{', '.join(layer.kind for layer in layers) or 'no layer'}; other layers cannot be exchanged"
        )
    recurrent, dense = asked[0], _dense(asked[1])
    kind = kinds[recurrent.kind]
    setting, value = _function(kind, recurrent.config)
    kernel, weights = _weights(recurrent), list(recurrent.weights)
    units, blocks = len(weights[1]), {"LSTM": 4, "GRU": 3, "Elman": 1}[kind]
    rows = 2 if value == "after" else 1
    bias = np.asarray(weights[2] if len(weights) == 3 else np.zeros((rows, blocks * units), np.float32))
    bias = np.reshape(bias, (rows, -1) if kind == "GRU" else -1)
    params = KINDS[kind][1](
        checked("kernel", kernel, None, blocks * units),
        checked("recurrent kernel", weights[1], units, blocks * units),
        checked("bias", bias, *((rows,) if kind == "GRU" else ()), blocks * units),
    )
    _check_read_out(problem, dense)
    kernel = checked("kernel of the read-out", _weights(dense), units, None)
    shift = dense.weights[1] if len(dense.weights) == 2 else np.zeros(kernel.shape[1], np.float32)
    read_out = DenseParams(kernel, checked("bias of the read-out", shift, kernel.shape[1]))
    return trained_of(problem, Cell(KINDS[kind][0](units, **{setting: value}), params, read_out), model)


def _weights(layer: KerasLayer) -> Any:
    """Return a layer's first weights, where there are as many as there must be."""
    least = 1 if layer.kind == "Dense" else 2
    if not least <= len(layer.weights) <= least + 1:
        raise InvalidInput(
            f"{layer.kind} must have {least} or {least + 1} arrays of weights, but got {len(layer.weights)}; "
            "build the model before it is exported"
        )
    return layer.weights[0]


def _dense(layer: KerasLayer) -> KerasLayer:
    """Return the layer that is applied at each step, where one says so explicitly."""
    if layer.kind != "TimeDistributed":
        return layer
    inner = layer.config["layer"]
    return KerasLayer(inner["class_name"], inner["config"], layer.weights)


def _function(kind: str, config: Mapping[str, Any]) -> tuple[str, str]:
    """Return the setting of ours that makes the function that a Keras layer computes, or say which is not ours."""
    setting = KINDS[kind][2]
    wanted: dict[str, Any] = {"go_backwards": False}
    if kind != "Elman":
        wanted |= {"activation": "tanh", "recurrent_activation": "sigmoid"}
    for name, value in wanted.items():
        if config.get(name, value) != value:
            raise InvalidInput(
                f"{name} of {NAMES[kind]} must be {value!r} for memspan to have the layer too, but got "
                f"{config[name]!r}; it is another function"
            )
    if kind == "LSTM":
        return setting, "sigmoid"
    if kind == "GRU":
        return setting, "after" if config.get("reset_after", True) else "before"
    return setting, config.get("activation", "tanh")


def _check_read_out(problem: Problem, dense: KerasLayer) -> None:
    """Refuse an activation that the problem's loss does not go with; where there is none, outputs are logits."""
    given, fits = dense.config.get("activation", "linear"), ACTIVATIONS[problem.loss]
    if given not in (fits, "linear"):
        allowed = " or ".join(dict.fromkeys([fits, "linear"]))
        raise InvalidInput(
            f"activation of the read-out must be {allowed}, for {problem.variant} is trained with {problem.loss}, but "
            f"got {given!r}; it is another function"
        )
