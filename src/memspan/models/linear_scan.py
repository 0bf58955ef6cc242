"""The linear recurrence h(t) = decay(t) h(t-1) + drive(t), number by number, along a whole sequence."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Inexact

from memspan.core.arrays import AnyArray

__all__ = ["linear_scan"]


def linear_scan(
    decay: Inexact[AnyArray, "time ..."],
    drive: Inexact[AnyArray, "time ..."],
    start: Inexact[AnyArray, "..."],
    parallel: bool | None = None,
) -> tuple[Inexact[Array, "..."], Inexact[Array, "time ..."]]:
    """Return the state after the last step and the state of every step.

    Two steps of such a recurrence are one step again, with decay a(2) a(1) and drive a(2) b(1) + b(2): the steps can
    be joined in any grouping, in parallel, in a depth of log T. That does more work in all; where it is one core's to
    do, a compiled loop is faster. Backward it is the same recurrence in reversed time, for which forward values are
    all that is kept. (Differentiable backward any number of times; forward mode is not.)

    Example:
        >>> end, states = linear_scan(jnp.full(4, 0.5), jnp.ones(4), jnp.float32(0))
        >>> states.tolist(), float(end)
        ([1.0, 1.5, 1.75, 1.875], 1.875)

    Args:
        decay: what is kept of every number, at every step; real or complex.
        drive: what is added.
        start: the state before the first step.
        parallel: True for the parallel scan, False for the loop; None takes the loop on a CPU, the parallel scan
            elsewhere.

    Returns:
        State after the last step (`start` where there are none), and all states.

    References:
        Blelloch 1990, section 1.4; gradient: Martin and Cundy 2018, section 2.2.
    """
    dtype = jnp.result_type(decay, drive, start)
    first = jnp.asarray(start, dtype)
    if len(drive) == 0:
        return first, jnp.asarray(drive, dtype)
    chosen = jax.default_backend() != "cpu" if parallel is None else parallel
    states = _recurrence(chosen)(jnp.asarray(decay, dtype), jnp.asarray(drive, dtype), first)
    return states[-1], states


def _loop(decay: Array, drive: Array, start: Array) -> Array:
    """One step after the other."""

    def step(before: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
        state = now[0] * before + now[1]
        return state, state

    return jax.lax.scan(step, start, (decay, drive))[1]


def _parallel(decay: Array, drive: Array, start: Array) -> Array:
    """Steps joined two by two."""

    def join(early: tuple[Array, Array], late: tuple[Array, Array]) -> tuple[Array, Array]:
        return late[0] * early[0], late[0] * early[1] + late[1]

    driven = drive.at[0].add(decay[0] * start)
    return jax.lax.associative_scan(join, (decay, driven))[1]


@lru_cache(maxsize=2)
def _recurrence(parallel: bool) -> Any:
    """The differentiable recurrence in one of its two forms."""
    form = _parallel if parallel else _loop

    @jax.custom_vjp
    def recurrence(decay: Array, drive: Array, start: Array) -> Array:
        return form(decay, drive, start)

    def forward(decay: Array, drive: Array, start: Array) -> tuple[Array, tuple[Array, ...]]:
        states = recurrence(decay, drive, start)
        return states, (decay, states, start)

    def backward(kept: tuple[Array, ...], d_states: Array) -> tuple[Array, Array, Array]:
        decay, states, start = kept
        # d_drive(t) = d_states(t) + decay(t+1) d_drive(t+1)
        later = jnp.concatenate([decay[1:], jnp.zeros_like(decay[:1])])
        d_drive = recurrence(later[::-1], d_states[::-1], jnp.zeros_like(start))[::-1]
        before = jnp.concatenate([start[None], states[:-1]])
        return d_drive * before, d_drive, decay[0] * d_drive[0]

    recurrence.defvjp(forward, backward)
    return recurrence
