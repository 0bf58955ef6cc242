"""Weights in files: what is written and read is decided by the file's name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput, check_choice
from memspan.core.problem import Problem
from memspan.engine.trained import Trained
from memspan.exchange.keras_file import read_keras, write_keras
from memspan.exchange.onnx_graph import write_onnx
from memspan.exchange.onnx_read import read_onnx
from memspan.exchange.safetensors_file import read_safetensors, write_safetensors
from memspan.exchange.torch_module import read_torch, write_torch

__all__ = ["load", "save"]

FORMATS: dict[str, tuple[Callable[..., None], Callable[..., Trained]]] = {
    ".safetensors": (write_safetensors, read_safetensors),
    ".pt": (write_torch, read_torch),
    ".keras": (write_keras, read_keras),
    ".onnx": (write_onnx, read_onnx),
}


def save(trained: Trained, path: str | os.PathLike[str], layout: str = "memspan") -> None:
    """Write the weights of a network; the end of the file's name says how.

    Example:
        >>> import memspan as ms, tempfile
        >>> problem = ms.problems.Conflict()
        >>> runs = ms.train(problem, ms.models.LSTM(units=2), ms.rules.BPTT(), epochs=1)
        >>> file = tempfile.mkdtemp() + "/network.safetensors"
        >>> save(runs[0], file)
        >>> load(problem, file).predict([3, 0]) == runs[0].predict([3, 0])
        True

    Args:
        trained: the network: `runs[0]`, say. A .safetensors file holds any model; the others hold an LSTM, a GRU or an
            Elman network with a dense read-out.
        path: .safetensors, .onnx, .keras, or .pt for a PyTorch `state_dict`.
        layout: of a .safetensors file: "memspan", or "torch" for PyTorch's names.

    Raises:
        InvalidInput: the format is unknown, cannot hold the model, or its library is not installed.
    """
    write, _ = _format(path)
    settings = {} if layout == "memspan" else {"layout": layout}
    if settings and write is not write_safetensors:
        raise InvalidInput(f"layout must be left out but for a .safetensors file, but got {layout!r}; leave it out")
    try:
        write(trained, Path(path), **settings)
    except OSError as error:
        raise InvalidInput(f"{path} could not be written, for {error.strerror or error}; name another file") from None


def load(problem: Problem, path: str | os.PathLike[str], model: Any = None) -> Trained:
    """Return the network whose weights a file holds, ours or another framework's; nothing in the file is run.

    Args:
        problem: what its inputs and outputs mean.
        path: .safetensors, .onnx, .keras, or .pt with a PyTorch `state_dict`.
        model: the model; None takes what the file says, where it says enough.

    Returns:
        The network, ready to be asked, explained and exported.

    Raises:
        InvalidInput: the file is damaged or of something else, or does not fit problem or model.
    """
    _, read = _format(path)
    if not Path(path).is_file():
        raise InvalidInput(f"path must be a file that exists, but {path} does not; see where it lies")
    return read(problem, Path(path), model)


def _format(path: str | os.PathLike[str]) -> tuple[Callable[..., None], Callable[..., Trained]]:
    suffix = Path(path).suffix.lower()
    return FORMATS[check_choice("end of the file's name", {".pth": ".pt"}.get(suffix, suffix), FORMATS)]
