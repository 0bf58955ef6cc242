"""Initial weights and forget biases of xLSTM, by name; and its forget gates."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Array, Float

from memspan.core.errors import check_choice

__all__ = ["EMPTY", "FORGET_BIASES", "LOG_FORGET", "forget_bias", "linspace", "powerlaw", "small_init", "zeros"]

# The stabiliser of a memory in which nothing was written: below any gate, so that the first write sets it.
EMPTY = -1e30


def small_init(rng: np.random.Generator, n_inputs: int, n_outputs: int) -> Float[np.ndarray, "{n_inputs} {n_outputs}"]:
    """Draw from a normal distribution of variance 2 / (5 inputs).

    Example:
        >>> round(float(small_init(np.random.default_rng(0), 100, 1000).var()), 4)
        0.004

    Args:
        rng: source of randomness.
        n_inputs: rows.
        n_outputs: columns.

    Returns:
        float32 weights.

    References:
        Nguyen and Salazar 2019, as used by Beck et al. 2024.
    """
    return rng.normal(0.0, (2 / (5 * n_inputs)) ** 0.5, (n_inputs, n_outputs)).astype(np.float32)


def powerlaw(number: int) -> Float[np.ndarray, " {number}"]:
    """Return forget biases from 5 down to -7, most of them low.

    Example:
        >>> powerlaw(3).round(2).tolist()
        [5.0, -4.75, -7.0]

    Args:
        number: how many.

    Returns:
        5 - 12 (j / (number - 1))^0.3 for j from 0.

    References:
        "powerlaw_blockdependent" of the xlstm package, in its first block.
    """
    return (5.0 - 12.0 * (np.arange(number) / max(1, number - 1)) ** 0.3).astype(np.float32)


def linspace(number: int) -> Float[np.ndarray, " {number}"]:
    """Return forget biases from 3 to 6 at equal distances: all start out keeping, for 20 to 400 steps.

    Example:
        >>> linspace(4).tolist()
        [3.0, 4.0, 5.0, 6.0]

    Args:
        number: how many.

    Returns:
        The biases.

    References:
        "small_init" of the xlstm package's sLSTM, and the default of its mLSTM.
    """
    return np.linspace(3.0, 6.0, number).astype(np.float32)


def zeros(number: int) -> Float[np.ndarray, " {number}"]:
    """Return zeros: a sigmoid gate starts half open.

    Example:
        >>> zeros(2).tolist()
        [0.0, 0.0]

    Args:
        number: how many.

    Returns:
        Zeros.
    """
    return np.zeros(number, np.float32)


FORGET_BIASES: dict[str, Callable[[int], np.ndarray]] = {"powerlaw": powerlaw, "linspace": linspace, "zeros": zeros}

# The logarithm of each kind of forget gate, from what the gate receives.
LOG_FORGET: dict[str, Callable[[Array], Array]] = {"sigmoid": jax.nn.log_sigmoid, "exp": lambda received: received}


def forget_bias(name: str, number: int) -> Float[np.ndarray, " {number}"]:
    """Return the forget biases of a name, or say which names there are.

    Example:
        >>> forget_bias("linspace", 2).tolist()
        [3.0, 6.0]

    Args:
        name: "powerlaw", "linspace" or "zeros".
        number: how many.

    Returns:
        The biases.

    Raises:
        InvalidInput: there is no such name.
    """
    return FORGET_BIASES[check_choice("forget_bias", name, FORGET_BIASES)](number)
