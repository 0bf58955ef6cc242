"""Backpropagation through time over the whole sequence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from memspan.core.rule import Learner, Lesson, Memory

__all__ = ["BPTT"]


@dataclass(frozen=True)
class BPTT:
    """One update after every sequence (or batch of sequences), with the exact gradient of its mean loss.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=4), BPTT(checkpoint=True), epochs=2)
        >>> runs.updates
        4

    Attributes:
        checkpoint: keep the state at about sqrt(T) places only and compute what lies between them once more on
            the way back: the same gradient from memory that grows as sqrt(T) instead of T, for a third more time.

    References:
        Werbos 1990; Williams and Peng 1990; checkpoints: Chen et al. 2016.
    """

    checkpoint: bool = False

    @property
    def horizon(self) -> None:
        """Inputs back that credit reaches. None: a gradient reaches all of the sequence."""
        return None

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Read the whole lesson, then update once."""

        def cost(params: Float[Array, " weight"]) -> tuple[Float[Array, ""], Any]:
            if self.checkpoint:
                return _in_segments(learner, params, memory.state, lesson)
            state, outputs = learner.sequence(params, memory.state, lesson.inputs)
            return learner.loss(outputs, lesson.targets, lesson.mask), state

        (loss, state), gradient = jax.value_and_grad(cost, has_aux=True)(memory.params)
        return learner.update(memory._replace(state=state), gradient, jnp.any(lesson.mask)), loss


def _in_segments(
    learner: Learner, params: Float[Array, " weight"], state: Any, lesson: Lesson
) -> tuple[Float[Array, ""], Any]:
    """Return mean loss and last state, reading the lesson in about sqrt(T) segments that are forgotten in between."""
    n_scored = jnp.maximum(jnp.sum(lesson.mask), 1)

    @jax.checkpoint
    def segment(params: Float[Array, " weight"], state: Any, part: Lesson) -> tuple[Any, Float[Array, ""]]:
        state, outputs = learner.sequence(params, state, part.inputs)
        # A segment's mean counts as often as it was scored.
        return state, learner.loss(outputs, part.targets, part.mask) * jnp.sum(part.mask) / n_scored

    time = len(lesson.mask)
    length = math.isqrt(time)
    n = time // length
    whole = jax.tree.map(lambda rows: rows[: n * length].reshape(n, length, *rows.shape[1:]), lesson)
    rest = jax.tree.map(lambda rows: rows[n * length :], lesson)
    state, losses = jax.lax.scan(lambda state, part: segment(params, state, part), state, whole)
    loss = jnp.sum(losses)
    if len(rest.mask):
        state, last = segment(params, state, rest)
        loss = loss + last
    return loss, state
