"""The GRU along a whole sequence: input projected before the loop, weight gradients formed after it."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["gru_after", "gru_before"]


class _Trace(NamedTuple):
    """What the backward pass needs of every step.

    `from_hidden` is what the hidden state adds to the candidate: before the reset gate takes its share where the
    gate comes after the product, and nothing that is needed where it comes before.
    """

    hidden: Float[Array, "time unit"]
    update: Float[Array, "time unit"]
    reset: Float[Array, "time unit"]
    candidate: Float[Array, "time unit"]
    from_hidden: Float[Array, "time unit"]


def _previous(start: Array, hidden: Array) -> Array:
    return jnp.concatenate([start[None], hidden])[:-1]


def _run_after(recurrent: Array, shift: Array, sums: Array, start: Array) -> _Trace:
    units = len(start)

    def step(before: Array, now: Array) -> tuple[Array, _Trace]:
        products = before @ recurrent
        update, reset = jnp.split(jax.nn.sigmoid(now[: 2 * units] + products[: 2 * units]), 2)
        from_hidden = products[2 * units :] + shift
        candidate = jnp.tanh(now[2 * units :] + reset * from_hidden)
        hidden = update * before + (1 - update) * candidate
        return hidden, _Trace(hidden, update, reset, candidate, from_hidden)

    return jax.lax.scan(step, start, sums)[1]


@jax.custom_vjp
def gru_after(
    recurrent: Float[Array, "unit 3*unit"],
    shift: Float[Array, " unit"],
    sums: Float[Array, "time 3*unit"],
    start: Float[Array, " unit"],
) -> Float[Array, "time unit"]:
    """Run the loop of a GRU whose reset gate acts after the recurrent product.

    Differentiated by XLA, the loop would add to the gradient of the recurrent kernel at every step; here the
    backward loop carries the gradient of the state alone, and the kernel's is one matrix product afterwards.

    Example:
        >>> gru_after(jnp.zeros((1, 3)), jnp.zeros(1), jnp.zeros((3, 3)), jnp.ones(1)).tolist()
        [[0.5], [0.25], [0.125]]

    Args:
        recurrent: weights from the previous hidden state; blocks update, reset, candidate.
        shift: bias of the candidate's recurrent share, inside the reset gate.
        sums: what input and biases add before the activations, every step.
        start: hidden state before the first step.

    Returns:
        The hidden state of every step.

    References:
        keras.layers.GRU with reset_after; torch.nn.GRU.
    """
    return _run_after(recurrent, shift, sums, start).hidden


def _forward_after(recurrent: Array, shift: Array, sums: Array, start: Array) -> tuple[Array, tuple[Array, ...]]:
    trace = _run_after(recurrent, shift, sums, start)
    return trace.hidden, (recurrent, start, *trace)


def _backward_after(kept: tuple[Array, ...], d_outputs: Array) -> tuple[Array, ...]:
    recurrent, start, hidden, update, reset, candidate, from_hidden = kept
    before, transposed = _previous(start, hidden), recurrent.T
    # All gradients of a step are the state's times a factor, and the factors do not depend on the loop.
    to_update = (before - candidate) * update * (1 - update)
    to_candidate = (1 - update) * (1 - candidate * candidate)
    to_reset = to_candidate * from_hidden * reset * (1 - reset)
    to_products = jnp.concatenate([to_update, to_reset, to_candidate * reset], axis=-1)

    def step(after: Array, now: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        d_output, update, factors = now
        d_hidden = after + d_output
        return d_hidden * update + (jnp.tile(d_hidden, 3) * factors) @ transposed, d_hidden

    d_start, d_hidden = jax.lax.scan(step, jnp.zeros_like(start), (d_outputs, update, to_products), reverse=True)
    d_sums = jnp.tile(d_hidden, 3) * jnp.concatenate([to_update, to_reset, to_candidate], axis=-1)
    d_shift = jnp.sum(d_hidden * to_candidate * reset, axis=0)
    return before.T @ (jnp.tile(d_hidden, 3) * to_products), d_shift, d_sums, d_start


gru_after.defvjp(_forward_after, _backward_after)


def _run_before(recurrent: Array, sums: Array, start: Array) -> _Trace:
    units = len(start)
    to_gates, to_candidate = recurrent[:, : 2 * units], recurrent[:, 2 * units :]

    def step(before: Array, now: Array) -> tuple[Array, _Trace]:
        update, reset = jnp.split(jax.nn.sigmoid(now[: 2 * units] + before @ to_gates), 2)
        shown = reset * before
        candidate = jnp.tanh(now[2 * units :] + shown @ to_candidate)
        hidden = update * before + (1 - update) * candidate
        return hidden, _Trace(hidden, update, reset, candidate, shown)

    return jax.lax.scan(step, start, sums)[1]


@jax.custom_vjp
def gru_before(
    recurrent: Float[Array, "unit 3*unit"], sums: Float[Array, "time 3*unit"], start: Float[Array, " unit"]
) -> Float[Array, "time unit"]:
    """Run the loop of a GRU whose reset gate acts before the recurrent product.

    Example:
        >>> gru_before(jnp.zeros((1, 3)), jnp.zeros((3, 3)), jnp.ones(1)).tolist()
        [[0.5], [0.25], [0.125]]

    Args:
        recurrent: weights from the previous hidden state; blocks update, reset, candidate.
        sums: what input and bias add before the activations, every step.
        start: hidden state before the first step.

    Returns:
        The hidden state of every step.

    References:
        Cho et al. 2014, equations 5 to 8; keras.layers.GRU without reset_after.
    """
    return _run_before(recurrent, sums, start).hidden


def _forward_before(recurrent: Array, sums: Array, start: Array) -> tuple[Array, tuple[Array, ...]]:
    trace = _run_before(recurrent, sums, start)
    return trace.hidden, (recurrent, start, *trace)


def _backward_before(kept: tuple[Array, ...], d_outputs: Array) -> tuple[Array, ...]:
    recurrent, start, hidden, update, reset, candidate, shown = kept
    units, before = len(start), _previous(start, hidden)
    from_gates, from_candidate = recurrent[:, : 2 * units].T, recurrent[:, 2 * units :].T
    to_update = (before - candidate) * update * (1 - update)
    to_candidate = (1 - update) * (1 - candidate * candidate)
    to_reset = before * reset * (1 - reset)

    def step(after: Array, now: tuple[Array, ...]) -> tuple[Array, Array]:
        d_output, update, reset, to_update, to_reset, to_candidate = now
        d_hidden = after + d_output
        d_candidate = d_hidden * to_candidate
        d_shown = d_candidate @ from_candidate
        d_gates = jnp.concatenate([d_hidden * to_update, d_shown * to_reset])
        d_before = d_hidden * update + d_shown * reset + d_gates @ from_gates
        return d_before, jnp.concatenate([d_gates, d_candidate])

    steps = (d_outputs, update, reset, to_update, to_reset, to_candidate)
    d_start, d_sums = jax.lax.scan(step, jnp.zeros_like(start), steps, reverse=True)
    d_recurrent = jnp.concatenate([before.T @ d_sums[:, : 2 * units], shown.T @ d_sums[:, 2 * units :]], axis=1)
    return d_recurrent, d_sums, d_start


gru_before.defvjp(_forward_before, _backward_before)
