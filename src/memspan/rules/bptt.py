"""Backpropagation through time over the whole sequence."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from memspan.core.rule import Learner, Lesson, Memory

__all__ = ["BPTT"]


@dataclass(frozen=True)
class BPTT:
    """One update after every sequence (or batch of sequences), with the exact gradient of its mean loss.

    References:
        Werbos 1990; Williams and Peng 1990.
    """

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Read the whole lesson, then update once."""

        def cost(params: Float[Array, " weight"]) -> tuple[Float[Array, ""], object]:
            state, outputs = learner.sequence(params, memory.state, lesson.inputs)
            return learner.loss(outputs, lesson.targets, lesson.mask), state

        (loss, state), gradient = jax.value_and_grad(cost, has_aux=True)(memory.params)
        return learner.update(memory._replace(state=state), gradient, jnp.any(lesson.mask)), loss
