"""Gradients of a Keras model's loss in each of its backends, and its outputs without any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

__all__ = ["Differentiated", "differentiated", "evaluated"]

ops: Any = keras.ops

# (arrays) -> (loss, whatever else is wanted of the pass)
Cost = Callable[..., tuple[Any, Any]]


class Differentiated(NamedTuple):
    """What a pass forth and back gives.

    Attributes:
        loss: the loss.
        gradients: one a variable, in their order; zeros where the loss does not depend on it.
        also: what else the cost gave, as tensors of the backend.
    """

    loss: float
    gradients: list[Any]
    also: Any


def differentiated(cost: Cost, variables: list[Any], others: list[Any]) -> Callable[..., Differentiated]:
    """Return the function that gives a cost and its gradient.

    Args:
        cost: made of Keras operations, (arrays, nested as wanted) -> (loss, anything).
        variables: with respect to which the gradient is taken.
        others: variables that a pass may change: generators of drop-out, averages of a normalisation.
    """
    backend = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}[keras.backend.backend()]
    raw = backend(cost, variables, others)

    def run(*arrays: Any) -> Differentiated:
        loss, gradients, also = raw(*arrays)
        numbers = [
            np.zeros(variable.shape, np.float32) if gradient is None else ops.convert_to_numpy(gradient)
            for variable, gradient in zip(variables, gradients, strict=True)
        ]
        return Differentiated(float(ops.convert_to_numpy(loss)), numbers, also)

    return run


def evaluated(function: Callable[..., Any], variables: list[Any]) -> Callable[..., Any]:
    """Return a function of Keras operations without gradients, compiled where the backend does that.

    Args:
        function: (arrays) -> anything.
        variables: all that it reads.
    """
    if keras.backend.backend() == "torch":
        import torch

        return torch.no_grad()(function)
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_function(function)
    import jax

    def pure(values: list[Any], *arrays: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return function(*arrays)

    compiled = jax.jit(pure)
    return lambda *arrays: compiled([variable.value for variable in variables], *arrays)


def _jax(cost: Cost, variables: list[Any], others: list[Any]) -> Callable[..., Any]:
    import jax

    def pure(values: list[Any], rest: list[Any], *arrays: Any) -> Any:
        mapping = [*zip(variables, values, strict=True), *zip(others, rest, strict=True)]
        with keras.StatelessScope(state_mapping=mapping) as scope:
            loss, also = cost(*arrays)
        after = [scope.get_current_value(each) for each in others]
        return loss, (also, [old if new is None else new for new, old in zip(after, rest, strict=True)])

    compiled = jax.jit(jax.value_and_grad(pure, has_aux=True))

    def run(*arrays: Any) -> Any:
        values = [each.value for each in variables]
        (loss, (also, after)), gradients = compiled(values, [each.value for each in others], *arrays)
        for each, value in zip(others, after, strict=True):
            each.assign(value)
        return loss, gradients, also

    return run


def _tensorflow(cost: Cost, variables: list[Any], others: list[Any]) -> Callable[..., Any]:
    import tensorflow

    def run(*arrays: Any) -> Any:
        with tensorflow.GradientTape() as tape:
            loss, also = cost(*arrays)
        return loss, tape.gradient(loss, [each.value for each in variables]), also

    return _tensorflow_function(run)


def _tensorflow_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile once a shape: Keras traces its own control flow, and its loops need to know how many steps there are."""
    import tensorflow

    compiled: Any = tensorflow.function(function, autograph=False)
    return compiled


def _torch(cost: Cost, variables: list[Any], others: list[Any]) -> Callable[..., Any]:
    import torch

    def run(*arrays: Any) -> Any:
        loss, also = cost(*arrays)
        return loss, torch.autograd.grad(loss, [each.value for each in variables], allow_unused=True), also

    return run
