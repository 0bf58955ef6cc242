"""The loop of an LSTM as native code that Numba compiles: what XLA's loop computes, several times faster on a CPU."""

from __future__ import annotations

import functools
import importlib.util
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput, check_choice
from memspan.models.native_call import native_call
from memspan.models.shadow import shadow

__all__ = ["check_native", "lstm_native"]

Pair = tuple[Float[Array, " unit"], Float[Array, " unit"]]
_GATES = ("sigmoid", "hard_sigmoid")
_LANES = 8  # four gates and the cell of a step are kept in vectors of so many numbers


def lstm_native(
    recurrent: Float[AnyArray, "unit 4*unit"],
    sums: Float[Array, "row 4*unit"],
    hidden: Float[AnyArray, " unit"],
    cell: Float[AnyArray, " unit"],
    gate: str = "sigmoid",
    symbols: Int[Array, " time"] | None = None,
) -> tuple[Pair, Float[Array, "time unit"]]:
    """Run the loop of an LSTM, as `lstm_sequence` does.

    Sequences that are mapped side by side (`jax.vmap`) and share weights read them once a step. In float32, on a
    CPU, differentiable once and in reverse mode. The first call of a process compiles or loads the code.

    Example:
        >>> (hidden, cell), outputs = lstm_native(jnp.zeros((1, 4)), jnp.ones((3, 4)), jnp.zeros(1), jnp.zeros(1))
        >>> outputs.shape, bool(outputs[-1] == hidden)
        ((3, 1), True)

    Args:
        recurrent: weights from the previous hidden state; blocks input, forget, candidate, output.
        sums: what input and bias add before the activations, a row each step, or a row each symbol.
        hidden: hidden state before the first step.
        cell: cell before the first step.
        gate: activation of the gates, "sigmoid" or "hard_sigmoid".
        symbols: which row each step adds; None: its own. Rows that steps share are read, and their gradients added
            up, within the loop: nothing as large as the sums of all steps is ever made.

    Returns:
        Hidden state and cell after the last step, and the hidden state of every step.

    Raises:
        InvalidInput: Numba is not installed, JAX computes on something else than a CPU or in float64, or the gate
            has another activation.

    References:
        Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000.
    """
    check_native(gate)
    weights, start = jnp.asarray(recurrent), (jnp.asarray(hidden), jnp.asarray(cell))
    other = next((part.dtype for part in (weights, sums, *start) if part.dtype != jnp.float32), None)
    if other is not None:
        raise InvalidInput(f"loop='native' computes in float32, but got {other}; use loop='xla'")
    distinct = symbols is None
    read = jnp.arange(sums.shape[0], dtype=np.int32) if symbols is None else symbols.astype(np.int32)
    if read.shape[0] == 0:
        return start, jnp.zeros((0, start[0].shape[0]))
    # Rows of symbols are weights, which sequences side by side may share; sums of steps are each sequence's own.
    own = shadow(weights, sums if distinct else read), sums if distinct else shadow(sums, read)
    fixed = jax.lax.stop_gradient((weights, sums))
    return _loop(int(gate == "hard_sigmoid"), int(distinct))(read, *fixed, *own, *start)


@functools.lru_cache(maxsize=4)
def _loop(hard: int, distinct: int) -> Any:
    """The differentiable loop of one gate activation, over rows that steps share or do not."""

    def call(shapes: list[tuple[int, ...]], *arguments: Array, keep: int = 0) -> list[Array]:
        return native_call(shapes, *arguments, distinct=distinct, hard=hard, keep=keep)

    @jax.custom_vjp
    def loop(read: Array, recurrent: Array, rows: Array, _: Array, __: Array, hidden: Array, cell: Array) -> Any:
        steps, units = read.shape[0], hidden.shape[0]
        outputs, end = call([(steps, units), (units,)], recurrent, read, rows, hidden, cell)
        return (outputs[-1], end), outputs

    def forward(read: Array, recurrent: Array, rows: Array, _: Array, __: Array, hidden: Array, cell: Array) -> Any:
        steps, units = read.shape[0], hidden.shape[0]
        lanes = -(-units // _LANES) * _LANES
        shapes = [(steps, units), (steps, 5 * lanes)]
        outputs, trace = call(shapes, recurrent, read, rows, hidden, cell, keep=1)
        end = outputs[-1], trace[-1, 4 * lanes : 4 * lanes + units]
        return (end, outputs), (recurrent, read, hidden, cell, outputs, trace, rows)

    def backward(kept: Any, given: tuple[Pair, Array]) -> tuple[Array | None, ...]:
        (d_hidden, d_cell), d_outputs = given
        *kept, rows = kept
        recurrent, _, hidden = kept[:3]
        shapes = [recurrent.shape, rows.shape, hidden.shape, hidden.shape]
        return (None, None, None, *call(shapes, *kept, d_hidden, d_cell, d_outputs))

    loop.defvjp(forward, backward)
    return loop


def check_native(gate: str) -> None:
    """Raise if the native loop cannot run here.

    Example:
        >>> check_native("relu")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: the gate of loop='native' must be one of sigmoid, hard_sigmoid, but got
        'relu'; choose one of these

    Args:
        gate: activation of the gates.

    Raises:
        InvalidInput: Numba is not installed, JAX computes on something else than a CPU, or the gate has another
            activation.
    """
    check_choice("the gate of loop='native'", gate, _GATES)
    if importlib.util.find_spec("numba") is None:
        raise InvalidInput(
            "loop='native' needs the package numba, but it is not installed; "
            "pip install 'memspan[fast]', or use loop='xla'"
        )
    if jax.default_backend() != "cpu":
        raise InvalidInput(f"loop='native' runs on a CPU, but JAX computes on {jax.default_backend()}; use loop='xla'")
