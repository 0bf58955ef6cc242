"""Losses by name, and the mean of a loss over the scored positions."""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Shaped

__all__ = ["LOSS_FUNCTIONS", "READERS", "as_vectors", "binary_cross_entropy", "masked_mean"]

KERAS_EPSILON = 1e-7
LARGEST_LOGIT = math.log1p(-KERAS_EPSILON) - math.log(KERAS_EPSILON)


def as_vectors(values: Shaped[Array, ...], size: int) -> Float[Array, ...]:
    """Return symbols as one-hot vectors; vectors of real numbers stay what they are.

    Example:
        >>> as_vectors(jnp.array([3]), 5).tolist()
        [[0.0, 0.0, 0.0, 1.0, 0.0]]

    Args:
        values: integer symbols of any shape, or vectors.
        size: length of the vectors.

    Returns:
        Vectors along a last axis of length `size`.
    """
    return jax.nn.one_hot(values, size) if jnp.issubdtype(values.dtype, jnp.integer) else values


def binary_cross_entropy(
    logits: Float[Array, "*axes output"], targets: Float[Array, "*axes output"]
) -> Float[Array, "*axes"]:
    """Return the mean over the outputs of -t log p - (1 - t) log(1 - p), with p = sigmoid(logit).

    Keras clips p to [1e-7, 1 - 1e-7]. The sigmoid is monotone, so clipping the logit is the same function, and
    its logarithm stays exact where the sigmoid itself would round to one.

    Example:
        >>> round(float(binary_cross_entropy(jnp.zeros(5), jnp.ones(5))), 4)
        0.6931

    Args:
        logits: outputs before the sigmoid.
        targets: 0 or 1, or anything between.

    Returns:
        One loss for every leading position.

    References:
        keras.losses.BinaryCrossentropy.
    """
    logits = jax.lax.clamp(-LARGEST_LOGIT, logits, LARGEST_LOGIT)
    return jnp.mean(jax.nn.softplus(logits) - targets * logits, axis=-1)


def cross_entropy(logits: Float[Array, "*axes output"], targets: Float[Array, "*axes output"]) -> Float[Array, "*axes"]:
    """Return -sum t log p with p = softmax(logits), in nats.

    Example:
        >>> round(float(cross_entropy(jnp.zeros(8), jax.nn.one_hot(3, 8))), 4)
        2.0794

    Args:
        logits: outputs before the softmax.
        targets: probabilities that sum to one, usually one-hot.

    Returns:
        One loss for every leading position.
    """
    return -jnp.vecdot(targets, jax.nn.log_softmax(logits))


def squared_error(
    outputs: Float[Array, "*axes output"], targets: Float[Array, "*axes output"]
) -> Float[Array, "*axes"]:
    """Return the mean over the outputs of the squared difference.

    Example:
        >>> float(squared_error(jnp.zeros(1), jnp.full(1, 0.5)))
        0.25

    Args:
        outputs: what was said.
        targets: what is right.

    Returns:
        One loss for every leading position.
    """
    return jnp.mean((outputs - targets) ** 2, axis=-1)


def masked_mean(values: Float[Array, "*axes"], mask: Bool[Array, "*axes"]) -> Float[Array, ""]:
    """Return the mean over the scored positions, and 0 where none is scored.

    Example:
        >>> float(masked_mean(jnp.array([1.0, 5.0]), jnp.array([True, False])))
        1.0

    Args:
        values: one number a position.
        mask: True where the position counts.

    Returns:
        The mean.
    """
    return jnp.sum(jnp.where(mask, values, 0.0)) / jnp.maximum(jnp.sum(mask), 1)


LOSS_FUNCTIONS: dict[str, Callable[..., Array]] = {
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
    "squared_error": squared_error,
}

# How the outputs of a network trained with a loss are read as probabilities or values.
READERS: dict[str, Callable[..., Array]] = {
    "binary_cross_entropy": jax.nn.sigmoid,
    "cross_entropy": jax.nn.softmax,
    "squared_error": lambda outputs: outputs,
}
