"""Models by invariants: shapes and bounds of initial weights, what a window sees, how layers compose."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.core.model import Model
from memspan.models import LSTM, MLP, Dense, Direct, Skip, Stack, unroll
from memspan.models.activation import hard_sigmoid
from memspan.models.dense import DenseParams
from memspan.models.initial import glorot_uniform, orthogonal

SYMBOLS = np.eye(5, dtype=np.float32)


def built(model, seed=0):
    return model, model.init(np.random.default_rng(seed), 5)


@given(rows=st.integers(1, 30), columns=st.integers(1, 30), seed=st.integers(0, 99))
def test_orthogonal_keeps_lengths(rows, columns, seed):
    weights = orthogonal(np.random.default_rng(seed), rows, columns).astype(np.float64)
    few = weights if rows <= columns else weights.T
    np.testing.assert_allclose(few @ few.T, np.eye(min(rows, columns)), atol=1e-6)


def test_orthogonal_is_uniform_over_rotations():
    """Without the sign correction the diagonal would lean to one side."""
    rng = np.random.default_rng(0)
    corners = np.array([orthogonal(rng, 2, 2)[0, 0] for _ in range(2000)])
    angles = np.sort(np.arccos(np.clip(corners, -1, 1)) / np.pi)
    assert np.abs(angles - np.linspace(0, 1, 2000)).max() < 1.63 / np.sqrt(2000)  # Kolmogorov, one per cent


@given(n_inputs=st.integers(1, 40), n_outputs=st.integers(1, 40))
def test_glorot_has_its_limit(n_inputs, n_outputs):
    weights = glorot_uniform(np.random.default_rng(0), n_inputs, n_outputs)
    limit = (6 / (n_inputs + n_outputs)) ** 0.5
    assert np.abs(weights).max() <= np.float32(limit)
    assert (weights.shape, weights.dtype) == ((n_inputs, n_outputs), np.float32)


def test_glorot_has_its_variance():
    weights = glorot_uniform(np.random.default_rng(0), 200, 300)
    assert np.var(weights) == pytest.approx(2 / 500, rel=0.02)


def test_an_lstm_starts_as_keras_starts():
    params = built(LSTM(units=6))[1]
    assert params.bias.tolist() == [0.0] * 6 + [1.0] * 6 + [0.0] * 12
    assert sum(np.size(leaf) for leaf in params) == 4 * 6 * (5 + 6 + 1)


def lstm_by_hand(params, inputs, units, squash):
    """Equation by equation, on NumPy arrays."""
    h, c, shown = np.zeros(units), np.zeros(units), []
    w, r, b = (np.asarray(part, np.float64) for part in params)
    for x in inputs:
        i, f, g, o = (x @ w + h @ r + b).reshape(4, units)
        c = squash(f) * c + squash(i) * np.tanh(g)
        h = squash(o) * np.tanh(c)
        shown.append(h)
    return np.array(shown), c


@pytest.mark.parametrize(
    ("gate", "squash"),
    [
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
        ("hard_sigmoid", lambda x: np.minimum(1, np.maximum(0, 0.2 * x + 0.5))),
    ],
)
def test_an_lstm_is_its_equations(gate, squash):
    model, params = built(LSTM(units=4, gate=gate))
    params = params._replace(kernel=params.kernel * 4)  # far enough out to reach the flat ends
    inputs = SYMBOLS[[3, 0, 1, 2, 4, 0]]
    state, outputs = unroll(model, params, model.initial_state(5), jnp.asarray(inputs))
    shown, cell = lstm_by_hand(params, inputs, 4, squash)
    np.testing.assert_allclose(outputs, shown, atol=1e-6)
    np.testing.assert_allclose(state.cell, cell, atol=1e-6)
    np.testing.assert_array_equal(state.hidden, outputs[-1])


def test_hard_sigmoid_is_keras_two():
    x = jnp.array([-9.0, -2.5, -1.0, 0.0, 1.0, 2.5, 9.0])
    np.testing.assert_allclose(hard_sigmoid(x), [0, 0, 0.3, 0.5, 0.7, 1, 1], atol=1e-7)


@settings(max_examples=20)
@given(
    window=st.integers(1, 4),
    old=st.lists(st.integers(0, 4), max_size=4),
    other=st.lists(st.integers(0, 4), max_size=4),
    seen=st.lists(st.integers(0, 4), min_size=1, max_size=6),
)
def test_a_window_sees_exactly_its_length(window, old, other, seen):
    """Two pasts that agree on the last inputs give the same output, and a longer past cannot be told from it."""
    model, params = built(MLP(units=3, window=window))
    ends = []
    for past in (old, other):
        state = model.initial_state(5)
        for symbol in [*past, *seen]:
            state, output = model.step(params, state, jnp.asarray(SYMBOLS[symbol]))
        ends.append(np.asarray(output))
    last = [([*past, *seen])[-window:] for past in (old, other)]
    if last[0] == last[1]:
        assert np.array_equal(*ends)
    else:
        assert np.abs(ends[0] - ends[1]).max() > 1e-6


def test_a_stack_is_one_layer_after_the_other():
    first, second = LSTM(units=3), MLP(units=4, window=2)
    stack = Stack((first, second))
    params = stack.init(np.random.default_rng(1), 5)
    inputs = jnp.asarray(SYMBOLS[[3, 0, 1]])
    state, outputs = unroll(stack, params, stack.initial_state(5), inputs)
    middle_state, middle = unroll(first, params[0], first.initial_state(5), inputs)
    last_state, last = unroll(second, params[1], second.initial_state(3), middle)
    np.testing.assert_allclose(outputs, last, atol=1e-7)
    for one, other in zip(jax.tree.leaves(state), jax.tree.leaves((middle_state, last_state)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)
    assert (stack.n_outputs, outputs.shape) == (4, (3, 4))


@pytest.mark.parametrize("model", [LSTM(3), MLP(3, 2), Dense(3), Stack((LSTM(3), Dense(2)))], ids=str)
def test_the_protocol_of_models(model):
    assert isinstance(model, Model)
    params = [jax.tree.leaves(model.init(np.random.default_rng(seed), 5)) for seed in (0, 0, 1)]
    assert all(np.array_equal(a, b) for a, b in zip(params[0], params[1], strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(params[0], params[2], strict=True))
    state, output = model.step(*built(model)[1:], model.initial_state(5), jnp.asarray(SYMBOLS[3]))
    assert output.shape == (model.n_outputs,)
    before = jax.tree.leaves(model.initial_state(5))
    shapes = [(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(state)]
    assert shapes == [(leaf.shape, leaf.dtype) for leaf in before]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: LSTM(3).step(built(LSTM(3))[1], LSTM(3).initial_state(5), jnp.zeros((2, 5))),
        lambda: Dense(3).step(built(Dense(3))[1], (), jnp.zeros(5, jnp.int32)),
        lambda: unroll(LSTM(3), built(LSTM(3))[1], LSTM(3).initial_state(5), jnp.zeros(5)),
    ],
)
def test_wrong_shapes_are_named_at_the_door(wrong):
    """The shapes in the signatures are checked in tests; without the check JAX might broadcast in silence."""
    with pytest.raises(jaxtyping.TypeCheckError, match="Type-check error whilst checking the parameters"):
        wrong()


def test_direct_connections_are_a_skip_below_the_read_out():
    """The oracle is the same map built otherwise: model output and input side by side, under one dense layer."""
    n, n_outputs, inputs = 4, 3, jax.random.normal(jax.random.key(0), (7, 4))
    model = Direct(LSTM(units=2), n_outputs=n_outputs, limit=0.5)
    params = model.init(np.random.default_rng(1), n)
    kernel = np.concatenate([params.through[1].kernel, params.past.kernel])
    other = Stack((Skip(LSTM(units=2), n_inputs=n), Dense(n_outputs)))
    _, wanted = other.sequence(
        (params.through[0], DenseParams(kernel, params.through[1].bias)), other.initial_state(n), inputs
    )
    _, got = model.sequence(params, model.initial_state(n), inputs)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-6)
    assert params.past.bias is None


@pytest.mark.parametrize(
    ("wrong", "sentence"), [({"n_outputs": 0}, "n_outputs"), ({"n_outputs": 2, "limit": -1.0}, "limit")]
)
def test_direct_connections_refuse(wrong, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        Direct(LSTM(units=2), **wrong)
