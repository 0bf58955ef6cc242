"""Activations in NumPy, written once more: an explanation that used the models' own code would explain nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

__all__ = ["READINGS", "SQUASHES", "Squash", "sigmoid"]

Squash = Callable[[Float[np.ndarray, " _"]], Float[np.ndarray, " _"]]


def sigmoid(x: Float[np.ndarray, " _"]) -> Float[np.ndarray, " _"]:
    """Return 1 / (1 + exp(-x))."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def _softmax(x: Float[np.ndarray, " _"]) -> Float[np.ndarray, " _"]:
    grown = np.exp(x - x.max())
    return grown / grown.sum()


SQUASHES: dict[str, Squash] = {
    "sigmoid": sigmoid,
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0.0, 1.0),
    "tanh": np.tanh,
    "sigmoid(-1..1)": lambda x: 2 * sigmoid(x) - 1,
    "sigmoid(-2..2)": lambda x: 4 * sigmoid(x) - 2,
    "identity": lambda x: x,
    "relu": lambda x: np.maximum(x, 0.0),
}

READINGS: dict[str, tuple[str, Squash]] = {
    "binary_cross_entropy": ("sigmoid", sigmoid),
    "cross_entropy": ("softmax", _softmax),
    "squared_error": ("identity", lambda x: x),
}
