"""What one step costs, as a function of the weights: the common ground of the online rules."""

from __future__ import annotations

from typing import Any

import jax
from jaxtyping import Array, Float, PyTree

from memspan.core.rule import Learner, Lesson

__all__ = ["step_loss"]


def step_loss(
    learner: Learner, params: Float[Array, "weight"], state: PyTree, lesson: Lesson
) -> tuple[Float[Array, ""], Any]:
    """Return the loss of one step of a batch, and the state after it.

    Args:
        learner: the functions to build on.
        params: all weights.
        state: one row a sequence of the batch.
        lesson: one step: inputs, targets and mask without their time axis.

    Returns:
        The mean loss over the scored sequences, and the next state.
    """
    after, outputs = jax.vmap(learner.step, in_axes=(None, 0, 0))(params, state, lesson.inputs)
    return learner.loss(outputs, lesson.targets, lesson.mask), after
