"""The LSTM with forget gate: PyTorch's weights copied in, and initial weights in the conventions of two frameworks."""

from __future__ import annotations

import numpy as np
import pytest
from tests.models.gated import FEATURES, VALUES, check_forms, check_golden, golden

from memspan.core.errors import InvalidInput
from memspan.models import LSTM
from memspan.models.lstm import LSTMParams, LSTMState

THEIRS = LSTM(20, convention="pytorch")


def drawn(model, n_draws=50):
    draws = [model.init(np.random.default_rng(seed), FEATURES) for seed in range(n_draws)]
    return LSTMParams(*(np.stack(parts) for parts in zip(*draws, strict=True)))


def test_pytorchs_weights_copied_in_give_its_outputs_and_gradients():
    """Its gates have our order, its matrices are transposed, and its two biases are only ever added."""
    case = golden("lstm_torch")
    params = LSTMParams(case["weight_ih"].T, case["weight_hh"].T, case["bias_ih"] + case["bias_hh"])
    wanted = LSTMParams(case["d_weight_ih"].T, case["d_weight_hh"].T, case["d_bias_ih"])
    check_golden(LSTM(4), params, LSTMState(case["start_hidden"], case["start_cell"]), case, wanted)


def test_both_forms_are_one_function():
    check_forms(LSTM(4, convention="pytorch"))


def test_initial_weights_are_distributed_as_in_pytorch():
    pooled, levels = drawn(THEIRS), np.linspace(0, 1, 21)
    for name in LSTMParams._fields:
        mine, theirs = np.quantile(getattr(pooled, name), levels), VALUES[f"initial/lstm_torch/{name}"]
        np.testing.assert_allclose(mine[1:-1], theirs[1:-1], rtol=0, atol=0.05 * theirs.max())


def test_pytorchs_limit_is_one_over_the_root_of_the_units_and_biases_are_a_sum_of_two():
    limit, pooled = 20**-0.5, drawn(THEIRS)
    for weights in (pooled.kernel, pooled.recurrent):
        assert 0.995 * limit < np.abs(weights).max() <= np.float32(limit)
        assert weights.var() == pytest.approx(limit**2 / 3, rel=0.03)
    assert limit < np.abs(pooled.bias).max() <= np.float32(2 * limit)
    assert pooled.bias.var() == pytest.approx(2 * limit**2 / 3, rel=0.05)
    assert THEIRS.initialisers["bias"] == "sum of two uniform, 1/sqrt(units)"


def test_a_bias_that_is_asked_for_is_set_in_both_conventions():
    for convention in ("keras", "pytorch"):
        params = LSTM(6, convention=convention, forget_bias=3.0).init(np.random.default_rng(0), FEATURES)
        assert params.bias[6:12].tolist() == [3.0] * 6
        left = LSTM(6, convention=convention).init(np.random.default_rng(0), FEATURES)
        np.testing.assert_array_equal(params.kernel, left.kernel)
        np.testing.assert_array_equal(np.delete(params.bias, range(6, 12)), np.delete(left.bias, range(6, 12)))
        chrono = LSTM(6, convention=convention, chrono=50).init(np.random.default_rng(0), FEATURES)
        assert (chrono.bias[6:12] > 0).all()
        np.testing.assert_array_equal(chrono.bias[:6], -chrono.bias[6:12])
        np.testing.assert_array_equal(chrono.bias[12:], left.bias[12:])
    assert LSTM(6, forget_bias=3.0).initialisers["bias"] == "zeros, forget gate 3"


def test_the_convention_of_keras_is_the_default():
    assert LSTM(6) == LSTM(6, convention="keras")
    assert LSTM(6).init(np.random.default_rng(0), FEATURES).bias.tolist() == [0.0] * 6 + [1.0] * 6 + [0.0] * 12
    assert LSTM(6).initialisers == {
        "kernel": "glorot_uniform",
        "recurrent": "orthogonal",
        "bias": "zeros, forget gate 1",
    }


def test_an_unknown_convention_is_one_sentence():
    with pytest.raises(InvalidInput, match="convention must be one of keras, pytorch, but got 'torch'"):
        LSTM(convention="torch")
