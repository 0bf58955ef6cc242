"""The influence of the weights on the state, carried forward in time: the common ground of the exact online rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from memspan.core.rule import Learner, Lesson, Memory
from memspan.rules.objective import loss_met, step_loss
from memspan.rules.sparsity import Kept, colours, kept

__all__ = ["learn_forward"]

Step = Callable[..., Any]
GATHER = 8  # how many products of a matrix multiplication take as long as one number looked up elsewhere


class _Form(NamedTuple):
    """One way to hold what is carried.

    Attributes:
        shape: of what is carried for one sequence; it starts as zeros.
        credit: (gradient of the loss by the state, carried) -> its gradient by the weights, through the past.
        advance: (params, state, input, carried) -> carried after this step.
    """

    shape: tuple[int, int]
    credit: Callable[[Array, Array], Array]
    advance: Callable[..., Array]


def learn_forward(
    learner: Learner, memory: Memory, lesson: Lesson, steps: int | None
) -> tuple[Memory, Float[Array, ""]]:
    """Walk through a lesson, updating after every step, each credited through all steps so far.

    With s the state and w the weights, P(t) = (ds(t)/ds(t-1)) P(t-1) + ds(t)/dw, at the weights of step t. The
    gradient of the current loss is the truncated one of `Online` plus dloss/ds(t-1) P(t-1).

    Args:
        learner: the functions to build on.
        memory: weights, optimizer, and the state before the first step.
        lesson: one batch of sequences.
        steps: only entries of P that are reached within so many steps are carried; None carries all.

    Returns:
        The memory after the lesson and the mean loss met on the way.

    References:
        Williams and Zipser 1989, equation 2.10; Menick et al. 2020, section 3.
    """
    form = _form(learner.step, kept(learner, memory, lesson, steps))

    def step(carry: tuple[Memory, Array], now: Lesson) -> tuple[tuple[Memory, Array], Float[Array, ""]]:
        memory, carried = carry
        cost = jax.value_and_grad(
            lambda params, state: step_loss(learner, params, state, now), argnums=(0, 1), has_aux=True
        )
        (loss, state), (direct, by_state) = cost(memory.params, memory.state)
        back = jax.vmap(lambda tree: ravel_pytree(tree)[0])(by_state)
        gradient = direct + jnp.sum(jax.vmap(form.credit)(back, carried), axis=0)
        carried = jax.vmap(form.advance, in_axes=(None, 0, 0, 0))(memory.params, memory.state, now.inputs, carried)
        memory = learner.update(memory._replace(state=state), gradient, jnp.any(now.mask))
        return (memory, carried), loss

    nothing = jnp.zeros((lesson.mask.shape[1], *form.shape), memory.params.dtype)
    (memory, _), losses = jax.lax.scan(step, (memory, nothing), lesson)
    return memory, loss_met(losses, lesson.mask)


def _form(step: Step, keep: Kept) -> _Form:
    """Choose the cheaper form: one entry a state and weight, or one a colour and weight."""
    together = keep.keep.astype(np.float32)
    meet = keep.through & (together @ together.T > 0)
    colour = colours(keep.keep)
    pairs = np.unique(np.stack([colour[rows] for rows in np.nonzero(meet)]), axis=1)
    dense = GATHER * pairs.shape[1] >= len(keep.states) ** 2
    return _dense(step, keep) if dense else _coloured(step, keep, colour, pairs)


def _pulls(step: Step, params: Array, state: Any, x: Array) -> tuple[Step, Step]:
    """Return what pulls a vector over the next state back to the weights, and to the state before."""
    flat, unravel = ravel_pytree(state)

    def move(params: Array, flat: Array) -> Array:
        return ravel_pytree(step(params, unravel(flat), x)[0])[0]

    to_params = jax.vjp(lambda params: move(params, flat), params)[1]
    to_state = jax.vjp(lambda flat: move(params, flat), flat)[1]
    return lambda seeds: jax.vmap(to_params)(seeds)[0], lambda seeds: jax.vmap(to_state)(seeds)[0]


def _seeds(keep: Kept, colour: np.ndarray, dtype: Any) -> Float[Array, "colour state"]:
    """Return one vector a colour, with a one at each state of that colour."""
    seeds = np.zeros((int(colour.max(initial=-1)) + 1, keep.n_states))
    seeds[colour, keep.states] = 1
    return jnp.asarray(seeds, dtype)


def _among_all(keep: Kept, gradient: Array) -> Array:
    """Put the weights that are followed back among all weights."""
    return jnp.pad(gradient, (keep.first, keep.n_weights - keep.last))


def _dense(step: Step, keep: Kept) -> _Form:
    """One row a state: the Jacobian of the state times what is carried is one matrix product."""
    through = colours(keep.through)

    def credit(back: Array, carried: Array) -> Array:
        return _among_all(keep, back[keep.states] @ carried)

    def advance(params: Array, state: Any, x: Array, carried: Array) -> Array:
        to_params, to_state = _pulls(step, params, state, x)
        direct = to_params(_seeds(keep, np.arange(len(keep.states)), carried.dtype))[:, keep.first : keep.last]
        rows = to_state(_seeds(keep, through, carried.dtype))[through][:, keep.states]
        passed = jnp.where(keep.through, rows, 0) @ carried
        return direct + (passed if keep.keep.all() else jnp.where(keep.keep, passed, 0))

    return _Form(keep.keep.shape, credit, advance)


def _coloured(step: Step, keep: Kept, colour: np.ndarray, pairs: np.ndarray) -> _Form:
    """One row a colour: no weight influences two states of the same, so that states share a row and a pass."""
    n_rows, through = len(keep.states), colours(keep.through)
    n_through = int(through.max(initial=-1)) + 1
    # Which state a weight influences in each colour; where there is none, one past the last.
    owner = np.full((int(colour.max(initial=-1)) + 1, keep.keep.shape[1]), n_rows)
    rows, weights = np.nonzero(keep.keep)
    owner[colour[rows], weights] = rows
    number = np.append(keep.states, keep.n_states)[owner]
    sources, places = _sources(keep, owner, pairs, through, n_through)

    def credit(back: Array, carried: Array) -> Array:
        return _among_all(keep, jnp.sum(jnp.append(back, 0)[number] * carried, axis=0))

    def advance(params: Array, state: Any, x: Array, carried: Array) -> Array:
        to_params, to_state = _pulls(step, params, state, x)
        direct = to_params(_seeds(keep, colour, carried.dtype))[:, keep.first : keep.last]
        jacobian = jnp.append(to_state(_seeds(keep, through, carried.dtype)).ravel(), 0)
        return direct + jnp.sum(jacobian[places] * carried[sources], axis=1)

    return _Form(owner.shape, credit, advance)


def _sources(
    keep: Kept, owner: np.ndarray, pairs: np.ndarray, through: np.ndarray, n_through: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return from which colours each colour is reached, and where in the compressed Jacobian each factor lies.

    Args:
        keep: what is carried.
        owner: [colour, weight], the row of the state that a weight influences.
        pairs: (to, from), the colours of states of which one reaches the other.
        through: colour of each row of the Jacobian.
        n_through: how many there are.

    Returns:
        [colour, source] and [colour, source, weight]; padded with places that hold zero.
    """
    counts = np.bincount(pairs[0], minlength=len(owner))
    sources = np.zeros((len(owner), int(counts.max(initial=0))), int)
    places = np.full((*sources.shape, owner.shape[1]), n_through * keep.n_states)
    allowed = np.pad(keep.through, (0, 1))
    place_of = np.append(through, 0)[:, None] * keep.n_states + np.append(keep.states, 0)[None]
    for (to, source), slot in zip(pairs.T, _ranks(pairs[0]), strict=True):
        sources[to, slot] = source
        at = (owner[to], owner[source])
        places[to, slot] = np.where(allowed[at], place_of[at], places[to, slot])
    return sources, places


def _ranks(sorted_numbers: np.ndarray) -> np.ndarray:
    """Count along runs of equal numbers: 3 3 3 5 5 gives 0 1 2 0 1."""
    return np.arange(len(sorted_numbers)) - np.searchsorted(sorted_numbers, sorted_numbers)
