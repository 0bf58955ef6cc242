"""Gradients while the weights stand still: an optimizer that only adds up what a rule hands to it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from memspan.core.rule import Lesson, Memory
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.problems import Conflict


def cast(tree, dtype):
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), tree)


def case(model, lesson, dtype, scale=0.3):
    """A network of 5 symbols, a learner whose optimizer sums gradients and freezes weights, and its memory."""
    network = Network.of(Conflict(), model)
    rng = np.random.default_rng(lesson.inputs.size)
    weights = network.draw(1) + scale * rng.standard_normal(network.draw(1).shape)
    state = jax.tree.map(lambda leaf: jnp.stack([leaf] * lesson.mask.shape[1]), network.initial_state)
    learner = network.learner(Adam(), True)._replace(
        update=lambda memory, gradient, scored: memory._replace(optimizer=memory.optimizer + gradient)
    )
    zeros = jnp.zeros(len(weights), dtype)
    return learner, Memory(jnp.asarray(weights, dtype), zeros, cast(state, dtype))


def arbitrary(seed, steps, batch, free_steps=False):
    rng = np.random.default_rng(seed)
    mask = rng.random((steps, batch)) < 0.6 if free_steps else np.ones((steps, batch), bool)
    symbols = rng.integers(5, size=(2, steps, batch))
    return Lesson(*jnp.asarray(symbols), jnp.asarray(mask))


def summed(rule, model, lesson, dtype):
    """The sum of the gradients that a rule hands to the optimizer while weights stand still."""
    learner, memory = case(model, lesson, dtype)
    after, _ = rule.learn(learner, memory, lesson)
    assert np.array_equal(after.params, memory.params)
    return np.asarray(after.optimizer)


def closeness(a, b):
    """Largest difference as a share of the largest gradient."""
    return np.abs(a - b).max() / np.abs(b).max()
