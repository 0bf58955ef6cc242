"""The native read-out against XLA's and NumPy in float64, mapped, threaded, and where it hands over to XLA."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import memspan as ms
from memspan.engine.network import Network
from memspan.models import LSTM, Dense, Stack
from memspan.models.dense import DenseParams
from memspan.models.dense_native import NativeDense, read_out
from memspan.problems import Conflict

# Features, outputs, steps: less than half a vector and more than one; a block of steps, and a rest of one.
SIZES = [(20, 5, 100), (3, 1, 7), (33, 17, 65), (1, 40, 64)]


def drawn(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def parts(features, outputs, steps, models=2, batch=3):
    """Parameters of each model, inputs, and what each output is worth."""
    params = DenseParams(drawn(0, models, features, outputs), drawn(1, models, outputs))
    return params, drawn(2, models, batch, steps, features), drawn(3, models, batch, steps, outputs)


def cost(layer, params, inputs, worth):
    """Of sequences that share the parameters."""
    read = jax.vmap(lambda one: layer.sequence(params, (), one)[1])(jnp.asarray(inputs))
    return jnp.sum(jnp.sin(read) * worth)


def gradients(layer):
    return jax.jit(jax.vmap(jax.value_and_grad(lambda *given: cost(layer, *given), argnums=(0, 1))))


@pytest.mark.parametrize("sizes", SIZES)
def test_values_and_gradients_are_those_of_xla(sizes):
    found = [gradients(make(sizes[1]))(*parts(*sizes)) for make in (Dense, NativeDense)]
    for one, other in zip(*map(jax.tree.leaves, found), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5 * (1 + np.abs(one).max()))


@pytest.mark.parametrize("sizes", SIZES)
def test_outputs_are_those_of_numpy_in_float64(sizes):
    params, inputs, _ = parts(*sizes, models=1, batch=1)
    kernel, bias = (part[0] for part in params)
    shown = NativeDense(sizes[1]).sequence(DenseParams(kernel, bias), (), jnp.asarray(inputs[0, 0]))[1]
    exact = inputs[0, 0].astype(np.float64) @ kernel.astype(np.float64) + bias
    np.testing.assert_allclose(shown, exact, atol=1e-6 * (1 + np.abs(exact).max()))


def test_gradients_are_finite_differences():
    params, inputs, worth = (jax.tree.map(lambda part: 0.3 * part[0], part) for part in parts(5, 3, 9, models=1))
    value = jax.jit(lambda params, inputs: cost(NativeDense(3), params, inputs, worth))
    found = jax.grad(value, argnums=(0, 1))(params, inputs)
    direction = jax.tree.map(lambda part: drawn(9, *part.shape) * 1e-2, (params, inputs))
    ends = [value(*jax.tree.map(lambda p, d, s=sign: p + s * d, (params, inputs), direction)) for sign in (1, -1)]
    along = sum(float(np.vdot(g, d)) for g, d in zip(*map(jax.tree.leaves, (found, direction)), strict=True))
    assert (float(ends[0]) - float(ends[1])) / 2 == pytest.approx(along, rel=5e-3)


BITS = jax.jit(jax.vmap(jax.value_and_grad(lambda x: jnp.sum(NativeDense(5).sequence(PARAMS, (), x)[1] ** 2))))
PARAMS = DenseParams(drawn(4, 20, 5), drawn(5, 5))


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(6)))
def test_a_sequence_gives_the_same_bits_wherever_it_lies(order):
    inputs = jnp.asarray(drawn(6, 6, 70, 20))
    for one, moved in zip(BITS(inputs), BITS(inputs[jnp.array(order)]), strict=True):
        np.testing.assert_array_equal(np.asarray(one)[list(order)], moved)


def test_large_layers_other_inputs_and_no_steps_are_left_to_xla():
    for features, outputs in ((200, 100), (3, 2)):
        params = DenseParams(drawn(0, features, outputs), drawn(1, outputs))
        for inputs in (jnp.asarray(drawn(2, 4, features), jnp.float16), jnp.array([1, 2, 0]), jnp.zeros((0, features))):
            found = [make(outputs).sequence(params, (), inputs)[1] for make in (Dense, NativeDense)]
            np.testing.assert_array_equal(*found)
    large = NativeDense(100)
    text = str(
        jax.make_jaxpr(lambda x: large.sequence(DenseParams(drawn(0, 200, 100), drawn(1, 100)), (), x))(
            jnp.ones((4, 200))
        )
    )
    assert "ffi_call" not in text


def test_the_read_out_is_native_where_the_loop_is():
    native, plain = LSTM(units=4, loop="native"), LSTM(units=4)
    for model, kind in ((native, NativeDense), (plain, Dense), (Stack((plain, native)), NativeDense)):
        assert type(Network.of(Conflict(), model).stack.layers[-1]) is kind
        assert read_out(model, 3) == kind(3)


def test_a_run_learns_as_it_does_in_xla():
    """Eight epochs of the tutorial's problem, side by side: rounding is all that differs."""
    runs = [
        ms.train(Conflict(lag=6), LSTM(units=20, loop=loop), ms.rules.BPTT(), epochs=8, seeds=range(3))
        for loop in ("xla", "native")
    ]
    np.testing.assert_allclose(runs[0].loss, runs[1].loss, rtol=1e-4)
