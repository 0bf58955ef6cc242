"""A Keras model made of a network's weights, and a network of a Keras model's, in the user's own process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.trained import Trained
from memspan.exchange.keras_layout import KerasLayer, from_layers, keras_layers
from memspan.exchange.needed import needed

__all__ = ["build", "from_keras", "to_keras"]

PURPOSE, INSTALL = "a Keras model", "pip install 'memspan[keras]'"


def to_keras(trained: Trained) -> Any:
    """Return a Keras 3 model that computes what a network computes, on the backend that this process has chosen.

    It reads whole sequences, one-hot, of any length; the state starts afresh with each. Its outputs are those of
    `Trained.probabilities`: the read-out has the activation that goes with the loss.

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.

    Returns:
        A `keras.Sequential` of `Input((None, n_inputs))`, the layer and `Dense`, not compiled.

    Raises:
        InvalidInput: Keras is not installed, or has no such layer.
    """
    return build(trained.network.n_inputs, keras_layers(trained))


def build(n_inputs: int, layers: Sequence[KerasLayer]) -> Any:
    """Return a Keras model of layers.

    Args:
        n_inputs: size of the input vector of a step.
        layers: name of the class, settings and weights of each.
    """
    keras = needed("keras", PURPOSE, INSTALL)
    made = [getattr(keras.layers, layer.kind)(**layer.config) for layer in layers]
    model = keras.Sequential([keras.Input((None, n_inputs)), *made])
    model.set_weights([weights for layer in layers for weights in layer.weights])
    return model


def from_keras(problem: Problem, theirs: Any, model: Any = None) -> Trained:
    """Return a network with the weights of a Keras 3 model: one LSTM, GRU or SimpleRNN, and a Dense read-out.

    Args:
        problem: what its inputs and outputs mean.
        theirs: a built model; `Dropout` is left out. Whether it is stateful or returns sequences makes no difference.
        model: the model that is expected, if any.

    Returns:
        The network, ready to be asked, explained and exported.

    Raises:
        InvalidInput: it has other layers, or computes another function than ours.
    """
    # A functional model is a graph; its layers alone do not say how they are joined.
    config = theirs.get_config()
    joined = chained(type(theirs).__name__, config)
    by_name = {layer.name: layer for layer in theirs.layers}
    found = [
        KerasLayer(kind, settings, by_name[name].get_weights() if name in by_name else [])
        for kind, name, settings in joined
    ]
    return from_layers(problem, found, model)


def chained(kind: str, config: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Return class, name and settings of a Keras model's layers, if each one reads the one before it.

    Args:
        kind: name of the model's class.
        config: its settings.

    Raises:
        InvalidInput: the model is not a chain of layers.
    """
    entries = config.get("layers") if isinstance(config, dict) else None
    if kind not in ("Sequential", "Functional") or not entries:
        raise InvalidInput(f"a Keras model must be Sequential or functional to be read, but got {kind}; rebuild it so")
    names = [entry["config"]["name"] for entry in entries]
    if kind == "Functional":
        for entry, before in zip(entries[1:], names[:-1], strict=True):
            if _read_by(entry.get("inbound_nodes")) != [before]:
                raise InvalidInput(
                    f"a Keras model must be a chain of layers to be read, but '{entry['config']['name']}' does not "
                    f"read '{before}' alone; rebuild it so"
                )
    return [(entry["class_name"], name, entry["config"]) for entry, name in zip(entries, names, strict=True)]


def _read_by(value: Any) -> list[str]:
    """Return the names of the layers whose outputs a node of the graph reads."""
    if isinstance(value, dict):
        history = value.get("keras_history")
        return [history[0]] if history else [name for each in value.values() for name in _read_by(each)]
    return [name for each in value for name in _read_by(each)] if isinstance(value, list | tuple) else []
