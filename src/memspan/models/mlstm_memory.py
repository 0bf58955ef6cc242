"""One head of an mLSTM: its memory read and written at one step, or at all steps of a chunk at once."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from memspan.core.arrays import AnyArray
from memspan.models.xlstm_initial import EMPTY

__all__ = ["MLSTMReading", "MLSTMState", "read_chunk", "read_step"]

# A memory whose scale is below e^-40 reads as zero; without an end the exponential would overflow.
FAINTEST = -40.0


class MLSTMState(NamedTuple):
    """What an mLSTM carries from step to step, for each head.

    The three describe one memory: exp(a) times the first two and a less in the third is the same.

    Attributes:
        memory: the sum of keys times values, as they were gated.
        normaliser: the sum of keys, as they were gated.
        stabiliser: the logarithm of the scale of both; far below zero while nothing was written.
    """

    memory: Float[AnyArray, "*head key value"]
    normaliser: Float[AnyArray, "*head key"]
    stabiliser: Float[AnyArray, "*head"]


class MLSTMReading(NamedTuple):
    """What the heads receive from the input.

    Attributes:
        queries: what is asked for.
        keys: under what is written, divided by the square root of their size.
        values: what is written.
        i: logarithm of the input gate.
        f: logarithm of the forget gate.
    """

    queries: Float[Array, "*time key"]
    keys: Float[Array, "*time key"]
    values: Float[Array, "*time value"]
    i: Float[Array, "*time"]
    f: Float[Array, "*time"]


def read_step(state: MLSTMState, now: MLSTMReading) -> tuple[MLSTMState, Float[Array, " value"]]:
    """Write and read one step of one head.

    Example:
        >>> empty = MLSTMState(jnp.zeros((1, 1)), jnp.zeros(1), jnp.array(EMPTY))
        >>> one, zero = jnp.ones(1), jnp.zeros(())
        >>> read_step(empty, MLSTMReading(one, one, 3 * one, zero, zero))[1].tolist()
        [3.0]

    Args:
        state: the head's memory.
        now: what it receives.

    Returns:
        The memory after the step, and what was read.

    References:
        Beck et al. 2024, equations 15 to 17 and 19 to 21.
    """
    kept = now.f + state.stabiliser
    scale = jnp.maximum(kept, now.i)
    keep, write = jnp.exp(kept - scale), jnp.exp(now.i - scale)
    memory = keep * state.memory + write * now.keys[:, None] * now.values
    normaliser = keep * state.normaliser + write * now.keys
    least = jnp.exp(-jnp.maximum(scale, FAINTEST))
    read = now.queries @ memory / jnp.maximum(jnp.abs(now.queries @ normaliser), least)
    return MLSTMState(memory, normaliser, scale), read


def read_chunk(state: MLSTMState, now: MLSTMReading) -> tuple[MLSTMState, Float[Array, "time value"]]:
    """Write and read all steps of a chunk of one head.

    Example:
        >>> empty = MLSTMState(jnp.zeros((1, 1)), jnp.zeros(1), jnp.array(EMPTY))
        >>> ones, zeros = jnp.ones((2, 1)), jnp.zeros(2)
        >>> read_chunk(empty, MLSTMReading(ones, ones, jnp.array([[3.0], [5.0]]), zeros, zeros))[1].tolist()
        [[3.0], [4.0]]

    Args:
        state: the head's memory before the chunk.
        now: what it receives, time first.

    Returns:
        The memory after the chunk, and what was read at every step.

    References:
        Beck et al. 2024, appendix A.3 (parallel form), with what is left of the memory before the chunk added.
    """
    time = len(now.i)
    row, column = jnp.arange(time)[:, None], jnp.arange(time)
    # What is left at step `row` of a write at step `column`: sums over the steps between only, which loses no digits.
    decays = jnp.cumsum(jnp.where(row > column, now.f[:, None], 0.0), axis=0)
    weights = jnp.where(row >= column, decays + now.i, EMPTY)
    kept = jnp.cumsum(now.f) + state.stabiliser
    scale = jnp.maximum(kept, jnp.max(weights, axis=1))
    writes, keep = jnp.exp(weights - scale[:, None]), jnp.exp(kept - scale)
    shares = writes * (now.queries @ now.keys.T)
    read = shares @ now.values + keep[:, None] * (now.queries @ state.memory)
    sums = jnp.sum(shares, axis=1) + keep * (now.queries @ state.normaliser)
    least = jnp.exp(-jnp.maximum(scale, FAINTEST))
    written = writes[-1][:, None] * now.keys
    after = MLSTMState(
        keep[-1] * state.memory + written.T @ now.values,
        keep[-1] * state.normaliser + jnp.sum(written, axis=0),
        scale[-1],
    )
    return after, read / jnp.maximum(jnp.abs(sums), least)[:, None]
