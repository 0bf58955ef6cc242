"""Weights by name, as a store and a safetensors file hold them: any model's, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.network import Network
from memspan.engine.trained import Trained
from memspan.exchange.cell import checked

__all__ = ["from_tensors", "tensors"]


def tensors(trained: Trained) -> dict[str, Float[np.ndarray, "..."]]:
    """Return the weights of any network by name: the number of the layer, and the path in its parameters.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.GRU(units=2), ms.rules.BPTT(), epochs=1)
        >>> {name: array.shape for name, array in tensors(runs[0]).items()}
        {'0.kernel': (5, 6), '0.recurrent': (2, 6), '0.bias': (2, 6), '1.kernel': (2, 5), '1.bias': (5,)}

    Args:
        trained: the network.

    Returns:
        Arrays by name, the read-out's last.
    """
    return trained.network.layout.named(trained.vector)


def from_tensors(problem: Problem, model: Any, named: Mapping[str, Any]) -> Trained:
    """Return a network of a model with weights that `tensors` named.

    Args:
        problem: what its inputs and outputs mean.
        model: what it is.
        named: arrays by name.

    Raises:
        InvalidInput: an array is missing, of another shape, or not of this model.
    """
    network = Network.of(problem, model)
    names = network.layout.parts
    if set(names) != set(named):
        apart = sorted(set(names) ^ set(named))[0]
        raise InvalidInput(
            f"weights must be those of {model!r}, {', '.join(names)}, but '{apart}' is "
            f"{'missing' if apart in names else 'of no part of it'}; name the model that they were trained in"
        )
    arrays = [checked(name, named[name], *shape) for name, shape in names.items()]
    return Trained(problem, network, np.concatenate([array.ravel() for array in arrays]))
