"""The native loop of the LSTM against XLA's, NumPy and finite differences, mapped, threaded and refused."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.quick import quick

from memspan.core.errors import InvalidInput
from memspan.models import LSTM, unroll
from memspan.models.lstm_native import lstm_native
from memspan.models.lstm_sequence import lstm_sequence

GATES = ("sigmoid", "hard_sigmoid")


def drawn(seed, *shape, scale=1.0):
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape) * scale, jnp.float32)


def problem(units, steps, batch=(), models=()):
    """Recurrent kernel, sums, hidden state, cell, and what each output is worth."""
    recurrent = drawn(0, *models, units, 4 * units, scale=units**-0.5)
    start = drawn(2, *models, *batch, units), drawn(3, *models, *batch, units)
    return recurrent, drawn(1, *models, *batch, steps, 4 * units), *start, drawn(4, *models, *batch, steps, units)


def cost(loop, gate, recurrent, sums, hidden, cell, worth):
    """Depends on everything that the loop returns."""
    (hidden, cell), outputs = loop(recurrent, sums, hidden, cell, gate)
    return jnp.sum(outputs * worth) + jnp.sum(hidden**2) + jnp.sum(jnp.sin(cell))


def gradients(loop, gate, batch_of=None):
    """Cost and gradients of one sequence, or of a batch that shares its weights."""

    def total(recurrent, *rest):
        if batch_of is None:
            return cost(loop, gate, recurrent, *rest)
        return jnp.sum(jax.vmap(lambda *one: cost(loop, gate, recurrent, *one), in_axes=batch_of)(*rest))

    return jax.value_and_grad(total, argnums=(0, 1, 2, 3))


def assert_alike(one, other, tolerance=1e-5):
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance * (1 + np.abs(a).max()))


# One vector and less, a vector and a few more, more than half of one, full ones; blocks of steps and their rests.
SIZES = [(1, 1), (3, 33), (17, 40), (20, 31), (29, 5), (32, 64), (50, 130)]


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize(("units", "steps"), quick(SIZES, now=[(3, 33), (29, 5), (50, 130)]))
def test_both_loops_agree_in_values_and_gradients(units, steps, gate):
    parts = problem(units, steps)
    assert_alike(*(jax.jit(gradients(loop, gate))(*parts) for loop in (lstm_sequence, lstm_native)))


@pytest.mark.parametrize("batch", [1, 2, 7, 35])
def test_a_batch_shares_weights_and_models_have_their_own(batch):
    """Two models; 35 sequences are eight groups of four and a rest of three, 7 are four, two and one."""
    parts = problem(5, 34, (batch,), (2,))
    found = [
        jax.jit(jax.vmap(gradients(loop, "sigmoid", (0, 0, 0, 0))))(*parts) for loop in (lstm_sequence, lstm_native)
    ]
    assert_alike(*found)


def by_symbols(loop):
    """Cost of one sequence of symbols, whose rows are the same for all."""

    def of(gate, recurrent, rows, hidden, cell, worth, symbols):
        reading = functools.partial(lstm_native, symbols=symbols) if loop is lstm_native else loop
        return cost(reading, gate, recurrent, rows if loop is lstm_native else rows[symbols], hidden, cell, worth)

    return of


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize(("units", "steps"), quick(SIZES, now=[(3, 33), (20, 31), (50, 130)]))
def test_symbols_pick_rows_as_sums_made_of_them_beforehand(units, steps, gate):
    """Two models, three sequences; as in JAX, -1 is the last row."""
    recurrent, _, hidden, cell, worth = problem(units, steps, (3,), (2,))
    rows = drawn(6, 2, 5, 4 * units)
    symbols = jnp.asarray(np.random.default_rng(7).integers(-2, 5, (3, steps)), jnp.int32)
    found = []
    for loop in (lstm_sequence, lstm_native):

        def total(recurrent, rows, hidden, cell, worth, loop=loop):
            return jnp.sum(
                jax.vmap(lambda *one: by_symbols(loop)(gate, recurrent, rows, *one))(hidden, cell, worth, symbols)
            )

        gradient = jax.vmap(jax.value_and_grad(total, argnums=(0, 1, 2, 3)))
        found.append(jax.jit(gradient)(recurrent, rows, hidden, cell, worth))
    assert_alike(*found)


@pytest.mark.parametrize("mapped", [(None, 0, None, None, 0), (0, None, None, 0, None), (None, None, 0, None, None)])
def test_what_is_not_mapped_is_not_copied(mapped):
    recurrent, sums, hidden, cell, worth = (
        part if axis == 0 else part[0] for part, axis in zip(problem(4, 6, (), (3,)), mapped, strict=True)
    )
    found = [
        jax.vmap(gradients(loop, "sigmoid"), in_axes=mapped)(recurrent, sums, hidden, cell, worth)
        for loop in (lstm_sequence, lstm_native)
    ]
    assert_alike(*found)


def test_the_order_of_maps_does_not_matter():
    recurrent, sums, hidden, cell, _ = problem(4, 6, (5,), (3,))
    models_first = jax.vmap(jax.vmap(lstm_native, in_axes=(None, 0, 0, 0)))(recurrent, sums, hidden, cell)
    batch_first = jax.vmap(jax.vmap(lstm_native), in_axes=(None, 1, 1, 1), out_axes=1)(recurrent, sums, hidden, cell)
    for one, other in zip(jax.tree.leaves(models_first), jax.tree.leaves(batch_first), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("gate", GATES)
def test_gradients_are_finite_differences(gate):
    """In float32 along random directions; the hard sigmoid's corners are far from these sums."""
    parts = [0.3 * part for part in problem(5, 9)]
    value = jax.jit(lambda *parts: cost(lstm_native, gate, *parts, jnp.ones((9, 5))))
    found = jax.grad(lambda *parts: value(*parts), argnums=(0, 1, 2, 3))(*parts[:4])
    for number, gradient in enumerate(found):
        direction = drawn(7 + number, *gradient.shape)
        direction = direction / jnp.linalg.norm(direction)
        shifted = [
            [p + sign * 2e-2 * direction if n == number else p for n, p in enumerate(parts[:4])] for sign in (1, -1)
        ]
        slope = (float(value(*shifted[0])) - float(value(*shifted[1]))) / 4e-2
        assert slope == pytest.approx(float(np.vdot(gradient, direction)), rel=5e-3, abs=5e-4)


def lstm_in_float64(recurrent, sums, hidden, cell):
    """Equations 4.2 to 4.6 of Graves 2012 without peepholes, in float64."""
    shown = []
    recurrent, sums, hidden, cell = (np.asarray(part, np.float64) for part in (recurrent, sums, hidden, cell))
    for now in sums:
        i, f, g, o = np.split(now + hidden @ recurrent, 4)
        i, f, o = (1 / (1 + np.exp(-x)) for x in (i, f, o))
        cell = f * cell + i * np.tanh(g)
        hidden = o * np.tanh(cell)
        shown.append(hidden)
    return np.array(shown)


def test_a_thousand_steps_stay_with_float64():
    recurrent, sums, hidden, cell, _ = problem(20, 1000)
    _, outputs = lstm_native(recurrent, sums, hidden, cell)
    np.testing.assert_allclose(outputs, lstm_in_float64(recurrent, sums, hidden, cell), atol=2e-6)


def test_activations_are_exact_to_a_few_last_places():
    """With open gates a step shows tanh; the cell of a unit whose candidate is one is the sigmoid itself."""
    x = np.linspace(-30, 30, 4001, dtype=np.float32)
    units = len(x)
    sums = np.concatenate([x, np.full(units, -99), np.full(units, 99), np.full(units, 99)]).astype(np.float32)
    zeros = np.zeros(units, np.float32)
    (_, cell), _ = jax.vmap(lambda s: lstm_native(np.zeros((1, 4), np.float32), s, zeros[:1], zeros[:1]))(
        jnp.asarray(sums.reshape(4, units).T[:, None])
    )
    np.testing.assert_allclose(cell[:, 0], 1 / (1 + np.exp(-x.astype(np.float64))), rtol=1e-6)


def test_a_wrong_number_stays_in_its_sequence():
    recurrent, sums, hidden, cell, _ = problem(5, 8, (3,))
    clean = jax.vmap(lstm_native, in_axes=(None, 0, 0, 0))(recurrent, sums, hidden, cell)[1]
    sums = sums.at[1, 4, 2].set(np.nan)
    outputs = jax.vmap(lstm_native, in_axes=(None, 0, 0, 0))(recurrent, sums, hidden, cell)[1]
    assert np.isnan(outputs[1, 4:]).any(axis=-1).all()
    assert np.isfinite(outputs[1, :4]).all()
    np.testing.assert_array_equal(outputs[::2], clean[::2])


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(6)))
def test_a_sequence_gives_the_same_bits_wherever_it_lies(order):
    """In a batch of six, four are computed side by side and then two."""
    recurrent, sums, hidden, cell, worth = problem(20, 40, (6,))
    found = BITS(recurrent, sums, hidden, cell, worth)
    other = BITS(recurrent, *(part[jnp.array(order)] for part in (sums, hidden, cell, worth)))
    for one, moved in zip(jax.tree.leaves(found), jax.tree.leaves(other), strict=True):
        np.testing.assert_array_equal(np.asarray(one)[list(order)], moved)


@pytest.mark.parametrize("units", [5, 16, 20, 29, 50])
def test_a_sequence_gives_the_same_bits_alone_and_among_others(units):
    """Seven are four, two and one side by side; enough steps that threads share them, where they are not alone."""

    def outputs_and_gradients(recurrent, sums, hidden, cell, worth):
        outputs, back = jax.vjp(lambda *given: lstm_native(*given)[1], recurrent, sums, hidden, cell)
        return outputs, back(worth)

    read = jax.jit(jax.vmap(outputs_and_gradients, in_axes=(None, 0, 0, 0, 0)))
    recurrent, *rest = problem(units, 200, (7,))
    together = read(recurrent, *rest)
    for number in range(7):
        alone = read(recurrent, *(part[number : number + 1] for part in rest))
        for one, other in zip(jax.tree.leaves(alone), jax.tree.leaves(together), strict=True):
            np.testing.assert_array_equal(one[0], other[number])


BITS = jax.jit(jax.vmap(gradients(lstm_native, "sigmoid"), in_axes=(None, 0, 0, 0, 0)))


def test_inside_a_compiled_loop_on_two_threads_at_once():
    recurrent, sums, hidden, cell, _ = problem(20, 50, (4,))

    def descend(weights, _):
        def loss(weights):
            outputs = jax.vmap(lambda *one: lstm_native(weights, *one)[1])(sums, hidden, cell)
            return jnp.mean(outputs**2)

        return weights - 0.1 * jax.grad(loss)(weights), loss(weights)

    train = jax.jit(lambda weights: jax.lax.scan(descend, weights, length=40))
    alone = [train(recurrent * scale) for scale in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda scale: jax.block_until_ready(train(recurrent * scale)), [1, 2] * 4))
    for number, found in enumerate(together):
        for one, other in zip(found, alone[number % 2], strict=True):
            np.testing.assert_array_equal(one, other)
    assert alone[0][1][-1] < alone[0][1][0]


def test_groups_on_the_threads_of_xla_give_the_same_bits_every_time():
    """Six models of three sequences, long enough that XLA's threads help, asked for from three threads at once."""
    parts = problem(20, 150, (3,), (6,))
    ours, theirs = (
        jax.jit(jax.vmap(gradients(loop, "sigmoid", (0, 0, 0, 0)))) for loop in (lstm_native, lstm_sequence)
    )
    first = jax.block_until_ready(ours(*parts))
    assert_alike(theirs(*parts), first)
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(lambda _: jax.block_until_ready(ours(*parts)), range(30)):
            for one, other in zip(jax.tree.leaves(first), jax.tree.leaves(found), strict=True):
                np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("symbols", [True, False])
def test_the_model_reads_as_its_steps_do(symbols):
    model = LSTM(units=7, loop="native")
    params = model.init(np.random.default_rng(0), 5)
    inputs = np.array([3, 0, 1, 2, 4, 0])
    vectors = jnp.asarray(np.eye(5, dtype=np.float32)[inputs])
    state, outputs = unroll(model, params, model.initial_state(5), vectors)
    end, shown = model.sequence(params, model.initial_state(5), jnp.asarray(inputs) if symbols else vectors)
    np.testing.assert_allclose(shown, outputs, atol=1e-6)
    assert_alike(state, end, 1e-6)
    assert LSTM(units=7) != model  # the loop is a part of what a spec says


def test_a_symbol_that_is_too_large_reads_nothing_but_rows():
    rows, zeros = drawn(0, 5, 12), jnp.zeros(3)
    read = lstm_native(drawn(1, 3, 12), rows, zeros, zeros, symbols=jnp.array([5, 2**30, -9]))[1]
    np.testing.assert_array_equal(
        read, lstm_native(drawn(1, 3, 12), rows, zeros, zeros, symbols=jnp.array([4, 4, 0]))[1]
    )


@pytest.mark.parametrize("n_symbols", [5, 50])
def test_few_and_many_symbols_are_read_alike(n_symbols):
    """Fewer symbols than steps are looked up within the loop, more before it."""
    native, plain = LSTM(units=7, loop="native"), LSTM(units=7)
    params = jax.tree.map(jnp.asarray, native.init(np.random.default_rng(0), n_symbols))
    inputs = jnp.asarray(np.random.default_rng(1).integers(n_symbols, size=(3, 20)))

    def loss(model):
        read = jax.vmap(lambda params, one: model.sequence(params, model.initial_state(n_symbols), one)[1], (None, 0))
        return jax.value_and_grad(lambda params: jnp.sum(jnp.sin(read(params, inputs))))(params)

    assert_alike(loss(plain), loss(native))


OTHER_MACHINE = """
import os, sys
os.environ.update(NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="", NUMBA_CACHE_DIR=sys.argv[2])
import llvmlite.binding
llvmlite.binding.get_host_cpu_features = lambda: {sys.argv[1]: True}
import jax
from memspan.models.native.vector import WIDTH
from tests.models import test_lstm_native as tests
assert WIDTH == int(sys.argv[3]), WIDTH
for units, steps in tests.SIZES:
    parts = tests.problem(units, steps)
    loops = tests.lstm_sequence, tests.lstm_native
    tests.assert_alike(*(jax.jit(tests.gradients(loop, "sigmoid"))(*parts) for loop in loops))
"""


@pytest.mark.extended
@pytest.mark.parametrize(("feature", "width"), [("avx", 8), ("neon", 4), ("none", 4)])
def test_machines_with_shorter_vectors_compute_the_same(feature, width, tmp_path):
    command = [sys.executable, "-c", OTHER_MACHINE, feature, str(tmp_path), str(width)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr


def test_no_step_leaves_the_state():
    (hidden, cell), outputs = lstm_native(drawn(0, 3, 12), jnp.zeros((0, 12)), drawn(1, 3), drawn(2, 3))
    assert outputs.shape == (0, 3)
    assert (hidden.tolist(), cell.tolist()) == (drawn(1, 3).tolist(), drawn(2, 3).tolist())


def test_it_is_refused_where_it_cannot_run(monkeypatch):
    with pytest.raises(InvalidInput, match="the gate of loop='native' must be one of sigmoid, hard_sigmoid"):
        LSTM(gate="relu", loop="native")
    with pytest.raises(InvalidInput, match="loop must be one of xla, native, but got 'nativ'"):
        LSTM(loop="nativ")
    with pytest.raises(InvalidInput, match="computes in float32, but got float16"):
        lstm_native(np.zeros((1, 4), np.float16), jnp.zeros((2, 4)), np.zeros(1, np.float32), np.zeros(1, np.float32))
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    with pytest.raises(InvalidInput, match="runs on a CPU, but JAX computes on gpu; use loop='xla'"):
        LSTM(loop="native")
    monkeypatch.undo()
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "numba" else found(name, *rest)
    )
    with pytest.raises(InvalidInput, match=r"pip install 'memspan\[fast\]', or use loop='xla'"):
        LSTM(loop="native")
    assert inspect.signature(LSTM).parameters["loop"].default == "xla"
