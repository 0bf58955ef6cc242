"""How answers are judged: the few measures that problems share."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from memspan.core.batch import Batch

__all__ = [
    "SURE",
    "absolute_error",
    "accuracy",
    "all_right",
    "choice_is_right",
    "one_hot_logits",
    "sigmoid_error",
    "squared_error",
]

SURE = 20.0  # a logit whose sigmoid or softmax is one to float32 precision


def choice_is_right(outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
    """Return whether the largest output is the target symbol.

    Example:
        >>> import numpy as np
        >>> batch = Batch(np.array([[0]]), np.array([[1]]), np.array([[True]]))
        >>> choice_is_right(jnp.array([[[0.1, 0.9]]]), batch).tolist()
        [[True]]

    Args:
        outputs: one number a symbol.
        batch: holds the target symbols.

    Returns:
        One answer a position.
    """
    return jnp.argmax(outputs, axis=-1) == batch.targets


def accuracy(right: Bool[Array, "batch time"], mask: Bool[Array, "batch time"]) -> Float[Array, ""]:
    """Return the share of scored positions that are right.

    Example:
        >>> float(accuracy(jnp.array([[True, False]]), jnp.array([[True, True]])))
        0.5

    Args:
        right: whether each position is answered right.
        mask: whether it is scored.

    Returns:
        A number from 0 to 1.
    """
    return jnp.sum(right & mask) / jnp.sum(mask)


def all_right(right: Bool[Array, "batch time"], mask: Bool[Array, "batch time"]) -> Bool[Array, ""]:
    """Return whether every scored position is right.

    Example:
        >>> bool(all_right(jnp.array([[True, False]]), jnp.array([[True, False]])))
        True

    Args:
        right: whether each position is answered right.
        mask: whether it is scored.

    Returns:
        One truth value.
    """
    return jnp.all(right | ~mask)


def squared_error(outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
    """Return the mean squared error over the scored positions and outputs.

    Example:
        >>> import numpy as np
        >>> batch = Batch(np.zeros((1, 1, 1)), np.full((1, 1, 1), 0.5), np.array([[True]]))
        >>> float(squared_error(jnp.zeros((1, 1, 1)), batch))
        0.25

    Args:
        outputs: what was said.
        batch: holds the target values.

    Returns:
        The mean squared error.
    """
    error = jnp.mean((outputs - batch.targets) ** 2, axis=-1)
    return jnp.sum(jnp.where(batch.mask, error, 0.0)) / jnp.sum(batch.mask)


def absolute_error(outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, "batch time"]:
    """Return the largest absolute error among the outputs of each position.

    Example:
        >>> import numpy as np
        >>> batch = Batch(np.zeros((1, 1, 1)), np.array([[[0.5, 1.0]]]), np.array([[True]]))
        >>> absolute_error(jnp.zeros((1, 1, 2)), batch).tolist()
        [[1.0]]

    Args:
        outputs: what was said.
        batch: holds the target values, or symbols that stand for one-hot values.

    Returns:
        One error a position.
    """
    targets = jnp.asarray(batch.targets)
    if jnp.issubdtype(targets.dtype, jnp.integer):
        targets = jax.nn.one_hot(targets, outputs.shape[-1])
    return jnp.max(jnp.abs(outputs - targets), axis=-1)


def sigmoid_error(outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, "batch time"]:
    """Return `absolute_error` of the outputs as the sigmoid reads them: the error in the papers of the 1990s.

    Example:
        >>> import numpy as np
        >>> batch = Batch(np.array([[0]]), np.array([[1]]), np.array([[True]]))
        >>> sigmoid_error(jnp.zeros((1, 1, 2)), batch).tolist()
        [[0.5]]

    Args:
        outputs: logits.
        batch: as in `absolute_error`.

    Returns:
        One error a position.
    """
    return absolute_error(jax.nn.sigmoid(outputs), batch)


def one_hot_logits(symbols: Int[Array, "batch time"], size: int) -> Float[Array, "batch time output"]:
    """Return logits that are sure of one symbol at each position: how an oracle answers.

    Example:
        >>> one_hot_logits(jnp.array([[1]]), 2).tolist()
        [[[-20.0, 20.0]]]

    Args:
        symbols: the answer at each position.
        size: symbols there are.

    Returns:
        Logits for a sigmoid or a softmax.
    """
    return jnp.where(jnp.arange(size) == symbols[..., None], SURE, -SURE)
