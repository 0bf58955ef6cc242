"""Every rule equals a slow loop over time with its own cells, to 1e-9 in float64."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.quick import quick
from tests.rules import slow

from memspan.core.rule import Lesson, Memory
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.models import LSTM, MLP
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online

RULES = {"Online": Online(), "BPTT": BPTT(), "RTRL": RTRL()}
PAIRS = {
    "lstm": (LSTM(units=2), slow.LSTMCell(units=2)),
    "memoryless": (MLP(units=3), slow.WindowCell(units=3, window=1)),
    "window": (MLP(units=2, window=3), slow.WindowCell(units=2, window=3)),
}


def doubled(tree):
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), tree)


def drawn(rng, batch, steps, free_steps):
    """Arbitrary symbols and, where asked, arbitrary free positions."""
    inputs, targets = rng.integers(slow.SIZE, size=(2, batch, steps))
    mask = rng.random((batch, steps)) < 0.6 if free_steps else np.ones((batch, steps), bool)
    return inputs, targets, mask


def one_lesson(rule, model, weights, start, lesson, every_step_scored, rate):
    """Learn one lesson by the library's rule in float64."""
    network = Network.of(Conflict(), model)
    learner = network.learner(Adam(rate), every_step_scored)
    state = jax.tree.map(lambda leaf: jnp.stack([leaf] * len(lesson[0])), doubled(start))
    memory = Memory(jnp.asarray(weights), doubled(Adam(rate).build().init(jnp.asarray(weights))), state)
    return rule.learn(learner, memory, Lesson(*(jnp.asarray(rows).T for rows in lesson)))


def flat_states(state, batch):
    leaves = [np.asarray(leaf).reshape(batch, -1) for leaf in jax.tree.leaves(state)]
    return np.concatenate(leaves, axis=1)


@pytest.mark.parametrize("pair", quick(PAIRS, now=["lstm", "window"]))
@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(("batch", "steps", "free_steps"), quick([(2, 3, True), (1, 4, False)], now=[(2, 3, True)]))
def test_a_lesson_equals_the_loop(name, pair, batch, steps, free_steps):
    model, cell = PAIRS[pair]
    rng = np.random.default_rng(steps)
    with jax.enable_x64(True):
        network = Network.of(Conflict(), model)
        weights = network.draw(7).astype(np.float64) + 0.3 * rng.standard_normal(network.draw(7).shape)
        lesson = drawn(rng, batch, steps, free_steps)
        memory, loss = one_lesson(RULES[name], model, weights, network.initial_state, lesson, not free_steps, 0.05)
        starts = [cell.start()] * batch
        expected = slow.learn(name, cell, slow.Adam(0.05), weights, starts, lesson)
        assert memory.params.dtype == jnp.float64
        np.testing.assert_allclose(memory.params, expected[0], rtol=0, atol=1e-9)
        np.testing.assert_allclose(flat_states(memory.state, batch), np.stack(expected[1]), rtol=0, atol=1e-9)
        assert float(loss) == pytest.approx(expected[2], abs=1e-9)


def test_the_rules_differ():
    """What the comparison above would not show: that the three references are three."""
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        weights = Network.of(Conflict(), LSTM(units=2)).draw(1).astype(np.float64)
        lesson, cell = drawn(rng, 1, 4, free_steps=False), slow.LSTMCell(units=2)
        ends = [slow.learn(name, cell, slow.Adam(0.05), weights, [cell.start()], lesson)[0] for name in RULES]
    assert all(np.abs(a - b).max() > 1e-3 for a, b in itertools.combinations(ends, 2))
