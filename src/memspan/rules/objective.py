"""What one step costs, as a function of the weights: the common ground of the online rules."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from memspan.core.rule import Learner, Lesson

__all__ = ["loss_met", "step_loss"]


def step_loss(
    learner: Learner, params: Float[Array, " weight"], state: Any, lesson: Lesson
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


def loss_met(losses: Float[Array, " time"], mask: Bool[Array, "time batch"]) -> Float[Array, ""]:
    """Return the mean loss over all scored positions of a lesson, from the mean at each of its steps.

    A step counts as often as it is scored, so that a free step does not dilute the mean, and all rules report
    the same number for the same outputs.

    Example:
        >>> float(loss_met(jnp.array([0.0, 3.0]), jnp.array([[False], [True]])))
        3.0

    Args:
        losses: mean loss over the scored sequences, one number a step.
        mask: which positions are scored.

    Returns:
        The mean, and 0 where nothing is scored.
    """
    scored = jnp.sum(mask, axis=1)
    return jnp.sum(losses * scored) / jnp.maximum(jnp.sum(scored), 1)
