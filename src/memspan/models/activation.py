"""Activation functions by name."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from memspan.core.errors import check_choice

__all__ = ["ACTIVATIONS", "activation", "hard_sigmoid"]


def hard_sigmoid(x: Float[Array, ...]) -> Float[Array, ...]:
    """Return 0.2 x + 0.5 clipped to [0, 1]: the gate activation of Keras 2.0, with which the tutorial ran.

    Example:
        >>> hard_sigmoid(jnp.array([-3.0, 0.0, 1.0])).tolist()
        [0.0, 0.5, 0.699999988079071]

    Args:
        x: pre-activation.

    Returns:
        The activation, in [0, 1]. Keras 3 gives the same name to another slope, relu6(x + 3) / 6.
    """
    return jnp.clip(0.2 * x + 0.5, 0.0, 1.0)


ACTIVATIONS: dict[str, Callable[..., Array]] = {
    "sigmoid": jax.nn.sigmoid,
    "hard_sigmoid": hard_sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
}


def activation(argument: str, name: str) -> Callable[..., Array]:
    """Return the function of a name, or say which names there are.

    Example:
        >>> activation("gate", "hard_sigmod")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: gate must be one of sigmoid, hard_sigmoid, tanh, relu, but got
        'hard_sigmod'; did you mean 'hard_sigmoid'?

    Args:
        argument: the argument's name, for the message.
        name: the activation's name.

    Returns:
        The function.

    Raises:
        InvalidInput: there is no such activation.
    """
    return ACTIVATIONS[check_choice(argument, name, ACTIVATIONS)]
