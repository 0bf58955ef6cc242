"""The sLSTM along a whole sequence: input projected before the loop, weight gradients formed after it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from memspan.core.arrays import AnyArray
from memspan.models.xlstm_initial import LOG_FORGET

__all__ = ["received", "slstm_cell", "slstm_sequence"]

Four = tuple[Any, Any, Any, Any]  # hidden state, cell, normaliser, stabiliser


def received(recurrent: Float[Array, "head part 4*part"], hidden: Float[Array, " unit"]) -> Float[Array, " gate"]:
    """Return what the four gates of all units receive from the hidden state.

    Example:
        >>> received(jnp.ones((2, 1, 4)), jnp.array([1.0, 2.0])).tolist()
        [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]

    Args:
        recurrent: weights of each head.
        hidden: hidden state of all units, head by head.

    Returns:
        Input gate, forget gate, candidate and output gate, each of all units.
    """
    heads, part, _ = recurrent.shape
    sums = jnp.einsum("hp,hpq->hq", hidden.reshape(heads, part), recurrent)
    return sums.reshape(heads, 4, part).swapaxes(0, 1).reshape(-1)


def slstm_cell(forget: str, before: Four, sums: Float[Array, " gate"]) -> Four:
    """Return the state after one step, from what the gates receive.

    Example:
        >>> one = jnp.ones(1)
        >>> hidden, *_ = slstm_cell("exp", (one, one, one, 0 * one), jnp.array([0.0, 0.0, 0.0, 99.0]))
        >>> hidden.tolist()
        [0.5]

    Args:
        forget: kind of forget gate.
        before: hidden state (which acts through `sums` only), cell, normaliser, stabiliser.
        sums: what the gates receive.

    Returns:
        The four after the step.

    References:
        Beck et al. 2024, equations 8 to 17.
    """
    _, cell, normaliser, stabiliser = before
    i, f, z, o = jnp.split(sums, 4)
    kept = LOG_FORGET[forget](f) + stabiliser
    scale = jnp.maximum(kept, i)  # equation 15
    write, keep = jnp.exp(i - scale), jnp.exp(kept - scale)  # equations 16 and 17
    cell = keep * cell + write * jnp.tanh(z)
    normaliser = keep * normaliser + write
    return jax.nn.sigmoid(o) * cell / normaliser, cell, normaliser, scale


def slstm_sequence(
    recurrent: Float[AnyArray, "head part 4*part"],
    sums: Float[Array, "time gate"],
    start: Four,
    forget: str = "sigmoid",
) -> tuple[Four, Float[Array, "time unit"]]:
    """Run the loop of an sLSTM: what depends on the state and nothing else.

    As in `lstm_sequence`, the backward loop carries the gradient of the state alone; the gradient of the recurrent
    weights is one product afterwards.

    Example:
        >>> zero = jnp.zeros(2)
        >>> end, outputs = slstm_sequence(jnp.zeros((1, 2, 8)), jnp.ones((3, 8)), (zero, zero, zero, zero - 1e30))
        >>> outputs.shape, bool((outputs[-1] == end[0]).all())
        ((3, 2), True)

    Args:
        recurrent: weights of each head.
        sums: what input and bias add to the gates, every step.
        start: hidden state, cell, normaliser, stabiliser before the first step.
        forget: kind of forget gate.

    Returns:
        The four after the last step, and the hidden state of every step.
    """
    return _loop(forget)(jnp.asarray(recurrent), sums, tuple(jnp.asarray(part) for part in start))


def _forward(forget: str, recurrent: Array, sums: Array, start: Four) -> tuple[Four, tuple[Four, Array]]:
    """Return the last state, and of every step the state before it and what its gates received."""

    def step(before: Four, now: Array) -> tuple[Four, tuple[Four, Array]]:
        now = now + received(recurrent, before[0])
        return slstm_cell(forget, before, now), (before, now)

    return jax.lax.scan(step, start, sums)


def _outputs(end: Four, before: Four) -> Array:
    return jnp.concatenate([before[0], end[0][None]])[1:]


def _backward(forget: str, kept: tuple[Array, tuple[Four, Array]], given: tuple[Four, Array]) -> Any:
    recurrent, (before, sums) = kept
    d_end, d_outputs = given

    def step(after: Four, now: tuple[Array, Four, Array]) -> tuple[Four, Array]:
        d_output, before, sums = now
        _, back = jax.vjp(partial(slstm_cell, forget), before, sums)
        d_before, d_sums = back((after[0] + d_output, *after[1:]))
        _, to_hidden = jax.vjp(partial(received, recurrent), before[0])
        return (d_before[0] + to_hidden(d_sums)[0], *d_before[1:]), d_sums

    d_start, d_sums = jax.lax.scan(step, d_end, (d_outputs, before, sums), reverse=True)
    heads, part, _ = recurrent.shape
    hidden = before[0].reshape(-1, heads, part)
    d_recurrent = jnp.einsum("thp,tghq->hpgq", hidden, d_sums.reshape(-1, 4, heads, part))
    return d_recurrent.reshape(recurrent.shape), d_sums, d_start


@lru_cache(maxsize=4)
def _loop(forget: str) -> Callable[..., Any]:
    """The differentiable loop of one kind of forget gate."""

    @jax.custom_vjp
    def loop(recurrent: Array, sums: Array, start: Four) -> tuple[Four, Array]:
        end, (before, _) = _forward(forget, recurrent, sums, start)
        return end, _outputs(end, before)

    def forward(recurrent: Array, sums: Array, start: Four) -> tuple[tuple[Four, Array], Any]:
        end, trace = _forward(forget, recurrent, sums, start)
        return (end, _outputs(end, trace[0])), (recurrent, trace)

    loop.defvjp(forward, partial(_backward, forget))
    return loop
