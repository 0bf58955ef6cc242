"""The simple recurrent network against Keras, PyTorch, finite differences and its invariants."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.gated import FEATURES, arbitrary, check_empty, check_forms, check_golden, check_gradients, golden

from memspan.core.errors import InvalidInput
from memspan.models.elman import Elman, ElmanParams, ElmanState
from memspan.models.initial import INITIALISERS

BOTH = [Elman(4), Elman(4, activation="relu", recurrent="identity")]


@pytest.mark.parametrize("model", BOTH, ids=str)
def test_both_forms_are_one_function(model):
    check_forms(model)
    check_empty(model)


@pytest.mark.parametrize("model", BOTH, ids=str)
def test_finite_differences_confirm_the_gradients(model):
    check_gradients(model)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_equals_keras(activation):
    case = golden(f"elman_{activation}_keras")
    weights = [case[name] for name in ElmanParams._fields]
    wanted = ElmanParams(*(case[f"d_{name}"] for name in ElmanParams._fields))
    check_golden(Elman(4, activation), ElmanParams(*weights), ElmanState(case["start_hidden"]), case, wanted)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_equals_pytorch(activation):
    case = golden(f"elman_{activation}_torch")
    params = ElmanParams(case["weight_ih"].T, case["weight_hh"].T, case["bias_ih"] + case["bias_hh"])
    wanted = ElmanParams(case["d_weight_ih"].T, case["d_weight_hh"].T, case["d_bias_hh"])
    check_golden(Elman(4, activation), params, ElmanState(case["start_hidden"]), case, wanted)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_an_identity_keeps_what_it_has_and_adds_what_it_reads(seed):
    """With identity weights, no bias and positive inputs, the state is the sum of all that was read."""
    model = Elman(3, activation="relu", recurrent="identity")
    params = model.init(np.random.default_rng(seed), FEATURES)
    params = params._replace(kernel=np.abs(params.kernel))
    inputs = np.random.default_rng(seed).uniform(0, 1, (7, FEATURES)).astype(np.float32)
    _, outputs = model.sequence(params, model.initial_state(FEATURES), jnp.asarray(inputs))
    np.testing.assert_allclose(outputs, np.cumsum(inputs, axis=0) @ params.kernel, rtol=1e-5)


def test_initial_weights_are_those_that_were_named():
    params = Elman(20).init(np.random.default_rng(0), FEATURES)
    np.testing.assert_allclose(params.recurrent @ params.recurrent.T, np.eye(20), atol=1e-6)
    assert 0.45 < np.abs(params.kernel).max() <= np.float32((6 / 25) ** 0.5)
    assert not params.bias.any()
    irnn = Elman(100, "relu", "identity", "small_normal").init(np.random.default_rng(0), 50)
    np.testing.assert_array_equal(irnn.recurrent, np.eye(100))
    assert irnn.kernel.std() == pytest.approx(0.001, rel=0.03)
    assert np.abs(irnn.kernel.mean()) < 1e-4


def test_uniform_fan_in_has_its_limit_and_variance():
    weights = INITIALISERS["uniform_fan_in"](np.random.default_rng(0), 25, 400)
    assert 0.199 < np.abs(weights).max() <= np.float32(0.2)
    assert weights.var() == pytest.approx(0.04 / 3, rel=0.03)
    assert weights.shape == (25, 400)


@pytest.mark.parametrize("name", INITIALISERS)
def test_every_initialiser_can_be_chosen_by_name(name):
    model = Elman(4, recurrent=name, kernel=name)
    params = model.init(np.random.default_rng(0), FEATURES)
    assert [part.dtype for part in params] == [np.float32] * 3
    assert [part.shape for part in params] == [(5, 4), (4, 4), (4,)]
    assert model.initialisers == {"kernel": name, "recurrent": name, "bias": "zeros"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"units": 0}, "units must be a whole number of at least 1"),
        ({"activation": "sigmoid"}, "activation must be one of tanh, relu, but got 'sigmoid'"),
        ({"recurrent": "identiti"}, "recurrent must be one of .* did you mean 'identity'"),
        ({"kernel": "glorot"}, "kernel must be one of .* did you mean 'glorot_uniform'"),
    ],
)
def test_wrong_settings_are_one_sentence(wrong, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        Elman(**wrong)


def test_a_tanh_stays_within_one():
    params, state, inputs = arbitrary(Elman(4))
    assert np.abs(Elman(4).sequence(params, state, jnp.asarray(100 * inputs))[1]).max() <= 1
