"""What a Keras model is made of, as an adapter sees it: its stateful layers, its last activation, its input's shape."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any

import keras
import numpy as np
from jaxtyping import Shaped

from memspan.core.errors import RunFailed

__all__ = ["LastActivation", "StatefulLayers", "layers_of"]

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

    def reset_themselves(self) -> str:
        """Have each layer forget by its own method, as a user's own loop would; return the method's name.

        Raises:
            RunFailed: it fails.
        """
        for layer in self._layers:
            try:
                layer.reset_state()
            except Exception as error:
                raise RunFailed(
                    f"reset_state() of its layer {layer.name} fails in Keras {keras.__version__} "
                    f"({type(error).__name__}: {error}); memspan resets it all the same, but in your own code set each "
                    "of keras.tree.flatten(layer.states) to zeros"
                ) from error
        return "reset_state()"

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


class LastActivation:
    """The last activation of a model where the loss has it in itself, taken off: outputs are logits then.

    Args:
        model: the model.
        loss: one of `core.problem.LOSSES`.
    """

    def __init__(self, model: Any, loss: str) -> None:
        self._layer, self._place = _closing(model, CONTAINED.get(loss, ""))
        self._written: Any = getattr(self._layer, self._place, None)
        self._take_off()

    def __bool__(self) -> bool:
        return self._layer is not None

    @contextlib.contextmanager
    def as_written(self) -> Generator[None, None, None]:
        """Put it on again for a while."""
        if self._layer is not None:
            setattr(self._layer, self._place, self._written)
        try:
            yield
        finally:
            self._take_off()

    def _take_off(self) -> None:
        if self._layer is not None:
            nothing = keras.activations.linear if self._place == "activation" else lambda inputs, mask=None: inputs
            setattr(self._layer, self._place, nothing)


def _closing(model: Any, name: str) -> tuple[Any, str]:
    """Return the layer that ends with an activation of this name, and the attribute that makes it; else None."""
    last = model.layers[-1] if getattr(model, "layers", None) else None
    while isinstance(last, keras.layers.TimeDistributed | keras.Model):
        last = last.layer if isinstance(last, keras.layers.TimeDistributed) else last.layers[-1]
    if isinstance(last, keras.layers.Softmax):
        return (last, "call") if name == "softmax" else (None, "")
    found = getattr(getattr(last, "activation", None), "__name__", None)
    if found is None or found != name or hasattr(last, "cell"):
        return None, ""
    return last, "activation"


def _states(layer: Any) -> list[Any]:
    return [each for each in keras.tree.flatten(getattr(layer, "states", None)) if each is not None]
