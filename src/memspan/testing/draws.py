"""What a problem draws from a few keys, and how it judges answers to it: compiled once for all checks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Shaped

from memspan.core.batch import Batch
from memspan.core.problem import Problem

__all__ = ["Draws", "Verdicts", "draw", "judge", "keys_of_draws", "oracle_outputs", "sample"]

N_KEYS = 16
MANY, LARGE = 256, 2**22  # a fixed problem is answered 256 times, less often where that were many outputs

ManyOutputs = Float[Array, "draw batch time output"]


class Draws(NamedTuple):
    """Batches of one problem with a leading axis of draws, as host arrays; a fixed one's are all the same.

    Attributes:
        training: from `batch`.
        evaluation: from `evaluation`, with the same keys.
    """

    training: Batch
    evaluation: Batch

    def one(self, index: int) -> Draws:
        """Return one draw, without the leading axis."""
        return Draws(*(Batch(*(values[index] for values in batches)) for batches in self))


class Verdicts(NamedTuple):
    """How answers to every draw's evaluation are judged.

    Attributes:
        scores: the score of each draw.
        solved: whether the criterion of success holds.
    """

    scores: Float[np.ndarray, " draw"]
    solved: Bool[np.ndarray, " draw"]


@functools.lru_cache(maxsize=4)
def _sampler(problem: Problem) -> Callable[[Array], Draws]:
    return jax.jit(jax.vmap(lambda key: Draws(problem.batch(key), problem.evaluation(key))))


def sample(problem: Problem, keys: Array) -> Draws:
    """Return what `N_KEYS` keys draw, made by compiled and vectorised code, as the engine makes it."""
    return jax.tree.map(np.asarray, _sampler(problem)(keys))


@functools.lru_cache(maxsize=4)
def draw(problem: Problem) -> Draws:
    """Return the draws that all checks look at; a fixed problem's are repeated."""
    if problem.is_fixed:
        drawn = Draws(problem.batch(None), problem.evaluation(None))
        size = drawn.evaluation.mask.size * problem.n_outputs
        turns = int(np.clip(LARGE // size, N_KEYS, MANY))
        return jax.tree.map(lambda rows: np.repeat(np.asarray(rows)[None], turns, axis=0), drawn)
    return sample(problem, keys_of_draws())


def keys_of_draws() -> Array:
    """Return the keys of `draw`."""
    return jax.random.split(jax.random.key(0), N_KEYS)


@functools.lru_cache(maxsize=4)
def _oracle(problem: Problem) -> Callable[[Batch], ManyOutputs]:
    return jax.jit(jax.vmap(problem.oracle))


def oracle_outputs(problem: Problem, **changed: Shaped[np.ndarray, "..."]) -> ManyOutputs:
    """Return what the oracle says to every draw's evaluation, some of its fields changed."""
    batch = draw(problem).evaluation._replace(**changed)
    return _oracle(problem)(jax.tree.map(jnp.asarray, batch))


@functools.lru_cache(maxsize=4)
def _judge(problem: Problem) -> Callable[[ManyOutputs, Batch], tuple[Array, Array]]:
    return jax.jit(jax.vmap(lambda said, batch: (problem.score(said, batch), problem.solved(said, batch))))


def judge(problem: Problem, outputs: ManyOutputs | Float[np.ndarray, "draw batch time output"]) -> Verdicts:
    """Return score and success of answers to every draw's evaluation."""
    evaluation = jax.tree.map(jnp.asarray, draw(problem).evaluation)
    scores, solved = _judge(problem)(jnp.asarray(outputs), evaluation)
    return Verdicts(np.asarray(scores, np.float64), np.asarray(solved))
