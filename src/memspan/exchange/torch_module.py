"""PyTorch modules made of a network's weights, and files of a `state_dict`."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.trained import Trained
from memspan.exchange.cell import cell_of
from memspan.exchange.needed import needed
from memspan.exchange.torch_layout import from_torch, recurrent_settings, torch_state

__all__ = ["read_torch", "to_torch", "write_torch"]

PURPOSE, INSTALL = "a PyTorch module", "pip install torch"


def to_torch(trained: Trained) -> Any:
    """Return a PyTorch module that computes what a network computes, with the layers of PyTorch itself.

    `module(inputs, state=None)` reads one-hot inputs, batch first, and returns `(logits, state)`: logits, for PyTorch's
    losses take these; and the state, to be handed in again where a sequence goes on.

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.

    Returns:
        An `nn.Module` with the layers `recurrent` and `read_out`.

    Raises:
        InvalidInput: PyTorch is not installed, or has no such layer.
    """
    torch = needed("torch", PURPOSE, INSTALL)
    cell = cell_of(trained)
    name, settings = recurrent_settings(cell)

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layer = getattr(torch.nn, name)
            self.recurrent = layer(cell.n_inputs, cell.layer.units, batch_first=True, **settings)
            self.read_out = torch.nn.Linear(cell.layer.units, cell.n_outputs)

        def forward(self, inputs: Any, state: Any = None) -> tuple[Any, Any]:
            hidden, state = self.recurrent(inputs, state)
            return self.read_out(hidden), state

    module: Any = Network()
    module.load_state_dict({name: torch.from_numpy(array) for name, array in torch_state(trained).items()})
    return module


def write_torch(trained: Trained, path: Path) -> None:
    """Write a `state_dict` with `torch.save`.

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.
        path: of the file.

    Raises:
        InvalidInput: PyTorch is not installed, or has no such layer.
    """
    torch = needed("torch", PURPOSE, INSTALL)
    torch.save({name: torch.from_numpy(array) for name, array in torch_state(trained).items()}, path)


def read_torch(problem: Problem, path: Path, model: Any = None) -> Trained:
    """Return the network whose `state_dict` a file holds.

    The file is read with `weights_only=True`: PyTorch then takes tensors out of it and runs nothing that is in it.

    Args:
        problem: what its inputs and outputs mean.
        path: of the file.
        model: what it is; an RNN needs it.

    Raises:
        InvalidInput: the file holds something else than tensors by name, or other layers than ours.
    """
    torch = needed("torch", f"reading {path}", INSTALL)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise InvalidInput(
            f"{path} must be a state_dict that torch.save wrote, tensors and nothing else, but "
            f"{str(error).splitlines()[0]}; save module.state_dict()"
        ) from None
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):  # pyright: ignore[reportUnknownMemberType]
        raise InvalidInput(
            f"{path} must hold tensors by name, but got {type(state).__name__}; save module.state_dict()"
        )
    return from_torch(problem, state, model)  # pyright: ignore[reportUnknownArgumentType]
