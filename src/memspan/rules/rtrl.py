"""Real-time recurrent learning: the exact gradient, forward in time, with an update after every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Shaped

from memspan.core.rule import Learner, Lesson, Memory
from memspan.rules.objective import loss_met, step_loss

__all__ = ["RTRL", "influences"]

Influence = Float[Array, "batch state weight"]


class _Carry(NamedTuple):
    memory: Memory
    influence: Influence


def influences(learner: Learner, memory: Memory, lesson: Lesson, influence: Influence) -> Influence:
    """Return how the state after this step depends on every weight, through all steps so far.

    With s the state and w the weights, P(t) = (ds(t)/ds(t-1)) P(t-1) + ds(t)/dw, at the weights of step t.

    Args:
        learner: the functions to build on.
        memory: weights, and the state before this step.
        lesson: one step, without its time axis.
        influence: P(t-1) for every sequence of the batch.

    Returns:
        P(t) for every sequence of the batch.

    References:
        Williams and Zipser 1989, equation 2.10.
    """

    def one(state: object, x: Shaped[Array, ...], before: Float[Array, "state weight"]) -> Float[Array, "state weight"]:
        flat, unravel = ravel_pytree(state)

        def move(params: Float[Array, " weight"], flat: Float[Array, " state"]) -> Float[Array, " state"]:
            return ravel_pytree(learner.step(params, unravel(flat), x)[0])[0]

        direct, through = jax.jacrev(move, argnums=(0, 1))(memory.params, flat)
        return through @ before + direct

    return jax.vmap(one)(memory.state, lesson.inputs, influence)


@dataclass(frozen=True)
class RTRL:
    """One update after every step, credited through all steps of its sequence so far.

    The gradient of the current loss is the truncated one of `Online` plus what the carried influence adds: how
    the state before this step would have differed with other weights. Memory does not grow with the length of the
    sequence; the cost of a step grows as state x state x weights.

    References:
        Williams and Zipser 1989.
    """

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Walk through the lesson, updating after every step."""
        batch = lesson.mask.shape[1]
        size = sum(leaf[0].size for leaf in jax.tree.leaves(memory.state))

        def step(carry: _Carry, now: Lesson) -> tuple[_Carry, Float[Array, ""]]:
            memory, influence = carry
            cost = jax.value_and_grad(
                lambda params, state: step_loss(learner, params, state, now), argnums=(0, 1), has_aux=True
            )
            (loss, state), (direct, by_state) = cost(memory.params, memory.state)
            back = jax.vmap(lambda tree: ravel_pytree(tree)[0])(by_state)
            gradient = direct + jnp.einsum("bs,bsw->w", back, influence)
            influence = influences(learner, memory, now, influence)
            memory = learner.update(memory._replace(state=state), gradient, jnp.any(now.mask))
            return _Carry(memory, influence), loss

        nothing = jnp.zeros((batch, size, memory.params.size), memory.params.dtype)
        (memory, _), losses = jax.lax.scan(step, _Carry(memory, nothing), lesson)
        return memory, loss_met(losses, lesson.mask)
