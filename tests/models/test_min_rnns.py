"""Minimal GRU and LSTM against the equations of their paper, and what gates that sum to one imply."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.models.min_gru import MinGRU
from memspan.models.min_lstm import MinLSTM

BOTH = pytest.mark.parametrize("model", [MinGRU(units=4), MinLSTM(units=4)], ids=["gru", "lstm"])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def drawn(model, seed=0, time=11):
    rng = np.random.default_rng(seed)
    params = model.init(rng, 3)
    params = type(params)(*(rng.standard_normal(part.shape).astype("f4") * 2 for part in params))
    return params, rng.standard_normal(4).astype("f4"), rng.standard_normal((time, 3)).astype("f4")


def gru_by_hand(params, h, inputs):
    """Feng et al. 2024, section 3.1.3: z = sigmoid(Linear(x)), c = Linear(x), h = (1 - z) h + z c."""
    shown = []
    for x in inputs.astype(np.float64):
        z, c = (x @ params.kernel + params.bias).reshape(2, -1)
        z = sigmoid(z)
        h = (1 - z) * h + z * c
        shown.append(h)
    return np.array(shown)


def lstm_by_hand(params, h, inputs):
    """Feng et al. 2024, section 3.2.4: f' = f / (f + i), i' = i / (f + i), h = f' h + i' c."""
    shown = []
    for x in inputs.astype(np.float64):
        i, f, c = (x @ params.kernel + params.bias).reshape(3, -1)
        i, f = sigmoid(i), sigmoid(f)
        h = f / (f + i) * h + i / (f + i) * c
        shown.append(h)
    return np.array(shown)


@pytest.mark.parametrize(("model", "by_hand"), [(MinGRU(units=4), gru_by_hand), (MinLSTM(units=4), lstm_by_hand)])
def test_they_are_their_equations(model, by_hand):
    params, state, inputs = drawn(model)
    end, outputs = model.sequence(params, state, jnp.asarray(inputs))
    np.testing.assert_allclose(outputs, by_hand(params, state, inputs), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(end, outputs[-1])


@BOTH
@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_a_state_lies_between_what_it_was_and_what_was_written(model, seed):
    params, state, inputs = drawn(model, seed)
    candidates = (inputs @ params.kernel + params.bias)[:, -4:]
    outputs = np.asarray(model.sequence(params, state, jnp.asarray(inputs))[1])
    before = np.concatenate([state[None], outputs[:-1]])
    assert (outputs <= np.maximum(before, candidates) + 1e-5).all()
    assert (outputs >= np.minimum(before, candidates) - 1e-5).all()


@pytest.mark.parametrize(("i", "f", "kept"), [(-200, -200, 0.5), (-201, -200, 0.7310586), (300, 300, 0.5), (0, -99, 0)])
def test_gates_that_are_both_shut_still_sum_to_one(i, f, kept):
    """f / (f + i) as it is written would be zero by zero; for very negative sums it is sigmoid(f - i)."""
    model = MinLSTM(units=1)
    params = model.init(np.random.default_rng(0), 1)._replace(bias=np.array([i, f, 0], "f4"))
    end, _ = model.sequence(params, np.ones(1, "f4"), jnp.zeros((1, 1)))
    assert float(end[0]) == pytest.approx(kept, abs=1e-6)


@pytest.mark.parametrize("build", [MinGRU, MinLSTM])
def test_chrono_spreads_the_time_scales(build):
    """Without input a unit keeps u / (u + 1) a step, u uniform on [1, longest - 1]."""
    model = build(units=2000, chrono=101)
    params = model.init(np.random.default_rng(0), 1)
    kept = np.asarray(model.step(params, np.ones(2000, "f4"), jnp.zeros(1))[0], np.float64)
    u = np.sort(kept / (1 - kept))
    assert np.abs((u - 1) / 99 - np.linspace(0, 1, 2000)).max() < 1.63 / np.sqrt(2000)  # Kolmogorov, one per cent


def test_initial_weights_are_as_reported():
    gru = MinGRU(units=3).init(np.random.default_rng(0), 5)
    assert not gru.bias.any()
    lstm = MinLSTM(units=3, forget_bias=2.0).init(np.random.default_rng(0), 5)
    assert lstm.bias.tolist() == [0, 0, 0, 2, 2, 2, 0, 0, 0]
    assert np.abs(gru.kernel).max() <= (6 / 11) ** 0.5
    assert np.abs(lstm.kernel).max() <= (6 / 14) ** 0.5
    assert MinLSTM(chrono=9).initialisers["bias"] == MinGRU(chrono=9).initialisers["bias"] == "chrono(1..9)"


@pytest.mark.parametrize("wrong", [{"units": 0}, {"chrono": 2}])
@pytest.mark.parametrize("build", [MinGRU, MinLSTM])
def test_settings_are_checked(build, wrong):
    with pytest.raises(InvalidInput, match=f"{next(iter(wrong))} must be a whole number"):
        build(**wrong)
