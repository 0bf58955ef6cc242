"""What all models on a linear recurrence share: both forms, gradients in double precision, symbols, diagonals."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from tests.models.small_linear import MODELS
from tests.quick import quick

N_INPUTS, TIME = 4, 9
ONE_EACH = ["minimal gru", "minimal lstm", "lru", "s5", "mamba"]


def drawn(model, seed=0):
    """Parameters, a state that is not zero and inputs, in single precision."""
    rng = np.random.default_rng(seed)
    params = model.init(rng, N_INPUTS)
    state = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(np.float32), model.initial_state(N_INPUTS))
    return params, state, rng.standard_normal((TIME, N_INPUTS)).astype(np.float32)


def flat(tree):
    return np.asarray(ravel_pytree(tree)[0])


@pytest.mark.parametrize("name", quick(MODELS, ONE_EACH))
def test_a_sequence_is_its_steps_wherever_it_is_cut(name):
    model = MODELS[name]
    params, state, inputs = drawn(model)
    step, sequence, after, outputs = jax.jit(model.step), jax.jit(model.sequence), state, []
    for x in inputs:
        after, output = step(params, after, jnp.asarray(x))
        outputs.append(output)
    for cut in (0, 4):
        middle, early = sequence(params, state, jnp.asarray(inputs[:cut]))
        end, late = sequence(params, middle, jnp.asarray(inputs[cut:]))
        np.testing.assert_allclose(np.concatenate([early, late]), outputs, rtol=0, atol=1e-5)
        np.testing.assert_allclose(flat(end), flat(after), rtol=0, atol=1e-5)
        assert {leaf.dtype for leaf in jax.tree.leaves((end, late))} == {jnp.dtype("float32")}


@pytest.mark.parametrize("name", quick(ONE_EACH, now=["minimal lstm", "lru", "mamba"]))
def test_gradients_are_finite_differences(name):
    """By every parameter, every number of the state and every input, of outputs and last state."""
    model = MODELS[name]
    with jax.enable_x64(True):
        everything = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), drawn(model))
        point, unravel = ravel_pytree(everything)
        weights = np.random.default_rng(1).standard_normal(1000)

        def cost(vector):
            params, state, inputs = unravel(vector)
            values = ravel_pytree(model.sequence(params, state, inputs))[0]
            return jnp.sum(values * weights[: values.size])

        nudges = 1e-5 * jnp.eye(point.size)
        found = jax.jit(jax.vmap(lambda nudge: (cost(point + nudge) - cost(point - nudge)) / 2e-5))(nudges)
        exact = jax.jit(jax.grad(cost))(point)
        assert exact.dtype == jnp.float64
    np.testing.assert_allclose(exact, found, rtol=1e-6, atol=1e-7)
    assert (np.abs(np.asarray(exact)) > 1e-9).mean() > 0.9


@pytest.mark.parametrize("name", ONE_EACH)
def test_a_symbol_is_its_one_hot_vector(name):
    model = MODELS[name]
    params, state, _ = drawn(model)
    symbols = np.array([3, 0, 1, 1, 2])
    assert model.reads_symbols
    sequence = jax.jit(model.sequence)
    by_symbol = sequence(params, state, jnp.asarray(symbols))
    by_vector = sequence(params, state, jnp.eye(N_INPUTS)[symbols])
    np.testing.assert_allclose(flat(by_symbol), flat(by_vector), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ONE_EACH)
def test_a_number_of_the_state_depends_on_its_own_past_only(name):
    """What makes exact forward credit cheap: the Jacobian of a step is diagonal, in complex numbers where they are."""
    model = MODELS[name]
    params, state, inputs = drawn(model)
    memory = state.memory if name == "mamba" else state
    point, unravel = ravel_pytree(memory)

    def move(vector):
        before = unravel(vector)
        whole = state._replace(memory=before) if name == "mamba" else before
        after = model.step(params, whole, jnp.asarray(inputs[0]))[0]
        return ravel_pytree(after.memory if name == "mamba" else after)[0]

    jacobian = np.asarray(jax.jit(jax.jacobian(move))(point))
    own = np.eye(len(point), dtype=bool)
    if name in ("lru", "s5"):  # a real part depends on its own imaginary part
        half = len(point) // 2
        own = np.tile(np.eye(half, dtype=bool), (2, 2))
    assert not jacobian[~own].any()
    assert (np.abs(jacobian[own]) > 0).all()


@pytest.mark.parametrize("name", ONE_EACH)
def test_with_a_linear_read_out_a_layer_is_not_linear(name):
    """The outputs of the exclusive or of two symbols, one step apart: no linear function of time-shifted inputs."""
    model = MODELS[name]
    params = model.init(np.random.default_rng(2), 2)
    pairs = jnp.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    read = jax.jit(jax.vmap(lambda pair: model.sequence(params, model.initial_state(2), pair)[1][-1]))
    a, b, c, d = np.asarray(read(pairs), np.float64)
    assert np.abs(a - b - c + d).max() > 1e-4
