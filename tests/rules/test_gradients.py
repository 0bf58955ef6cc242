"""The gradients themselves: RTRL is BPTT while weights are frozen, and finite differences confirm BPTT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.quick import quick
from tests.rules.frozen import arbitrary, case, closeness, summed

from memspan.core.model import Model
from memspan.core.rule import Lesson, Memory
from memspan.engine.loss import binary_cross_entropy, masked_mean
from memspan.engine.network import Network
from memspan.models import LSTM, MLP, AbstractModel, Dense, Stack
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online

MODELS = [
    LSTM(units=3),
    LSTM(units=2, gate="hard_sigmoid"),
    MLP(units=3),
    MLP(units=3, window=3),
    Dense(5),
    Stack((LSTM(units=2), MLP(units=2, window=2))),
]


@pytest.mark.extended
@settings(max_examples=3)
@given(
    kind=st.sampled_from([lambda units: LSTM(units), lambda units: MLP(units, window=units)]),
    units=st.integers(1, 4),
    seed=st.integers(0, 10_000),
    steps=st.integers(1, 7),
    batch=st.integers(1, 3),
)
def test_rtrl_equals_bptt_while_weights_are_frozen(kind, units, seed, steps, batch):
    model = kind(units)
    lesson = arbitrary(seed, steps, batch)
    with jax.enable_x64(True):
        exact, online = (summed(rule, model, lesson, jnp.float64) for rule in (BPTT(), RTRL()))
    assert closeness(online, steps * exact) < 1e-10


@pytest.mark.extended
def test_rtrl_equals_bptt_at_the_tutorials_size():
    """At lag 30, in the precision of training; the middle repeats so that five symbols suffice."""
    batch = Conflict(lag=30, middle="repeating").batch()
    lesson = Lesson(batch.inputs.T, batch.targets.T, batch.mask.T)
    exact, online = (summed(rule, LSTM(units=20), lesson, jnp.float32) for rule in (BPTT(), RTRL()))
    assert closeness(online, 31 * exact) < 1e-5


@pytest.mark.extended
def test_rtrl_equals_bptt_with_free_steps():
    """A step is weighted by how many sequences are scored in it, so one sequence makes the sums comparable."""
    lesson = arbitrary(3, steps=7, batch=1, free_steps=True)
    assert 0 < lesson.mask.sum() < 7
    with jax.enable_x64(True):
        exact, online = (summed(rule, LSTM(units=3), lesson, jnp.float64) for rule in (BPTT(), RTRL()))
    assert closeness(online, int(lesson.mask.sum()) * exact) < 1e-10


@pytest.mark.parametrize("steps", quick([1, 3, 16, 19], now=[3, 19]))
def test_checkpoints_change_nothing(steps):
    """One segment; one and a rest of two; four; four and a rest of three. Free steps fall unevenly."""
    lesson = arbitrary(steps, steps, batch=2, free_steps=steps > 1)
    with jax.enable_x64(True):
        learner, memory = case(LSTM(3), lesson, jnp.float64)
        learn = jax.jit(lambda memory: [BPTT(check).learn(learner, memory, lesson) for check in (False, True)])
        (plain, loss), (checked, same) = learn(memory)
    assert closeness(np.asarray(checked.optimizer), np.asarray(plain.optimizer)) < 1e-12
    assert float(loss) == pytest.approx(float(same), rel=1e-12)
    for one, other in zip(jax.tree.leaves(plain.state), jax.tree.leaves(checked.state), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


@pytest.mark.extended
def test_truncation_is_felt():
    """Online is not the exact gradient where memory carries it, and is where nothing is carried."""
    lesson = arbitrary(5, steps=5, batch=2)
    with jax.enable_x64(True):
        exact, online = (summed(rule, LSTM(units=3), lesson, jnp.float64) for rule in (BPTT(), Online()))
        assert closeness(online, 5 * exact) > 1e-2
        exact, online = (summed(rule, MLP(3, window=3), lesson, jnp.float64) for rule in (BPTT(), Online()))
        assert closeness(online, 5 * exact) < 1e-10


@pytest.mark.parametrize(
    "model",
    quick(MODELS, now=[MODELS[0], MODELS[3]]),
    ids=str,
)
def test_finite_differences_confirm_bptt(model):
    """Central differences of the loss that BPTT reports, one weight at a time, without any derivative of JAX."""
    lesson, nudge = arbitrary(11, steps=5, batch=2, free_steps=True), 1e-6
    with jax.enable_x64(True):
        learner, memory = case(model, lesson, jnp.float64)
        gradient = np.asarray(BPTT().learn(learner, memory, lesson)[0].optimizer)
        read = learner._replace(update=lambda memory, gradient, scored: memory)
        loss = jax.jit(jax.vmap(lambda params: BPTT().learn(read, memory._replace(params=params), lesson)[1]))
        nudges = nudge * jnp.eye(len(gradient))
        numeric = np.asarray(loss(memory.params + nudges) - loss(memory.params - nudges)) / (2 * nudge)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-8)
    assert np.abs(numeric).max() > 1e-2


def test_finite_differences_confirm_the_loss():
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        logits, targets = rng.normal(scale=5, size=(4, 3)), rng.random((4, 3))
        mask = jnp.array([True, False, True, True])

        def loss(flat):
            return masked_mean(binary_cross_entropy(flat.reshape(4, 3), jnp.asarray(targets)), mask)

        flat, nudges = jnp.asarray(logits.ravel()), 1e-6 * jnp.eye(12)
        numeric = (jax.vmap(loss)(flat + nudges) - jax.vmap(loss)(flat - nudges)) / 2e-6
        np.testing.assert_allclose(jax.grad(loss)(flat), numeric, rtol=1e-6, atol=1e-9)
        assert not np.asarray(numeric).reshape(4, 3)[1].any()


@dataclass(frozen=True)
class Elman(AbstractModel):
    """A user's own model, by the protocol alone: h' = tanh(Wx x + Wh h + b)."""

    units: int

    @property
    def n_outputs(self):
        return self.units

    def init(self, rng, n_inputs):
        return tuple(rng.normal(size=(self.units, n)) for n in (n_inputs, self.units, 1))

    def initial_state(self, n_inputs):
        return jnp.zeros(self.units)

    def step(self, params, state, x):
        wx, wh, b = params
        state = jnp.tanh(wx @ x + wh @ state + b[:, 0])
        return state, state


@dataclass(frozen=True)
class Descent:
    """Plain gradient descent, so that the reference needs no Adam."""

    rate: float

    def build(self) -> Any:
        return optax.sgd(self.rate)


def rtrl_by_hand(wx, wh, b, out, out_bias, inputs, targets, rate):
    """Real-time recurrent learning of an Elman network in NumPy, after Williams and Zipser 1989."""
    units, n_inputs = wx.shape
    h, influence = np.zeros(units), np.zeros((units, units, n_inputs + units + 1))  # dh_k / dW_ij
    weights, losses = np.concatenate([wx, wh, b], axis=1), []
    for symbol, target in zip(inputs, targets, strict=True):
        z = np.concatenate([np.eye(n_inputs)[symbol], h, [1.0]])
        wh = weights[:, n_inputs:-1]
        h = np.tanh(weights @ z)
        influence = np.einsum("kl,lij->kij", wh, influence)
        influence[np.arange(units), np.arange(units)] += z
        influence *= (1 - h**2)[:, None, None]
        p = 1 / (1 + np.exp(-(h @ out + out_bias)))
        losses.append(-np.mean(np.log(np.where(np.arange(len(p)) == target, p, 1 - p))))
        error = (p - np.eye(len(p))[target]) / len(p)
        weights = weights - rate * np.einsum("k,kij->ij", out @ error, influence)
        out, out_bias = out - rate * np.outer(h, error), out_bias - rate * error
    return weights, out, out_bias, np.mean(losses)


def test_rtrl_of_a_users_elman_network_equals_numpy():
    assert isinstance(Elman(3), Model)
    lesson = arbitrary(2, steps=9, batch=1)
    with jax.enable_x64(True):
        network = Network.of(Conflict(), Elman(3))
        params = jnp.asarray(network.draw(4), jnp.float64)
        (wx, wh, b), (out, out_bias) = jax.tree.map(np.asarray, network.layout.unravel(params))
        learner = network.learner(Descent(0.5), True)
        memory = Memory(params, optax.sgd(0.5).init(params), (jnp.zeros((1, 3)), ()))
        after, loss = RTRL().learn(learner, memory, lesson)
        got, got_out = network.layout.unravel(after.params)
        arguments = (wx, wh, b, out, out_bias, lesson.inputs[:, 0], lesson.targets[:, 0])
        weights, out, out_bias, expected = rtrl_by_hand(*arguments, rate=0.5)
    np.testing.assert_allclose(np.concatenate(got, axis=1), weights, atol=1e-10)
    np.testing.assert_allclose(got_out.kernel, out, atol=1e-10)
    np.testing.assert_allclose(got_out.bias, out_bias, atol=1e-10)
    assert float(loss) == pytest.approx(expected, abs=1e-10)
