"""The sLSTM against the xlstm package, the paper's equations, finite differences and what must not matter."""

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
    drawn,
    golden,
    inputs_of,
)

from memspan.core.errors import InvalidInput
from memspan.models.slstm import SLSTM, SLSTMState
from memspan.models.xlstm_initial import linspace, powerlaw

GOLDEN_START = golden("initial")
SMALL = SLSTM(units=4, heads=2)
EXPONENTIAL = SLSTM(units=4, heads=2, forget="exp", forget_bias="zeros")


@pytest.mark.parametrize(("case", "facts"), [("slstm", 13), ("slstm, empty", 5)])
def test_equals_the_xlstm_package(case, facts):
    assert assert_equals_golden(SMALL, case) == facts


def by_hand(model, params, inputs):
    """Equations 8 to 14 of Beck et al. 2024 as they stand, without a stabiliser, in double precision."""
    kernel, recurrent, bias = (np.asarray(part, np.float64) for part in params)
    part = model.units // model.heads
    h, c, n, shown = np.zeros(model.units), np.zeros(model.units), np.zeros(model.units), []
    for x in inputs:
        sums = (x @ kernel + bias).reshape(4, model.heads, part)
        for head in range(model.heads):  # recurrent weights mix the units of one head only
            sums[:, head] += (h[head * part : (head + 1) * part] @ recurrent[head]).reshape(4, part)
        i, f, z, o = sums.reshape(4, -1)
        i, f = np.exp(i), np.exp(f) if model.forget == "exp" else 1 / (1 + np.exp(-f))  # 12, 13
        c, n = f * c + i * np.tanh(z), f * n + i  # 8, 9, 11
        h = c / n / (1 + np.exp(-o))  # 10, 14
        shown.append(h)
    return np.array(shown)


@pytest.mark.parametrize("model", [SMALL, EXPONENTIAL], ids=str)
def test_is_the_equations_of_the_paper(model):
    params, inputs = drawn(model), inputs_of(12)
    _, outputs = jax.jit(model.sequence)(params, model.initial_state(5), inputs)
    np.testing.assert_allclose(outputs, by_hand(model, params, inputs), rtol=0, atol=1e-5)


@pytest.mark.parametrize("model", [SMALL, EXPONENTIAL], ids=str)
def test_forms_agree(model):
    assert_forms_agree(model, time=7, cuts=(0, 4))


def test_is_causal():
    assert_causal(SMALL)


def test_finite_differences():
    assert_finite_differences(SMALL)


READ = jax.jit(SMALL.sequence)


@settings(max_examples=20)
@given(shift=st.floats(-20, 20), seed=st.integers(0, 99))
def test_only_the_ratio_of_cell_and_normaliser_matters(shift, seed):
    params, inputs = drawn(SMALL, seed), inputs_of(6, seed)
    between, _ = READ(params, SMALL.initial_state(5), inputs)
    scaled = SLSTMState(
        between.hidden,
        between.cell * np.float32(np.exp(shift)),
        between.normaliser * np.float32(np.exp(shift)),
        between.stabiliser - np.float32(shift),
    )
    _, due = READ(params, between, inputs)
    _, outputs = READ(params, scaled, inputs)
    np.testing.assert_allclose(outputs, due, rtol=0, atol=1e-5)


@settings(max_examples=10)
@given(scale=st.sampled_from([10.0, 300.0, 3000.0]), seed=st.integers(0, 99))
def test_extreme_gates_overflow_nowhere_and_outputs_stay_below_one(scale, seed):
    params = jax.tree.map(lambda leaf: scale * leaf, drawn(SMALL, seed))
    gradient = GRADIENT(params, inputs_of(6, seed))
    _, outputs = READ(params, SMALL.initial_state(5), inputs_of(6, seed))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves((gradient, outputs)))
    assert np.abs(outputs).max() <= 1 + 1e-6


GRADIENT = jax.jit(jax.grad(lambda params, x: jnp.sum(SMALL.sequence(params, SMALL.initial_state(5), x)[1])))


def test_starts_as_the_xlstm_package_starts():
    model = SLSTM(units=200, heads=2)
    params = model.init(np.random.default_rng(0), 50)
    assert np.var(params.kernel) == pytest.approx(2 / (5 * 50), rel=0.03)
    assert abs(np.mean(params.kernel)) < 0.003
    assert not params.recurrent.any()
    assert params.recurrent.size == GOLDEN_START["slstm recurrent"].size
    assert not GOLDEN_START["slstm recurrent"].any()
    for name in ("powerlaw", "linspace", "zeros"):
        bias = SLSTM(units=200, heads=2, forget_bias=name).init(np.random.default_rng(0), 5).bias
        np.testing.assert_allclose(bias, GOLDEN_START[f"slstm {name}"], rtol=0, atol=1e-5)
    assert powerlaw(1).tolist() == [5.0]
    assert linspace(1).tolist() == [3.0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"heads": 3}, "heads must divide the 20 units"),
        ({"forget": "sigmod"}, "did you mean 'sigmoid'"),
        ({"forget_bias": "ones"}, "forget_bias must be one of powerlaw, linspace, zeros"),
    ],
)
def test_wrong_settings_are_refused(wrong, said):
    with pytest.raises(InvalidInput, match=said):
        SLSTM(**wrong)
