"""Files of weights in the safetensors format, with a header: arrays and words, no code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput, check_choice
from memspan.core.problem import Problem
from memspan.engine.trained import Trained
from memspan.exchange.header import check_header, header, model_of, with_origin
from memspan.exchange.named import from_tensors, tensors
from memspan.exchange.torch_layout import from_torch, torch_state
from memspan.store import tensors as file_format

__all__ = ["LAYOUTS", "read_safetensors", "write_safetensors"]

LAYOUTS = {"memspan": tensors, "torch": torch_state}


def write_safetensors(trained: Trained, path: Path, layout: str = "memspan") -> None:
    """Write a network's weights.

    Args:
        trained: the network.
        path: of the file.
        layout: "memspan" for any model, "torch" for the names and the layout of a PyTorch `state_dict`.

    Raises:
        InvalidInput: the network cannot be laid out so, or safetensors is not installed.
    """
    check_choice("layout", layout, LAYOUTS)
    path.write_bytes(file_format.save(LAYOUTS[layout](trained), header(trained, layout)))


def read_safetensors(problem: Problem, path: Path, model: Any = None) -> Trained:
    """Return the network whose weights a file holds: one of ours, or one that PyTorch users wrote.

    Args:
        problem: what its inputs and outputs mean.
        path: of the file.
        model: what it is; None takes what the file says.

    Raises:
        InvalidInput: the file is damaged or of something else.
    """
    file = path.read_bytes()
    try:
        said, arrays = file_format.header(file), file_format.load(file)
    except InvalidInput:
        raise
    except Exception as error:  # the library's own exception, which it does not export in all versions
        raise InvalidInput(f"{path} must be a safetensors file, but {error}; write it again") from None
    check_header(said, problem)
    layout = check_choice(f"layout of {path}", said.get("layout", "torch"), LAYOUTS)
    if layout == "memspan":
        read = from_tensors(problem, model_of(said) if model is None else model, arrays)
    else:
        read = from_torch(problem, arrays, model_of(said) if model is None and said.get("model") else model)
    return with_origin(read, said)
