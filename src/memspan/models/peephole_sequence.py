"""The LSTM with peepholes along a whole sequence: input projected before the loop, weight gradients after it."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["peephole_sequence"]

Pair = tuple[Float[Array, " unit"], Float[Array, " unit"]]


class _Trace(NamedTuple):
    """What the backward pass needs of every step."""

    hidden: Float[Array, "time unit"]
    cell: Float[Array, "time unit"]
    gates: Float[Array, "time 4*unit"]


def _run(recurrent: Array, peephole: Array, sums: Array, start: Pair) -> tuple[Pair, _Trace]:
    to_input, to_forget, to_output = peephole

    def step(before: Pair, now: Array) -> tuple[Pair, _Trace]:
        i, f, g, o = jnp.split(now + before[0] @ recurrent, 4)
        i, f = jax.nn.sigmoid(i + to_input * before[1]), jax.nn.sigmoid(f + to_forget * before[1])
        g = jnp.tanh(g)
        cell = f * before[1] + i * g
        o = jax.nn.sigmoid(o + to_output * cell)
        hidden = o * jnp.tanh(cell)
        return (hidden, cell), _Trace(hidden, cell, jnp.concatenate([i, f, g, o]))

    return jax.lax.scan(step, start, sums)


@jax.custom_vjp
def peephole_sequence(
    recurrent: Float[Array, "unit 4*unit"],
    peephole: Float[Array, "3 unit"],
    sums: Float[Array, "time 4*unit"],
    start: Pair,
) -> tuple[Pair, Float[Array, "time unit"]]:
    """Run the loop of an LSTM with peepholes: what depends on the state and nothing else.

    The backward loop carries the gradient of the state alone; the weights' are formed afterwards, in one product.

    Example:
        >>> start = jnp.zeros(1), jnp.zeros(1)
        >>> (hidden, cell), outputs = peephole_sequence(jnp.zeros((1, 4)), jnp.zeros((3, 1)), jnp.ones((3, 4)), start)
        >>> outputs.shape, bool(outputs[-1] == hidden)
        ((3, 1), True)

    Args:
        recurrent: weights from the previous hidden state; blocks input, forget, candidate, output.
        peephole: weights from each cell to its own gates; rows input, forget, output.
        sums: what input and bias add before the activations, every step.
        start: hidden state and cell before the first step.

    Returns:
        Hidden state and cell after the last step, and the hidden state of every step.

    References:
        Gers, Schraudolph and Schmidhuber 2002; Graves 2013, equations 7 to 11.
    """
    end, trace = _run(recurrent, peephole, sums, start)
    return end, trace.hidden


def _forward(
    recurrent: Array, peephole: Array, sums: Array, start: Pair
) -> tuple[tuple[Pair, Array], tuple[Array, Array, Pair, _Trace]]:
    end, trace = _run(recurrent, peephole, sums, start)
    return (end, trace.hidden), (recurrent, peephole, start, trace)


def _backward(kept: tuple[Array, Array, Pair, _Trace], given: tuple[Pair, Array]) -> tuple[Array, Array, Array, Pair]:
    recurrent, peephole, start, (hidden, cell, gates) = kept
    after_last, d_outputs = given
    i, f, g, o = jnp.split(gates, 4, axis=-1)
    before = jnp.concatenate([start[1][None], cell])[:-1]
    shown = jnp.tanh(cell)
    # All that does not depend on the loop is done for all steps at once.
    to_cell, to_output = o * (1 - shown * shown), shown * o * (1 - o)
    from_cell = jnp.concatenate([g * i * (1 - i), before * f * (1 - f), i * (1 - g * g)], axis=-1)
    transposed = recurrent.T

    def step(after: Pair, now: tuple[Array, ...]) -> tuple[Pair, Array]:
        d_shown, to_cell, to_output, from_cell, forget = now
        d_hidden = after[0] + d_shown
        d_o = d_hidden * to_output
        d_cell = after[1] + d_hidden * to_cell + d_o * peephole[2]
        d_i, d_f, d_g = jnp.split(jnp.tile(d_cell, 3) * from_cell, 3)
        d_sums = jnp.concatenate([d_i, d_f, d_g, d_o])
        return (d_sums @ transposed, d_cell * forget + d_i * peephole[0] + d_f * peephole[1]), d_sums

    steps = (d_outputs, to_cell, to_output, from_cell, f)
    d_start, d_sums = jax.lax.scan(step, after_last, steps, reverse=True)
    previous = jnp.concatenate([start[0][None], hidden])[:-1]
    d_i, d_f, _, d_o = jnp.split(d_sums, 4, axis=-1)
    d_peephole = jnp.stack([jnp.sum(seen * d, axis=0) for seen, d in ((before, d_i), (before, d_f), (cell, d_o))])
    return previous.T @ d_sums, d_peephole, d_sums, d_start


peephole_sequence.defvjp(_forward, _backward)
