"""The echo state network against reservoirpy, NumPy's eigenvalues and the property it is named after."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.attention_family import (
    assert_causal,
    assert_equals_golden,
    assert_finite_differences,
    assert_forms_agree,
    inputs_of,
)

from memspan.core.errors import InvalidInput
from memspan.models.echo_state import EchoState
from memspan.models.lstm import LSTM
from memspan.models.size import Size, size

SMALL = EchoState(units=4, density=0.8, leak=0.7)


def test_equals_reservoirpy():
    assert assert_equals_golden(SMALL, "echo state") == 1


def test_forms_agree():
    assert_forms_agree(SMALL, 7, (0, 4))


def test_is_causal():
    assert_causal(SMALL)


def test_finite_differences_where_it_is_not_fixed():
    """By state and inputs; by its weights the gradient is zero in both forms."""
    assert_finite_differences(SMALL, fixed=("0.kernel", "0.recurrent"))


@settings(max_examples=20)
@given(
    units=st.integers(1, 60),
    radius=st.floats(0.0, 3.0),
    density=st.floats(0.3, 1.0),
    scaling=st.floats(0.01, 10.0),
    seed=st.integers(0, 999),
)
def test_reservoirs_have_their_spectral_radius_and_their_scale(units, radius, density, scaling, seed):
    model = EchoState(units, radius, input_scaling=scaling, density=density)
    kernel, recurrent = model.init(np.random.default_rng(seed), 5)
    assert np.abs(np.linalg.eigvals(recurrent.astype(np.float64))).max() == pytest.approx(radius, rel=1e-3, abs=1e-6)
    assert np.abs(kernel).max() <= np.float32(scaling)


def test_reservoirs_have_their_density():
    kernel, recurrent = EchoState(units=300, density=0.1, input_scaling=0.5).init(np.random.default_rng(0), 40)
    assert np.mean(recurrent != 0) == pytest.approx(0.1, rel=0.05)
    assert np.var(kernel) == pytest.approx(0.5**2 / 3, rel=0.03)
    values = recurrent[recurrent != 0] / recurrent.std() * 0.1**0.5
    assert np.mean(np.abs(values) < 1) == pytest.approx(0.683, abs=0.02)  # normal, not uniform (0.577)


@settings(max_examples=10)
@given(seed=st.integers(0, 999), leak=st.sampled_from([1.0, 0.5]))
def test_it_forgets_where_it_started(seed, leak):
    """The echo state property: after the same inputs, two states are one."""
    params = EchoState(units=50, leak=leak, density=0.3).init(np.random.default_rng(seed), 5)
    starts = np.random.default_rng(seed).uniform(-1, 1, (2, 50)).astype(np.float32)
    ends = FORGET[leak](params, starts, inputs_of(300, seed))
    assert np.abs(starts[0] - starts[1]).max() > 0.5
    assert np.abs(ends[0] - ends[1]).max() < 1e-4


FORGET = {
    leak: jax.jit(jax.vmap(lambda p, s, x, leak=leak: EchoState(50, leak=leak).sequence(p, s, x)[0], (None, 0, None)))
    for leak in (1.0, 0.5)
}


def test_it_does_not_forget_where_its_radius_is_large():
    """Without input and with a radius of three, two starts stay apart: the property is no accident of the test."""
    model = EchoState(units=50, spectral_radius=3.0, density=0.3)
    params = model.init(np.random.default_rng(0), 5)
    starts = np.random.default_rng(0).uniform(-1, 1, (2, 50)).astype(np.float32)
    ends = FORGET[1.0](params, starts, np.zeros((300, 5), np.float32))
    assert np.abs(ends[0] - ends[1]).max() > 0.1


def test_it_is_fixed_and_counted_as_such():
    assert SMALL.fixed == {"kernel", "recurrent"}
    assert size(SMALL, 5) == Size(parameters=0, state=4, fixed=5 * 4 + 4 * 4)
    assert LSTM(units=3).fixed == frozenset()
    assert size(LSTM(units=3), 5).fixed == 0


def test_symbols_are_their_vectors():
    params, symbols = SMALL.init(np.random.default_rng(0), 5), np.array([3, 0, 4, 1])
    ways = [
        SMALL.sequence(params, SMALL.initial_state(5), jnp.asarray(x))[1]
        for x in (symbols, np.eye(5, dtype="f4")[symbols])
    ]
    np.testing.assert_allclose(*ways, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"leak": 0.0}, "leak must be above 0 and at most 1, but got 0.0"),
        ({"density": 1.5}, "density must be above 0"),
        ({"density": float("nan")}, "density must be above 0"),
        ({"spectral_radius": -1.0}, "spectral_radius must be a number of at least 0"),
        ({"input_scaling": float("inf")}, "input_scaling must be a number above 0"),
    ],
)
def test_wrong_settings_are_refused(wrong, said):
    with pytest.raises(InvalidInput, match=said):
        EchoState(**wrong)


def test_a_reservoir_too_sparse_to_be_scaled_is_refused():
    with pytest.raises(InvalidInput, match="density must leave 3 units a circle of weights"):
        EchoState(units=3, density=1e-9).init(np.random.default_rng(0), 5)
