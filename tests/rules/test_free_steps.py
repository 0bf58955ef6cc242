"""Free steps: what is not scored moves the state and nothing else; and one-step lessons chain into longer ones."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.quick import quick

from memspan.core.rule import Lesson, Memory
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online, SnAp, Truncated1997, TruncatedBPTT

ONLINE = [Online(), RTRL(), SnAp(1), Truncated1997()]
RULES = [*ONLINE, BPTT(), BPTT(checkpoint=True), TruncatedBPTT(2, 3)]
SOME = [RTRL(), BPTT(checkpoint=True), TruncatedBPTT(2, 3)]


def lesson_of(mask):
    rng = np.random.default_rng(0)
    symbols = rng.integers(5, size=(2, len(mask), 1))
    return Lesson(*jnp.asarray(symbols, jnp.int32), jnp.asarray(mask)[:, None])


def steps_of(lesson):
    """The lesson cut into lessons of one step."""
    return [Lesson(*(rows[time : time + 1] for rows in lesson)) for time in range(len(lesson.mask))]


@pytest.fixture(scope="module")
def learn():
    """(rule, memory, lesson) -> (memory, loss), compiled."""
    learner = Network.of(Conflict(), LSTM(units=4)).learner(Adam(0.01), every_step_scored=False)
    return jax.jit(lambda rule, memory, lesson: rule.learn(learner, memory, lesson), static_argnums=0)


@pytest.fixture(scope="module")
def before(learn):
    """The memory after a few updates, so that momentum would move the weights by itself."""
    network = Network.of(Conflict(), LSTM(units=4))
    params = jnp.asarray(network.draw(0))
    state = jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], network.initial_state)
    memory = Memory(params, Adam(0.01).build().init(params), state)
    return learn(Online(), memory, lesson_of([True] * 6))[0]


def equal(a, b):
    return all(np.array_equal(x, y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))


def close(a, b):
    for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_allclose(x, y, rtol=0, atol=1e-6)


@pytest.mark.parametrize("rule", quick(RULES, SOME), ids=str)
def test_a_free_lesson_moves_the_state_only(learn, before, rule):
    after, loss = learn(rule, before, lesson_of([False] * 4))
    assert equal(after.params, before.params)
    assert equal(after.optimizer, before.optimizer)
    assert not equal(after.state, before.state)
    assert float(loss) == 0.0


@pytest.mark.parametrize("rule", quick(RULES, SOME), ids=str)
def test_a_scored_lesson_moves_weights_and_moments(learn, before, rule):
    after, loss = learn(rule, before, lesson_of([False, False, False, True]))
    assert not equal(after.params, before.params)
    assert float(after.optimizer.updates) == float(before.optimizer.updates) + 1
    assert float(loss) > 0


@pytest.mark.parametrize("rule", quick(ONLINE, now=[RTRL(), Truncated1997()]), ids=str)
def test_free_steps_after_the_last_score_change_no_weight(learn, before, rule):
    short, short_loss = learn(rule, before, jax.tree.map(lambda rows: rows[:3], lesson_of([True] * 6)))
    padded, padded_loss = learn(rule, before, lesson_of([True] * 3 + [False] * 3))
    close((padded.params, padded.optimizer), (short.params, short.optimizer))
    assert float(padded_loss) == pytest.approx(float(short_loss), rel=1e-6)


def test_rules_report_the_same_loss_for_the_same_outputs(learn, before):
    """With one scored step, all rules meet the same outputs before their only update."""
    lesson = lesson_of([False, False, True, False])
    losses = [float(learn(rule, before, lesson)[1]) for rule in RULES]
    assert losses == pytest.approx([losses[0]] * len(RULES), rel=1e-6)


@pytest.mark.extended
def test_online_walks_the_same_whether_steps_come_together_or_one_by_one(learn, before):
    """The stateless call over a sequence is the stateful one, step by step, with the state carried."""
    lesson = lesson_of([True] * 6)
    whole, loss = learn(Online(), before, lesson)
    for rule in RULES:  # on a single step all rules are the truncated one
        memory, losses = before, []
        for step in steps_of(lesson):
            memory, one = learn(rule, memory, step)
            losses.append(float(one))
        close(memory, whole)
        assert float(loss) == pytest.approx(np.mean(losses), rel=1e-5)
