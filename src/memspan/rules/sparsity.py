"""Which influences of weights on states are kept, and which of them may be computed together."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Bool, Int

from memspan.core.rule import Learner, Lesson, Memory
from memspan.rules.dependence import dependence

__all__ = ["Kept", "colours", "kept"]


class Kept(NamedTuple):
    """The entries of the influence matrix that are carried, on the host.

    Attributes:
        n_weights: all weights.
        n_states: numbers in the state of one sequence.
        states: those of them that some weight can influence and that something reads later.
        first: first weight that influences any of them.
        last: one past the last such weight.
        keep: which entries are carried, for these states and weights.
        through: which of these states can influence which in one step; rows are the later ones.
    """

    n_weights: int
    n_states: int
    states: Int[np.ndarray, " row"]
    first: int
    last: int
    keep: Bool[np.ndarray, "row weight"]
    through: Bool[np.ndarray, "row row"]


def kept(learner: Learner, memory: Memory, lesson: Lesson, steps: int | None) -> Kept:
    """Read off a step which influences can be other than zero.

    Args:
        learner: its `step` is traced.
        memory: gives the shapes of weights and states.
        lesson: gives the shape of an input.
        steps: keep an entry that is reached within so many steps; None keeps all that ever is.

    Returns:
        What is carried. Where `steps` is None, leaving out the rest changes nothing.

    References:
        Menick et al. 2020, section 3: SnAp-n keeps the entries that are non-zero after n steps.
    """
    one = jax.tree.map(lambda leaf: np.zeros(leaf.shape[1:], np.float32), memory.state)
    flat, unravel = ravel_pytree(one)

    def move(params: Any, state: Any, x: Any) -> Any:
        after, output = learner.step(params, unravel(state), x)
        return ravel_pytree(after)[0], output

    shapes = [(memory.params.shape, memory.params.dtype), (flat.shape, flat.dtype)]
    tracked = [jax.ShapeDtypeStruct(*shape) for shape in shapes]
    depends = dependence(move, tracked, [jax.ShapeDtypeStruct(lesson.inputs.shape[2:], lesson.inputs.dtype)])
    n_weights, n_states = memory.params.size, flat.size
    read = depends[:, n_weights:].sum(axis=0) > 0
    direct, through = depends[:n_states, :n_weights], depends[:n_states, n_weights:].toarray()
    through = through & read
    # Which state a weight can reach in further steps: paths in the graph of states, doubled in length each time.
    reach = _paths(through, n_states if steps is None else min(steps - 1, n_states))
    keep = np.asarray((direct.astype(np.float32).T @ reach.T.astype(np.float32)) > 0).T
    states = np.flatnonzero(read & keep.any(axis=1))
    weights = np.flatnonzero(keep[states].any(axis=0))
    first, last = (int(weights[0]), int(weights[-1]) + 1) if len(weights) else (0, 0)
    return Kept(n_weights, n_states, states, first, last, keep[states, first:last], through[np.ix_(states, states)])


def _paths(through: Bool[np.ndarray, "row row"], steps: int) -> Bool[np.ndarray, "row row"]:
    """Return which state can be reached from which in at most so many steps."""
    step = (through | np.eye(len(through), dtype=bool)).astype(np.float32)
    reach = np.eye(len(through), dtype=np.float32)
    while steps > 0:
        if steps % 2:
            reach = (reach @ step > 0).astype(np.float32)
        step, steps = (step @ step > 0).astype(np.float32), steps // 2
    return reach > 0


def colours(pattern: Bool[np.ndarray, "row column"]) -> Int[np.ndarray, " row"]:
    """Give rows colours, greedily, so that no column has two entries of one colour.

    The sum of the rows of a colour then still tells every entry, and a single backward pass computes that sum.

    Example:
        >>> colours(np.array([[1, 0, 1], [0, 1, 0], [1, 1, 0]], bool)).tolist()
        [0, 0, 1]

    Args:
        pattern: True where a matrix may be other than zero.

    Returns:
        One colour a row, counted from 0.

    References:
        Curtis, Powell and Reid 1974.
    """
    numbers = pattern.astype(np.float32)
    conflict = numbers @ numbers.T > 0
    colour = np.full(len(pattern), -1)
    for row in range(len(pattern)):
        taken = set(colour[conflict[row] & (colour >= 0)].tolist())
        colour[row] = next(c for c in range(len(pattern)) if c not in taken)
    return colour
