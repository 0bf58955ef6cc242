"""Carried influence where it is sparse: against masked influence by hand, and exact where nothing is left out."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules import slow
from tests.rules.frozen import arbitrary, case, closeness

from memspan.core.errors import InvalidInput
from memspan.models import LSTM, AbstractModel
from memspan.rules import BPTT, RTRL, SnAp
from memspan.rules.influence import _form
from memspan.rules.sparsity import colours, kept


def gradients(rules, model, lesson):
    """The sums of gradients that rules hand out while weights stand still, and what they started from."""
    with jax.enable_x64(True):
        learner, memory = case(model, lesson, jnp.float64)
        learn = jax.jit(lambda memory: [rule.learn(learner, memory, lesson)[0].optimizer for rule in rules])
        return [np.asarray(gradient) for gradient in learn(memory)], learner, memory


def rows_and_pairs(model, steps):
    """The form that is chosen: how many numbers it carries for a weight."""
    lesson = arbitrary(0, 3, 1)
    learner, memory = case(model, lesson, jnp.float32)
    keep = kept(learner, memory, lesson, steps)
    return keep, _form(learner.step, keep).shape


@dataclass(frozen=True)
class Ring(AbstractModel):
    """A unit reads the input and the unit before it, so that influence moves on by one unit a step."""

    n_outputs: int

    def init(self, rng, n_inputs):
        return rng.normal(size=(self.n_outputs, n_inputs)), rng.normal(size=self.n_outputs)

    def initial_state(self, n_inputs):
        return np.zeros(self.n_outputs, np.float32)

    def step(self, params, state, x):
        state = jnp.tanh(params[0] @ x + params[1] * jnp.roll(state, 1))
        return state, state


@dataclass(frozen=True)
class Turning(AbstractModel):
    """Pairs of numbers that are turned and shrunk, each by itself: complex diagonal recurrence in real numbers."""

    n_outputs: int

    def init(self, rng, n_inputs):
        return rng.normal(size=(2, self.n_outputs)), rng.normal(size=(2, n_inputs, self.n_outputs))

    def initial_state(self, n_inputs):
        return np.zeros((2, self.n_outputs), np.float32)

    def step(self, params, state, x):
        size, angle = jax.nn.sigmoid(params[0][0]), params[0][1]
        state = jax.lax.complex(*state) * size * jnp.exp(1j * angle) + jax.lax.complex(*(x @ params[1]))
        state = jnp.stack([jnp.real(state), jnp.imag(state)])
        return state, jnp.tanh(state[0] * state[1])


@dataclass(frozen=True)
class Gated(AbstractModel):
    """A minimal gated unit: gate and candidate read the input alone."""

    n_outputs: int

    def init(self, rng, n_inputs):
        return rng.normal(size=(2, n_inputs, self.n_outputs))

    def initial_state(self, n_inputs):
        return np.zeros(self.n_outputs, np.float32)

    def step(self, params, state, x):
        gate = jax.nn.sigmoid(x @ params[0])
        state = (1 - gate) * state + gate * (x @ params[1])
        return state, state


@dataclass(frozen=True)
class Cascade(AbstractModel):
    """Averages of averages: the second of a pair reads the first of the step before, never the other way round."""

    n_outputs: int

    def init(self, rng, n_inputs):
        return rng.normal(size=(n_inputs, self.n_outputs)), rng.normal(size=(3, self.n_outputs))

    def initial_state(self, n_inputs):
        return np.zeros((2, self.n_outputs), np.float32)

    def step(self, params, state, x):
        keep = jax.nn.sigmoid(params[1])
        first = keep[0] * state[0] + jnp.tanh(x @ params[0])
        second = keep[1] * state[1] + keep[2] * state[0]
        return jnp.stack([first, second]), second


def masked_influence(cell, weights, lesson, mask):
    """The sum of gradients with P = mask * (J P + D), by whole Jacobians of a slow cell, for one sequence."""
    state, influence, total = cell.start(), np.zeros(mask.shape), 0.0
    both = jax.jit(jax.jacobian(lambda w, s, x: cell.step(w, s, x)[0], argnums=(0, 1)))
    cost = jax.jit(jax.grad(lambda w, s, x, t: slow.cross_entropy(cell.step(w, s, x)[1], t), argnums=(0, 1)))
    for symbol, target in zip(np.asarray(lesson.inputs)[:, 0], np.asarray(lesson.targets)[:, 0], strict=True):
        direct, back = cost(weights, state, symbol, target)
        total = total + np.asarray(direct) + np.asarray(back) @ influence
        by_weights, by_state = both(weights, state, symbol)
        influence = mask * (np.asarray(by_state) @ influence + np.asarray(by_weights))
        state = slow.step(cell, weights, state, symbol)[0]
    return total


def own_unit(units):
    """SnAp-1 of an LSTM: a weight reaches the hidden state of its unit, and unless it is an output gate's the cell."""
    unit, gate = np.tile(np.arange(units), 4), np.repeat(np.arange(4), units)
    hidden = np.arange(units)[:, None] == unit
    mask = np.tile(np.concatenate([hidden, hidden & (gate < 3)]), slow.SIZE + units + 1)
    return np.pad(mask, ((0, 0), (0, (units + 1) * slow.SIZE)))


@pytest.mark.parametrize("units", [2, 7])  # one row a state, and one a colour
def test_snap_1_of_an_lstm_is_masked_influence(units):
    lesson = arbitrary(1, 6, 1)
    (got, exact), _, memory = gradients([SnAp(1), RTRL()], LSTM(units), lesson)
    with jax.enable_x64(True):
        expected = masked_influence(slow.LSTMCell(units), memory.params, lesson, own_unit(units))
    assert closeness(got, expected) < 1e-10
    assert closeness(got, exact) > 1e-3


def test_snap_of_as_many_steps_as_states_is_exact():
    lesson = arbitrary(3, 7, 2)
    for model, n in [(LSTM(3), 2), (Ring(5), 5)]:
        (got, forward, exact), _, _ = gradients([SnAp(n), RTRL(), BPTT()], model, lesson)
        assert closeness(got, 7 * exact) < 1e-10
        assert closeness(forward, 7 * exact) < 1e-10


@pytest.mark.parametrize("model", [Gated(6), Turning(6), Cascade(9)], ids=str)
def test_snap_1_of_a_diagonal_recurrence_is_exact(model):
    """A pair that turns is reached from its own weights at the second step."""
    lesson, n = arbitrary(4, 7, 2), 1 if isinstance(model, Gated) else 2
    (got, exact), _, _ = gradients([SnAp(n), BPTT()], model, lesson)
    assert closeness(got, 7 * exact) < 1e-10


def test_what_is_carried():
    """Numbers a weight: one a unit for a diagonal recurrence, two for pairs and for an LSTM's own unit."""
    assert rows_and_pairs(Gated(6), None)[1] == (1, 60)
    assert rows_and_pairs(Turning(6), None)[1] == (2, 72)
    assert rows_and_pairs(Cascade(9), None)[1] == (2, 72)
    assert rows_and_pairs(LSTM(7), 1)[1] == (2, 4 * 7 * 13)
    assert rows_and_pairs(LSTM(7), None)[1] == (14, 4 * 7 * 13)
    for n in (1, 2, 4, 6, 9):
        assert (rows_and_pairs(Ring(6), n)[0].keep.sum(axis=0) == min(n, 6)).all()


@given(st.integers(0, 10_000), st.integers(0, 8), st.integers(0, 8), st.floats(0, 1))
def test_colours_tell_all_entries(seed, rows, columns, density):
    """Rows of one colour, summed, still show every entry."""
    pattern = np.random.default_rng(seed).random((rows, columns)) < density
    colour = colours(pattern)
    for one in set(colour.tolist()):
        assert (pattern[colour == one].sum(axis=0) <= 1).all()
    assert set(colour.tolist()) == set(range(colour.max(initial=-1) + 1))


def test_a_model_without_memory_carries_nothing():
    (got, exact), learner, memory = gradients([RTRL(), BPTT()], LSTM(2), arbitrary(5, 1, 1))
    assert closeness(got, exact) < 1e-12
    cut = learner._replace(step=lambda params, state, x: learner.step(params, jax.lax.stop_gradient(state), x))
    keep = kept(cut, memory, arbitrary(5, 1, 1), None)
    assert keep.keep.shape == (0, 0)
    assert keep.n_states == 4


def test_the_number_of_steps_is_checked():
    with pytest.raises(InvalidInput, match="n must be a whole number of at least 1, but got 0"):
        SnAp(0)
