"""The LSTM with peepholes against TensorFlow, the equations in NumPy, finite differences and the plain LSTM."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.gated import FEATURES, arbitrary, check_empty, check_forms, check_golden, check_gradients, golden

from memspan.core.errors import InvalidInput
from memspan.models import LSTM
from memspan.models.lstm import LSTMParams, LSTMState
from memspan.models.peephole_lstm import PeepholeLSTM, PeepholeLSTMParams

MODEL = PeepholeLSTM(4)
READ, READ_PLAIN = jax.jit(MODEL.sequence), jax.jit(LSTM(4).sequence)


def test_both_forms_are_one_function():
    check_forms(MODEL)
    check_empty(MODEL)


def test_finite_differences_confirm_the_gradients():
    check_gradients(MODEL)


def as_ours(case, d):
    """TensorFlow's rows are inputs, then hidden units; its columns input gate, candidate, forget gate, output gate."""
    i, g, f, o = np.split(case[f"{d}w"], 4, axis=1)
    weights = np.concatenate([i, f, g, o], axis=1)
    i, g, f, o = np.split(case[f"{d}b"], 4)
    peephole = np.stack([case[f"{d}{name}"] for name in ("wci", "wcf", "wco")])
    return PeepholeLSTMParams(weights[:FEATURES], weights[FEATURES:], np.concatenate([i, f, g, o]), peephole)


def test_equals_tensorflow():
    case = golden("peephole_tensorflow")
    state = LSTMState(case["start_hidden"], case["start_cell"])
    check_golden(MODEL, as_ours(case, ""), state, case, as_ours(case, "d_"))


def by_the_equations(params, state, inputs):
    """Graves 2013, equations 7 to 11; those of Gers, Schraudolph and Schmidhuber 2002 with tanh for g and h."""

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    w, r, b, (w_ci, w_cf, w_co) = (np.asarray(part, "f8") for part in params)
    (h, c), outputs = (np.asarray(part, "f8") for part in state), []
    for x in inputs:
        net_i, net_f, net_c, net_o = np.split(x @ w + h @ r + b, 4)
        i = sigmoid(net_i + w_ci * c)  # 7
        f = sigmoid(net_f + w_cf * c)  # 8
        c = f * c + i * np.tanh(net_c)  # 9
        o = sigmoid(net_o + w_co * c)  # 10
        h = o * np.tanh(c)  # 11
        outputs.append(h)
    return np.array(outputs), h, c


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_equals_the_equations(seed):
    params, state, inputs = arbitrary(MODEL, seed)
    end, outputs = READ(params, state, inputs)
    for mine, theirs in zip((outputs, *end), by_the_equations(params, state, inputs), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-5)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_without_peepholes_it_is_the_plain_lstm(seed):
    params, state, inputs = arbitrary(MODEL, seed)
    plain = READ_PLAIN(LSTMParams(*params[:3]), state, inputs)[1]
    np.testing.assert_allclose(READ(params._replace(peephole=0 * params.peephole), state, inputs)[1], plain, atol=1e-6)
    for row in range(3):  # each of them alone is felt
        peephole = params.peephole * (np.arange(3) == row)[:, None]
        assert np.abs(READ(params._replace(peephole=peephole), state, inputs)[1] - plain).max() > 1e-5


def test_initial_weights():
    params = PeepholeLSTM(50, forget_bias=2.0).init(np.random.default_rng(0), FEATURES)
    assert params.bias.tolist() == [0.0] * 50 + [2.0] * 50 + [0.0] * 100
    np.testing.assert_allclose(params.recurrent @ params.recurrent.T, np.eye(50), atol=1e-6)
    assert np.abs(params.kernel).max() <= np.float32((6 / 205) ** 0.5)
    assert 0.095 < np.abs(params.peephole).max() <= np.float32(0.1)
    assert params.peephole.var() == pytest.approx(0.01 / 3, rel=0.15)


def test_wrong_settings_are_one_sentence():
    with pytest.raises(InvalidInput, match="units must be a whole number of at least 1"):
        PeepholeLSTM(0)
