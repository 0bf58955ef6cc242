"""What a problem draws from a few keys: the material that the checks look at, drawn once per problem."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from memspan.core.batch import Batch
from memspan.core.problem import Problem

__all__ = ["Draws", "draw", "one"]

N_KEYS = 16

Outputs = Float[Array, "batch time output"]


@dataclass(frozen=True)
class Draws:
    """Batches of one problem with a leading axis of draws, as host arrays; a fixed problem has one draw.

    Attributes:
        training: from `batch`.
        evaluation: from `evaluation`, with the same keys.
    """

    training: Batch
    evaluation: Batch

    @property
    def n_rows(self) -> int:
        """Evaluation sequences of all draws together."""
        return self.evaluation.mask.shape[0] * self.evaluation.mask.shape[1]

    def scores(
        self, problem: Problem, answer: Callable[[Batch, Array], Outputs], turns: int = 1
    ) -> Float[np.ndarray, " sample"]:
        """Return the score of every draw's evaluation, answered `turns` times each.

        Args:
            problem: judges.
            answer: gives outputs for a batch and a key.
            turns: how often each draw is answered, with another key each time.
        """
        n_draws = self.evaluation.mask.shape[0]
        keys = jax.random.split(jax.random.key(1), (n_draws, turns))

        def judge(batch: Batch, keys: Array) -> Array:
            return jax.lax.map(lambda key: problem.score(answer(batch, key), batch), keys)

        def all_draws(evaluation: Batch, keys: Array) -> Array:
            return jax.lax.map(lambda draw: judge(*draw), (evaluation, keys))

        return np.asarray(jax.jit(all_draws)(_device(self.evaluation), keys), np.float64).ravel()


@functools.lru_cache(maxsize=4)
def draw(problem: Problem) -> Draws:
    """Return draws from `N_KEYS` keys, made by compiled and vectorised code, as the engine makes them."""
    if problem.is_fixed:
        batches = problem.batch(None), problem.evaluation(None)
        return Draws(*(_host(jax.tree.map(lambda rows: jnp.asarray(rows)[None], batch)) for batch in batches))
    keys = jax.random.split(jax.random.key(0), N_KEYS)
    return Draws(*jax.tree.map(np.asarray, jax.jit(jax.vmap(_both(problem)))(keys)))


def one(batches: Batch, index: int) -> Batch:
    """Return one draw."""
    return Batch(*(rows[index] for rows in batches))


def _both(problem: Problem) -> Callable[[Array], tuple[Batch, Batch]]:
    return lambda key: (problem.batch(key), problem.evaluation(key))


def _host(batch: Batch) -> Batch:
    return Batch(*(np.asarray(rows) for rows in batch))


def _device(batch: Batch) -> Batch:
    return Batch(*(jnp.asarray(rows) for rows in batch))
