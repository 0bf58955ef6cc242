"""The LSTM along a whole sequence: input projected before the loop, weight gradients formed after it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from memspan.core.arrays import AnyArray
from memspan.models.activation import activation
from memspan.models.shadow import shadow

__all__ = ["lstm_sequence"]

Pair = tuple[Float[Array, " unit"], Float[Array, " unit"]]


class _Trace(NamedTuple):
    """What the backward pass needs of every step."""

    hidden: Float[Array, "time unit"]
    cell: Float[Array, "time unit"]
    gates: Float[Array, "time 4*unit"]


def lstm_sequence(
    recurrent: Float[AnyArray, "unit 4*unit"],
    sums: Float[Array, "time 4*unit"],
    hidden: Float[AnyArray, " unit"],
    cell: Float[AnyArray, " unit"],
    gate: str = "sigmoid",
) -> tuple[Pair, Float[Array, "time unit"]]:
    """Run the loop of an LSTM: what depends on the state and nothing else.

    Differentiated by XLA, the loop would add to the gradient of the recurrent kernel at every step; here the
    backward loop carries the gradient of the state alone, and the kernel's is one matrix product afterwards.

    Example:
        >>> (hidden, cell), outputs = lstm_sequence(jnp.zeros((1, 4)), jnp.ones((3, 4)), jnp.zeros(1), jnp.zeros(1))
        >>> outputs.shape, bool(outputs[-1] == hidden)
        ((3, 1), True)

    Args:
        recurrent: weights from the previous hidden state; blocks input, forget, candidate, output.
        sums: what input and bias add before the activations, every step.
        hidden: hidden state before the first step.
        cell: cell before the first step.
        gate: activation of the gates.

    Returns:
        Hidden state and cell after the last step, and the hidden state of every step.

    References:
        Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000.
    """
    weights = jnp.asarray(recurrent)
    own = shadow(weights, sums)
    return _loop(gate)(jax.lax.stop_gradient(weights), own, sums, (jnp.asarray(hidden), jnp.asarray(cell)))


def _forward(gate: str, recurrent: Array, sums: Array, start: Pair) -> tuple[Pair, _Trace]:
    squash = activation("gate", gate)

    def step(before: Pair, now: Array) -> tuple[Pair, _Trace]:
        i, f, g, o = jnp.split(now + before[0] @ recurrent, 4)
        i, f, g, o = squash(i), squash(f), jnp.tanh(g), squash(o)
        cell = f * before[1] + i * g
        hidden = o * jnp.tanh(cell)
        return (hidden, cell), _Trace(hidden, cell, jnp.concatenate([i, f, g, o]))

    return jax.lax.scan(step, start, sums)


def _gate_slope(gate: str, value: Array) -> Array:
    """The derivative of a gate's activation, from its value."""
    if gate == "hard_sigmoid":
        return jnp.where((value > 0) & (value < 1), 0.2, 0.0)
    return value * (1 - value)


def _backward(gate: str, kept: tuple[Array, Pair, _Trace], given: tuple[Pair, Array]) -> tuple[Array, Array, Pair]:
    recurrent, start, (hidden, cell, gates) = kept
    (d_hidden, d_cell), d_outputs = given
    i, f, g, o = jnp.split(gates, 4, axis=-1)
    before = jnp.concatenate([start[1][None], cell[:-1]])
    shown = jnp.tanh(cell)
    # All that does not depend on the loop is done for all steps at once.
    to_cell, to_output = o * (1 - shown * shown), shown * _gate_slope(gate, o)
    from_cell = jnp.concatenate([g * _gate_slope(gate, i), before * _gate_slope(gate, f), i * (1 - g * g)], axis=-1)
    transposed = recurrent.T

    def step(after: Pair, now: tuple[Array, ...]) -> tuple[Pair, Array]:
        d_shown, to_cell, to_output, from_cell, forget = now
        d_hidden = after[0] + d_shown
        d_cell = after[1] + d_hidden * to_cell
        d_sums = jnp.concatenate([jnp.tile(d_cell, 3) * from_cell, d_hidden * to_output])
        return (d_sums @ transposed, d_cell * forget), d_sums

    steps = (d_outputs, to_cell, to_output, from_cell, f)
    d_start, d_sums = jax.lax.scan(step, (d_hidden, d_cell), steps, reverse=True)
    previous = jnp.concatenate([start[0][None], hidden[:-1]])
    return previous.T @ d_sums, d_sums, d_start


@lru_cache(maxsize=8)
def _loop(gate: str) -> Callable[..., Any]:
    """The differentiable loop of one gate activation."""

    @jax.custom_vjp
    def loop(recurrent: Array, _: Array, sums: Array, start: Pair) -> tuple[Pair, Array]:
        end, trace = _forward(gate, recurrent, sums, start)
        return end, trace.hidden

    def forward(recurrent: Array, _: Array, sums: Array, start: Pair) -> tuple[tuple[Pair, Array], tuple[Any, ...]]:
        end, trace = _forward(gate, recurrent, sums, start)
        return (end, trace.hidden), (recurrent, start, trace)

    loop.defvjp(forward, lambda kept, given: (None, *_backward(gate, kept, given)))
    return loop
