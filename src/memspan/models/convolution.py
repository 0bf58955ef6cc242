"""A causal convolution that can be stopped after any step and continued."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.models.projection import project

__all__ = ["causal_convolution"]


def causal_convolution(
    kernel: Float[AnyArray, "place feature unit"],
    past: Float[AnyArray, "past feature"],
    inputs: Shaped[Array, "time ..."],
    dilation: int = 1,
) -> tuple[Float[Array, "past feature"], Float[Array, "time unit"]]:
    """Return, for every step, the sum of products of the inputs that the kernel sees from there.

    One matrix product for each place of the kernel; symbols pick rows of it and are never spread out as vectors,
    except for the few that the state keeps.

    Example:
        >>> kernel = jnp.array([[[10.0]], [[1.0]]])
        >>> past, sums = causal_convolution(kernel, jnp.zeros((2, 1)), jnp.array([[1.0], [2.0], [3.0]]), dilation=2)
        >>> sums[:, 0].tolist(), past[:, 0].tolist()
        ([1.0, 2.0, 13.0], [2.0, 3.0])

    Args:
        kernel: one matrix a place, oldest input first.
        past: the last (places - 1) x dilation inputs, oldest first; zeros where nothing was read.
        inputs: vectors, or symbols.
        dilation: steps between the places of the kernel.

    Returns:
        The last inputs, for the next call, and the sums.

    References:
        Bai, Kolter and Koltun 2018, section 3.2; (place 1 of the kernel is the paper's f(k - 1)).
    """
    past, kernel = jnp.asarray(past), jnp.asarray(kernel)
    time, kept = len(inputs), len(past)
    sums = jnp.zeros((time, kernel.shape[2]), kernel.dtype)
    for place, weights in enumerate(kernel):
        older = past[place * dilation : place * dilation + time]
        newer = inputs[: time - len(older)]
        sums = sums + jnp.concatenate([older @ weights, project(newer, weights)])
    last = inputs[max(time - kept, 0) :]
    if jnp.issubdtype(last.dtype, jnp.integer):
        last = jax.nn.one_hot(last, kernel.shape[1], dtype=past.dtype)
    return jnp.concatenate([past[time:], last]), sums
