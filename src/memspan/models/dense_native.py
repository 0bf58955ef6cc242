"""The read-out of a model whose loop is native, in native code too: XLA is slow in products of so few numbers."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from memspan.models.dense import Dense, DenseParams
from memspan.models.native_call import native_call
from memspan.models.shadow import shadow

__all__ = ["NativeDense", "read_out"]

_LARGEST = 16_384  # numbers of a kernel that lies in the nearer caches; XLA's product is better with larger ones


def read_out(model: Any, n_outputs: int) -> Dense:
    """Return the read-out that a model gets, which is computed as the model's own loop is.

    Example:
        >>> from memspan.models import LSTM
        >>> read_out(LSTM(units=20), 5)
        Dense(n_outputs=5, bias=True, limit=None)

    Args:
        model: what it reads.
        n_outputs: size of the output.
    """
    last = getattr(model, "layers", (model,))[-1]
    return (NativeDense if getattr(last, "loop", "xla") == "native" else Dense)(n_outputs)


@dataclass(frozen=True)
class NativeDense(Dense):
    """An affine map of its input, in native code where it is small and its inputs are vectors of float32.

    Example:
        >>> import numpy as np
        >>> layer = NativeDense(n_outputs=2)
        >>> params = DenseParams(np.ones((3, 2), np.float32), np.zeros(2, np.float32))
        >>> layer.sequence(params, (), jnp.ones((4, 3)))[1].tolist()[0]
        [3.0, 3.0]
    """

    def sequence(
        self, params: DenseParams, state: tuple[()], inputs: Shaped[Array, "time ..."]
    ) -> tuple[tuple[()], Float[Array, "time output"]]:
        """Map every step."""
        kernel, bias = jnp.asarray(params.kernel), params.bias
        small = kernel.size <= _LARGEST and len(inputs) > 0
        if bias is None or not small or inputs.dtype != jnp.float32 or kernel.dtype != jnp.float32:
            return super().sequence(params, state, inputs)
        row = jnp.asarray(bias)[None]
        fixed = jax.lax.stop_gradient((kernel, row[0]))
        return state, _affine()(inputs, *fixed, shadow(kernel, inputs), shadow(row, inputs)[0])


@functools.cache
def _affine() -> Any:
    """The differentiable map; gradients of kernel and bias are those of the shadows."""

    @jax.custom_vjp
    def affine(inputs: Array, kernel: Array, bias: Array, _: Array, __: Array) -> Array:
        return native_call([(len(inputs), len(bias))], inputs, kernel, bias)[0]

    def forward(inputs: Array, kernel: Array, bias: Array, _: Array, __: Array) -> Any:
        return native_call([(len(inputs), len(bias))], inputs, kernel, bias)[0], (inputs, kernel)

    def backward(kept: tuple[Array, Array], given: Array) -> tuple[Array | None, ...]:
        inputs, kernel = kept
        shapes = [inputs.shape, kernel.shape, kernel.shape[1:]]
        d_inputs, d_kernel, d_bias = native_call(shapes, inputs, kernel, given)
        return d_inputs, None, None, d_kernel, d_bias

    affine.defvjp(forward, backward)
    return affine
