"""What a Keras model is made of, as an adapter sees it: its stateful layers, its last activation, its input's shape."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from jaxtyping import Shaped

__all__ = ["StatefulLayers", "layers_of", "without_activation"]

ops: Any = keras.ops

# The activation that a loss of ours has in itself, so that outputs are logits.
CONTAINED = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}


class StatefulLayers:
    """The layers of a model that keep their state from one batch to the next.

    Args:
        model: the model.
    """

    def __init__(self, model: Any) -> None:
        self._layers = [each for each in layers_of(model) if getattr(each, "stateful", False) and _states(each)]

    def __bool__(self) -> bool:
        return bool(self._layers)

    @property
    def variables(self) -> list[Any]:
        """The variables that hold the state."""
        return [variable for layer in self._layers for variable in _states(layer)]

    def reset(self) -> None:
        """Have each layer forget."""
        for layer in self._layers:
            for variable in _states(layer):  # reset_state() of a layer of stacked cells fails in Keras 3.15
                variable.assign(ops.zeros_like(variable.value))

    def values(self) -> list[Shaped[np.ndarray, "..."]]:
        """Return the state as arrays."""
        return [np.array(ops.convert_to_numpy(each.value)) for each in self.variables]

    def put(self, values: list[Shaped[np.ndarray, "..."]]) -> None:
        """Put a state in the place of the layers' own."""
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)


def layers_of(model: Any) -> list[Any]:
    """Return all layers of a model, those inside others too, in their order."""
    return [each for each in model._flatten_layers(include_self=False) if isinstance(each, keras.layers.Layer)]


def without_activation(model: Any, loss: str) -> bool:
    """Take off the last activation where the loss has it in itself; say whether there was one."""
    last = model.layers[-1] if getattr(model, "layers", None) else None
    while isinstance(last, keras.layers.TimeDistributed | keras.Model):
        last = last.layer if isinstance(last, keras.layers.TimeDistributed) else last.layers[-1]
    if isinstance(last, keras.layers.Softmax) and CONTAINED.get(loss) == "softmax":
        last.call = lambda inputs, mask=None: inputs
        return True
    name = getattr(getattr(last, "activation", None), "__name__", None)
    if last is None or name is None or CONTAINED.get(loss) != name or hasattr(last, "cell"):
        return False
    last.activation = keras.activations.linear
    return True


def _states(layer: Any) -> list[Any]:
    return [each for each in keras.tree.flatten(getattr(layer, "states", None)) if each is not None]
