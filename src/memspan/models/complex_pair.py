"""Complex numbers as pairs of real ones: weights and states that any optimizer, file or learning rule can hold."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from memspan.core.arrays import AnyArray

__all__ = ["ComplexState", "from_pair", "real_product", "to_pair"]


class ComplexState(NamedTuple):
    """The complex state of a diagonal linear recurrence; each number depends on its own previous value only.

    Attributes:
        real: real parts.
        imag: imaginary parts.
    """

    real: Float[AnyArray, " state"]
    imag: Float[AnyArray, " state"]


def from_pair(pair: Float[AnyArray, "... pair"]) -> Complex[Array, "... pair//2"]:
    """Return complex numbers, whose real parts are the first half of the last axis.

    Example:
        >>> from_pair(jnp.array([1.0, 2.0, 3.0, 4.0])).tolist()
        [(1+3j), (2+4j)]

    Args:
        pair: real parts, then imaginary parts.

    Returns:
        Half as many complex numbers.
    """
    real, imag = jnp.split(jnp.asarray(pair), 2, axis=-1)
    return jax.lax.complex(real, imag)


def to_pair(numbers: Complex[np.ndarray, "... state"]) -> Float[np.ndarray, "... 2*state"]:
    """Return real parts, then imaginary parts, along the last axis, on the host.

    Example:
        >>> to_pair(np.array([1 + 3j, 2 + 4j])).tolist()
        [1.0, 2.0, 3.0, 4.0]

    Args:
        numbers: complex numbers.

    Returns:
        Twice as many float32 numbers.
    """
    return np.concatenate([np.real(numbers), np.imag(numbers)], axis=-1).astype(np.float32)


def real_product(states: Complex[Array, "... state"], kernel: Float[AnyArray, "pair unit"]) -> Float[Array, "... unit"]:
    """Return the real part of states times a complex kernel.

    Example:
        >>> real_product(jnp.array([1 + 2j]), jnp.array([[3.0], [4.0]])).tolist()  # (1 + 2i)(3 + 4i) = -5 + 10i
        [-5.0]

    Args:
        states: complex numbers.
        kernel: the kernel's real parts in the first half of its rows, its imaginary parts in the second.

    Returns:
        Real numbers.
    """
    return jnp.concatenate([states.real, -states.imag], axis=-1) @ kernel
