"""Trained weights as the bytes of a safetensors file, which any framework reads."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Shaped

from memspan.core.errors import InvalidInput

__all__ = ["Tensors", "header", "load", "save"]

Tensors = Mapping[str, Shaped[np.ndarray, "..."]]


def save(tensors: Tensors, header: Mapping[str, str] | None = None) -> bytes:
    """Return arrays as a safetensors file.

    Args:
        tensors: arrays by name.
        header: what the file says of itself, words by name.

    Raises:
        InvalidInput: safetensors is not installed.
    """
    # A view with strides would be written as if it had none.
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    return _library().save(arrays, dict(header) if header else None)


def load(file: bytes) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Return the arrays of a safetensors file by name.

    Args:
        file: its bytes.

    Raises:
        InvalidInput: safetensors is not installed.
    """
    return _library().load(file)


def header(file: bytes) -> dict[str, str]:
    """Return what a safetensors file says of itself, for the library hands out the arrays only.

    Example:
        >>> header(save({"bias": np.zeros(2, np.float32)}, {"layout": "memspan"}))
        {'layout': 'memspan'}

    Args:
        file: its bytes.

    Returns:
        Words by name; none where it says nothing.

    Raises:
        ValueError: it is not such a file.

    References:
        The format's description: 8 bytes with the length of what follows, JSON, then the arrays.
    """
    length = int.from_bytes(file[:8], "little")
    return json.loads(file[8 : 8 + length]).get("__metadata__", {})


def _library() -> Any:
    try:
        return importlib.import_module("safetensors.numpy")
    except ImportError as error:
        raise InvalidInput(
            f"keeping weights must have safetensors, but {error}; install it with pip install 'memspan[weights]'"
        ) from error
