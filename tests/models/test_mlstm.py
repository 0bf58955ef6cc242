"""The mLSTM against the xlstm package, the paper's equations, finite differences and what must not matter."""

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
from memspan.models.mlstm import MLSTM
from memspan.models.mlstm_memory import MLSTMState

SMALL = MLSTM(units=4, heads=2)
EXPONENTIAL = MLSTM(units=4, heads=2, forget="exp", forget_bias="zeros")


@pytest.mark.parametrize(("case", "facts"), [("mlstm", 12), ("mlstm, empty", 6)])
def test_equals_the_xlstm_package(case, facts):
    """The first case is its recurrent form from a state, the second its parallel form."""
    assert assert_equals_golden(SMALL, case) == facts


def by_hand(model, params, inputs):
    """Equations 19 to 27 of Beck et al. 2024 as they stand, without a stabiliser, in double precision."""
    kernel, bias, gates, gate_bias = (np.asarray(part, np.float64) for part in params)
    part = model.units // model.heads
    memory, normaliser, shown = np.zeros((model.heads, part, part)), np.zeros((model.heads, part)), []
    for x in inputs:
        queries, keys, values, o = (x @ kernel + bias).reshape(4, model.heads, part)  # 22, 23, 24, 27
        keys = keys / np.sqrt(part)  # 23
        i, f = (x @ gates + gate_bias).reshape(2, model.heads)
        i, f = np.exp(i), np.exp(f) if model.forget == "exp" else 1 / (1 + np.exp(-f))  # 25, 26
        for h in range(model.heads):
            memory[h] = f[h] * memory[h] + i[h] * np.outer(values[h], keys[h])  # 19
            normaliser[h] = f[h] * normaliser[h] + i[h] * keys[h]  # 20
        read = [memory[h] @ queries[h] / max(abs(normaliser[h] @ queries[h]), 1) for h in range(model.heads)]  # 21
        shown.append((np.array(read) / (1 + np.exp(-o))).reshape(-1))  # 21
    return np.array(shown)


@pytest.mark.parametrize("model", [SMALL, EXPONENTIAL], ids=str)
def test_is_the_equations_of_the_paper(model):
    """Longer than one chunk."""
    params, inputs = drawn(model), inputs_of(80)
    _, outputs = jax.jit(model.sequence)(params, model.initial_state(5), inputs)
    due = by_hand(model, params, inputs)
    np.testing.assert_allclose(outputs, due, rtol=0, atol=1e-5 * max(1, np.abs(due).max()))


@pytest.mark.parametrize(("model", "time", "cuts"), [(SMALL, 150, (0, 65)), (EXPONENTIAL, 7, (4,))])
def test_forms_agree(model, time, cuts):
    assert_forms_agree(model, time, cuts)


def test_is_causal():
    assert_causal(SMALL)


def test_finite_differences():
    assert_finite_differences(SMALL)


READ = jax.jit(SMALL.sequence)
GRADIENT = jax.jit(jax.grad(lambda params, x: jnp.sum(SMALL.sequence(params, SMALL.initial_state(5), x)[1])))


@settings(max_examples=20)
@given(shift=st.floats(-20, 20), seed=st.integers(0, 99))
def test_only_memory_and_stabiliser_together_matter(shift, seed):
    params, inputs = drawn(SMALL, seed), inputs_of(6, seed)
    between, _ = READ(params, SMALL.initial_state(5), inputs)
    scale = np.float32(np.exp(shift))
    scaled = MLSTMState(between.memory * scale, between.normaliser * scale, between.stabiliser - np.float32(shift))
    _, due = READ(params, between, inputs)
    _, outputs = READ(params, scaled, inputs)
    np.testing.assert_allclose(outputs, due, rtol=0, atol=1e-5 * max(1, np.abs(due).max()))


@settings(max_examples=10)
@given(bias=st.sampled_from([-3000.0, -100.0, 100.0, 3000.0]), seed=st.integers(0, 99))
def test_extreme_gates_overflow_nowhere(bias, seed):
    params = drawn(SMALL, seed)
    params = params._replace(gate_bias=params.gate_bias + np.float32(bias))
    gradient = GRADIENT(params, inputs_of(6, seed))
    state, outputs = READ(params, SMALL.initial_state(5), inputs_of(6, seed))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves((gradient, outputs, state)))
    if bias < 0:  # nothing is let in
        assert np.abs(outputs).max() < 1e-12


def test_filling_up_the_last_chunk_changes_nothing():
    """Not even the scale of a memory so faint that another scale would lose it."""
    params = drawn(SMALL)
    params = params._replace(gate_bias=params.gate_bias + np.array([-100, -100, 0, 0], np.float32))
    end, _ = READ(params, SMALL.initial_state(5), inputs_of(70))
    assert end.stabiliser.max() < -50
    assert np.abs(end.normaliser).max() > 0.01


def test_starts_as_the_xlstm_package_starts():
    model, start = MLSTM(units=200, heads=10), golden("initial")
    params = model.init(np.random.default_rng(0), 50)
    assert np.var(params.kernel) == pytest.approx(2 / (5 * 50), rel=0.03)
    assert not params.bias.any()
    assert not params.gates.any()
    assert not start["mlstm gates"].any()
    np.testing.assert_allclose(params.gate_bias[10:], start["mlstm"], rtol=0, atol=1e-6)
    opened = [MLSTM(units=20, heads=10).init(np.random.default_rng(seed), 2).gate_bias[:10] for seed in range(100)]
    assert np.std(opened) == pytest.approx(0.1, rel=0.1)
    assert abs(np.mean(opened)) < 0.02


@pytest.mark.parametrize(("wrong", "said"), [({"heads": 0}, "heads"), ({"forget": "tanh"}, "forget must be one of")])
def test_wrong_settings_are_refused(wrong, said):
    with pytest.raises(InvalidInput, match=said):
        MLSTM(**wrong)
