"""What all frameworks share: one recurrent layer and a dense read-out, with their weights."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.network import Network
from memspan.engine.trained import Trained
from memspan.models import GRU, LSTM, Dense, Elman, Stack
from memspan.models.dense import DenseParams
from memspan.models.elman import ElmanParams
from memspan.models.gru import GRUParams
from memspan.models.lstm import LSTMParams

__all__ = ["KINDS", "Cell", "cell_of", "checked", "reordered", "trained_of"]

# Each kind of layer with its weights' type and the one setting that decides which function it is; the other
# settings decide how it starts out or how it is computed.
KINDS: dict[str, tuple[Any, Any, str]] = {
    "LSTM": (LSTM, LSTMParams, "gate"),
    "GRU": (GRU, GRUParams, "reset"),
    "Elman": (Elman, ElmanParams, "activation"),
}


class Cell(NamedTuple):
    """A recurrent layer with its read-out.

    Attributes:
        layer: an LSTM, a GRU or an Elman network.
        params: its weights, as it lays them out.
        dense: weights of the read-out.
    """

    layer: LSTM | GRU | Elman
    params: LSTMParams | GRUParams | ElmanParams
    dense: DenseParams

    @property
    def kind(self) -> str:
        """Name of the layer's type."""
        return type(self.layer).__name__

    @property
    def n_inputs(self) -> int:
        """Size of the input vector."""
        return len(self.params.kernel)

    @property
    def n_outputs(self) -> int:
        """Size of the output vector."""
        return self.dense.kernel.shape[1]


def cell_of(trained: Trained) -> Cell:
    """Return the recurrent layer and the read-out of a network.

    Args:
        trained: the network.

    Raises:
        InvalidInput: it is made of anything else.
    """
    layers, params = _flat(trained.network.stack, trained.params)
    if [type(layer).__name__ in KINDS for layer in layers] != [True, False] or not isinstance(layers[1], Dense):
        names = " and ".join(type(layer).__name__ for layer in layers)
        raise InvalidInput(
            "model must be an LSTM, a GRU or an Elman network with a dense read-out for other frameworks to have it "
            f"too, but got {names}; a .safetensors file in memspan's own layout holds any model"
        )
    if params[1].bias is None:
        raise InvalidInput("the read-out must have a bias to be exchanged, but got one without; use Dense(n_outputs)")
    return Cell(layers[0], params[0], params[1])


def _flat(stack: Any, params: Any) -> tuple[list[Any], list[Any]]:
    """Return layers and their weights, those of stacks in stacks too."""
    layers: list[Any] = []
    weights: list[Any] = []
    for layer, part in zip(stack.layers, params, strict=True):
        below = _flat(layer, part) if isinstance(layer, Stack) else ([layer], [part])
        layers, weights = layers + below[0], weights + below[1]
    return layers, weights


def trained_of(problem: Problem, cell: Cell, model: Any = None) -> Trained:
    """Return a network with given weights, ready to be asked.

    Args:
        problem: what its inputs and outputs mean.
        cell: the weights, in a layer whose settings are those that were found with them.
        model: the model that was expected, if any; it must compute the same function.

    Raises:
        InvalidInput: the weights do not fit the problem or the model.
    """
    network = Network.of(problem, cell.layer if model is None else model)
    if model is not None:
        wanted = _flat(network.stack, network.stack.init(np.random.default_rng(0), problem.n_inputs))[0][0]
        _agree(wanted, cell)
    if (cell.n_inputs, cell.n_outputs) != (problem.n_inputs, problem.n_outputs):
        raise InvalidInput(
            f"weights must be of a network with {problem.n_inputs} inputs and {problem.n_outputs} outputs for "
            f"{problem.variant}, but got {cell.n_inputs} and {cell.n_outputs}; name the problem that it was trained on"
        )
    return Trained(problem, network, network.layout.ravel((cell.params, cell.dense)))


def _agree(wanted: Any, cell: Cell) -> None:
    """Refuse weights of another function than the model's."""
    setting = KINDS[cell.kind][2]
    found = f"{cell.kind}(units={cell.layer.units}, {setting}={getattr(cell.layer, setting)!r})"
    same = type(wanted) is type(cell.layer) and all(
        getattr(wanted, name) == getattr(cell.layer, name) for name in ("units", setting)
    )
    if not same:
        raise InvalidInput(
            f"model must be the function that the weights are of, {found}, but got {wanted!r}; pass that"
        )


def checked(name: str, array: Any, *shape: int | None) -> Float[np.ndarray, "..."]:
    """Return weights of another framework as a NumPy array of our precision, if they have the shape that they must.

    Example:
        >>> checked("bias", np.zeros(3), 3)
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: bias must be float32, but got float64; convert it, for rounding is yours
        to decide

    Args:
        name: what to call them.
        array: the weights.
        shape: sizes of the axes; None where any will do.

    Raises:
        InvalidInput: type or shape is another.
    """
    array = np.asarray(array)
    if array.dtype != np.float32:
        raise InvalidInput(
            f"{name} must be float32, but got {array.dtype}; convert it, for rounding is yours to decide"
        )
    fits = len(shape) == array.ndim and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits:
        wanted = " x ".join("any" if n is None else str(n) for n in shape)
        raise InvalidInput(f"{name} must be of shape {wanted}, but got {array.shape}; see that it belongs to the rest")
    return np.ascontiguousarray(array)


def reordered(array: Shaped[np.ndarray, "... wide"], order: tuple[int, ...]) -> Shaped[np.ndarray, "... wide"]:
    """Return an array whose last axis is made of equal blocks, with the blocks in another order.

    Example:
        >>> reordered(np.arange(6), (2, 0, 1)).tolist()
        [4, 5, 0, 1, 2, 3]

    Args:
        array: blocks of gates, side by side.
        order: for each new place the old one.
    """
    blocks = np.split(array, len(order), axis=-1)
    return np.concatenate([blocks[old] for old in order], axis=-1)
