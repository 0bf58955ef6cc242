"""Truncated BPTT against a slow loop over windows, and at its two ends against the rules it then is."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.quick import quick
from tests.rules import slow
from tests.rules.frozen import arbitrary, cast

from memspan.core.errors import InvalidInput
from memspan.core.rule import Memory
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.rules import BPTT, Online, TruncatedBPTT

NETWORK = Network.of(Conflict(), LSTM(units=2))
RATE = 0.05


@functools.cache
def learned(rule, steps, batch, free_steps):
    """(params, states, loss) after one lesson in float64, and what it began with."""
    lesson = arbitrary(steps, steps, batch, free_steps)
    with jax.enable_x64(True):
        learner = NETWORK.learner(Adam(RATE), every_step_scored=not free_steps)
        weights = NETWORK.draw(7) + 0.3 * np.random.default_rng(1).standard_normal(NETWORK.draw(7).shape)
        state = cast(jax.tree.map(lambda leaf: jnp.stack([leaf] * batch), NETWORK.initial_state), jnp.float64)
        memory = Memory(jnp.asarray(weights), cast(Adam(RATE).build().init(weights), jnp.float64), state)
        after, loss = jax.jit(lambda memory: rule.learn(learner, memory, lesson))(memory)
        states = np.concatenate([np.asarray(leaf) for leaf in jax.tree.leaves(after.state)], axis=1)
        return np.asarray(after.params), states, float(loss), int(after.updates), weights, lesson


def by_hand(weights, lesson, k1, k2):
    """Every window once more, step by step, from the states that the window before it left there."""
    cell, adam = slow.LSTMCell(2), slow.Adam(RATE)
    inputs, targets, mask = (np.asarray(rows).T for rows in lesson)
    batch, steps = inputs.shape
    states, losses, updates = {0: [cell.start()] * batch}, [], 0  # place -> states there
    for end in [*range(k1, steps, k1), steps]:
        done = (end - 1) // k1 * k1
        begin = max(0, done + k1 - k2)
        n_scored = int(mask[:, done:end].sum())

        def cost(weights, begin=begin, done=done, end=end, n_scored=n_scored):
            loss, passed = 0.0, {}
            for row in range(batch):
                state = states[begin][row]
                for time in range(begin, end):
                    state, logits = slow.step(cell, weights, state, inputs[row, time])
                    passed.setdefault(time + 1, []).append(state)
                    if time >= done and mask[row, time]:
                        loss += slow.cross_entropy(logits, targets[row, time]) / n_scored
            return jnp.asarray(loss), passed

        (loss, passed), gradient = jax.value_and_grad(cost, has_aux=True)(weights)
        states.update(passed)
        losses += [float(loss)] * n_scored
        if n_scored:
            weights, updates = adam.step(weights, np.asarray(gradient)), updates + 1
    return weights, np.stack(states[steps]), np.mean(losses), updates


@pytest.mark.parametrize(
    ("k1", "k2", "steps", "batch", "free_steps"),
    quick(
        [
            (2, 2, 6, 2, False),  # windows side by side
            (1, 3, 5, 1, False),  # an update at every step, from three
            (2, 3, 7, 2, True),  # windows that begin between updates; one step left over
            (3, 7, 8, 1, False),  # several windows that would begin before the lesson; two steps left over
            (2, 9, 5, 1, True),  # credit through more steps than there are
            (9, 9, 4, 1, False),  # a lesson shorter than a segment
        ],
        now=[(1, 3, 5, 1, False), (2, 3, 7, 2, True), (3, 7, 8, 1, False)],
    ),
)
def test_a_lesson_equals_the_loop_over_windows(k1, k2, steps, batch, free_steps):
    params, states, loss, updates, weights, lesson = learned(TruncatedBPTT(k1, k2), steps, batch, free_steps)
    with jax.enable_x64(True):
        expected = by_hand(weights, lesson, k1, k2)
    np.testing.assert_allclose(params, expected[0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(states, expected[1], rtol=0, atol=1e-9)
    assert (loss, updates) == (pytest.approx(expected[2], abs=1e-9), expected[3])
    assert np.abs(params - weights).max() > 0.9 * RATE


@pytest.mark.parametrize(("rule", "same"), [(TruncatedBPTT(6, 6), BPTT()), (TruncatedBPTT(1, 1), Online())], ids=str)
def test_at_its_ends_it_is_the_rules_in_between_which_it_lies(rule, same):
    for got, expected in zip(learned(rule, 6, 2, True)[:4], learned(same, 6, 2, True)[:4], strict=True):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@pytest.mark.extended
def test_the_horizon_is_felt():
    """A reference that ignored k2, or k1, would prove nothing above."""
    ends = [learned(TruncatedBPTT(k1, k2), 5, 1, False)[0] for k1, k2 in [(1, 3), (2, 2), (2, 3), (9, 9)]]
    for i, one in enumerate(ends):
        assert all(np.abs(one - other).max() > 1e-3 for other in ends[:i])


def test_a_horizon_shorter_than_a_segment_is_refused():
    with pytest.raises(InvalidInput, match=r"k2 must be at least k1.*k1=4 and k2=3; use k2=4 or more"):
        TruncatedBPTT(4, 3)
    with pytest.raises(InvalidInput, match="k1 must be a whole number of at least 1"):
        TruncatedBPTT(0, 3)
