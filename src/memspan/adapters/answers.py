"""What a predictor returned, as outputs of a network: logits, or real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from memspan.adapters.abstract import Task
from memspan.core.errors import RunFailed

__all__ = ["encoded", "outputs_of"]

SURE = 20.0  # logit of a symbol that was named
LEAST = 1e-9  # probability that counts as none


def encoded(inputs: Shaped[np.ndarray, "batch time ..."], task: Task) -> Shaped[np.ndarray, "batch time ..."]:
    """Return inputs as the predictor wants them."""
    return np.eye(task.n_inputs, dtype=np.float32)[inputs] if task.symbols and _one_hot(task) else inputs


def outputs_of(answer: Any, task: Task, rows: int, steps: int) -> Float[np.ndarray, "batch time output"]:
    """Return logits, or real numbers, of what was answered.

    Args:
        answer: as the task's option `returns` says.
        task: what it was asked for.
        rows: sequences.
        steps: of each.

    Raises:
        RunFailed: it is of another shape, or not made of finite numbers.
    """
    returns = task.options["returns"]
    wanted = (rows, steps) if returns == "symbols" else (rows, steps, task.n_outputs)
    where = f"{task.user.name} ({task.user.place})"
    try:
        array = np.asarray(answer, np.float64)
    except (TypeError, ValueError):
        raise RunFailed(
            f"{where} must answer with {returns} of shape {wanted}, but answered {str(answer)[:60]!r}"
        ) from None
    if array.shape != wanted:
        raise RunFailed(f"{where} must answer with {returns} of shape {wanted}, but answered with shape {array.shape}")
    if not np.isfinite(array).all():
        raise RunFailed(f"{where} must answer with finite numbers, but answered with NaN or infinity")
    if returns == "symbols":
        if not np.isin(array, np.arange(task.n_outputs)).all():
            raise RunFailed(
                f"{where} must answer with symbols from 0 to {task.n_outputs - 1}, but answered {array.max():g}"
            )
        return (SURE * np.eye(task.n_outputs)[array.astype(int)]).astype(np.float32)
    if returns == "probabilities":
        if array.min() < 0 or array.max() > 1 + 1e-6:
            raise RunFailed(f"{where} must answer with probabilities from 0 to 1, but answered {array.min():g}")
        chances = np.clip(array, LEAST, 1 - LEAST)
        each = task.loss == "binary_cross_entropy"
        return (np.log(chances) - (np.log1p(-chances) if each else 0)).astype(np.float32)
    return array.astype(np.float32)


def _one_hot(task: Task) -> bool:
    return task.options["inputs"] == "one-hot"
