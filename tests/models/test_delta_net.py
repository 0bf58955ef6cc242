"""DeltaNet against transformers, the papers' equations, finite differences and what it is for."""

from __future__ import annotations

import jax
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
    inputs_of,
)

from memspan.core.errors import InvalidInput
from memspan.models.delta_net import DeltaNet, DeltaNetParams
from memspan.models.initial import glorot_uniform

SMALL = DeltaNet(units=4, heads=2)


def test_equals_the_delta_rule_of_transformers():
    """That of Qwen3-Next, step by step and from a state, with its decay left out."""
    assert assert_equals_golden(SMALL, "deltanet") == 6


def by_hand(model, params, inputs):
    """Schlag et al. 2021, equations 23 to 27, with the keys of Yang et al. 2024, in double precision."""
    kernel, rate = (np.asarray(part, np.float64) for part in params)
    memory, shown = np.zeros((model.heads, *[model.units // model.heads] * 2)), []
    for x in inputs:
        queries, keys, values = (x @ kernel).reshape(3, model.heads, -1)
        queries, keys = (rows / (1 + np.exp(-rows)) for rows in (queries, keys))
        queries, keys = (rows / np.sqrt((rows**2).sum(axis=1, keepdims=True) + 1e-6) for rows in (queries, keys))
        beta = 1 / (1 + np.exp(-x @ rate))
        for h in range(model.heads):
            known = memory[h] @ keys[h]
            memory[h] += beta[h] * np.outer(values[h] - known, keys[h])
        shown.append(np.concatenate([memory[h] @ queries[h] for h in range(model.heads)]))
    return np.array(shown)


def test_is_the_equations_of_the_papers():
    """Longer than one chunk."""
    params, inputs = drawn(SMALL), inputs_of(80)
    _, outputs = jax.jit(SMALL.sequence)(params, SMALL.initial_state(5), inputs)
    np.testing.assert_allclose(outputs, by_hand(SMALL, params, inputs), rtol=0, atol=1e-5)


def test_forms_agree():
    assert_forms_agree(SMALL, time=150, cuts=(0, 65))


def test_is_causal():
    assert_causal(SMALL)


def test_finite_differences():
    assert_finite_differences(SMALL)


READ = jax.jit(SMALL.sequence)


@settings(max_examples=20)
@given(seed=st.integers(0, 999))
def test_what_was_last_written_under_a_key_is_read_back(seed):
    """Asked for the key of now, at a rate of one: the value of now, whatever was kept before."""
    kernel, rate = drawn(SMALL, seed)
    same = np.concatenate([kernel[:, 4:8], kernel[:, 4:8], kernel[:, 8:]], axis=1)
    inputs = np.abs(inputs_of(6, seed)) + np.float32(0.5)
    _, outputs = READ(DeltaNetParams(same, 0 * rate + 100), SMALL.initial_state(5), inputs)
    keys = (inputs @ same[:, :4]).reshape(6, 2, 2)
    lengths = np.sum((keys / (1 + np.exp(-keys))) ** 2, axis=2, keepdims=True)
    # A short key falls short of length one by the epsilon that keeps a zero key finite.
    due = lengths / (lengths + 1e-6) * (inputs @ same[:, 8:]).reshape(6, 2, 2)
    change = np.abs(outputs - due.reshape(6, 4)).reshape(6, 2, 2).max(axis=2)
    assert (change <= 1e-5 + 1e-5 / lengths[:, :, 0]).all()


def test_a_memory_that_is_not_written_stays():
    kernel, rate = drawn(SMALL)
    state, _ = READ(DeltaNetParams(kernel, rate), SMALL.initial_state(5), inputs_of(6))
    after, _ = READ(DeltaNetParams(kernel, 0 * rate - 100), state, np.abs(inputs_of(6)) + np.float32(0.5))
    np.testing.assert_array_equal(after, state)


def test_starts_with_glorot_blocks():
    params = DeltaNet(units=200, heads=10).init(np.random.default_rng(0), 50)
    assert np.abs(params.kernel).max() <= np.float32((6 / 250) ** 0.5)
    assert np.var(params.kernel) == pytest.approx(2 / 250, rel=0.03)
    np.testing.assert_array_equal(params.kernel[:, :200], glorot_uniform(np.random.default_rng(0), 50, 200))
    assert np.var(params.rate) == pytest.approx(2 / 60, rel=0.15)


def test_wrong_settings_are_refused():
    with pytest.raises(InvalidInput, match="heads must divide the 20 units, but got 3; use one of 1, 2, 4, 5, 10, 20"):
        DeltaNet(heads=3)
