"""Trained weights as the bytes of a safetensors file, which any framework reads."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Shaped

from memspan.core.errors import InvalidInput

__all__ = ["Tensors", "load", "save"]

Tensors = Mapping[str, Shaped[np.ndarray, "..."]]


def save(tensors: Tensors) -> bytes:
    """Return arrays as a safetensors file.

    Args:
        tensors: arrays by name.

    Raises:
        InvalidInput: safetensors is not installed.
    """
    # A view with strides would be written as if it had none.
    return _library().save({name: np.ascontiguousarray(array) for name, array in tensors.items()})


def load(file: bytes) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Return the arrays of a safetensors file by name.

    Args:
        file: its bytes.

    Raises:
        InvalidInput: safetensors is not installed.
    """
    return _library().load(file)


def _library() -> Any:
    try:
        return importlib.import_module("safetensors.numpy")
    except ImportError as error:
        raise InvalidInput(
            f"keeping weights must have safetensors, but {error}; install it with pip install 'memspan[weights]'"
        ) from error
