"""Online learning with the gradient truncated at one step: the tutorial's rule."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from memspan.core.rule import Learner, Lesson, Memory
from memspan.rules.objective import loss_met, step_loss

__all__ = ["Online"]


@dataclass(frozen=True)
class Online:
    """One update after every step; the state is carried to the next step, the gradient is not.

    This is what a stateful network trained with one time step per batch does. A weight is credited only with what
    it did in the current step: nothing tells it that a symbol read earlier should have been kept.

    References:
        The tutorial; truncated backpropagation through time with a horizon of one, Williams and Peng 1990.
    """

    @property
    def horizon(self) -> int:
        """Inputs back that credit reaches. The scored step's own input alone."""
        return 1

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Walk through the lesson, updating after every step."""

        def step(memory: Memory, now: Lesson) -> tuple[Memory, Float[Array, ""]]:
            cost = jax.value_and_grad(lambda params: step_loss(learner, params, memory.state, now), has_aux=True)
            (loss, state), gradient = cost(memory.params)
            return learner.update(memory._replace(state=state), gradient, jnp.any(now.mask)), loss

        memory, losses = jax.lax.scan(step, memory, lesson)
        return memory, loss_met(losses, lesson.mask)
