"""The GRU, both conventions, against Keras, PyTorch, finite differences and its invariants."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.gated import (
    FEATURES,
    VALUES,
    arbitrary,
    check_empty,
    check_forms,
    check_golden,
    check_gradients,
    golden,
)

from memspan.core.errors import InvalidInput
from memspan.models.gru import GRU, GRUParams, GRUState

AFTER, BEFORE = GRU(4), GRU(4, reset="before")
READ = {model: jax.jit(model.sequence) for model in (AFTER, BEFORE)}


@pytest.mark.parametrize("model", [AFTER, BEFORE], ids=str)
def test_both_forms_are_one_function(model):
    check_forms(model)
    check_empty(model)


@pytest.mark.parametrize("model", [AFTER, BEFORE], ids=str)
def test_finite_differences_confirm_the_gradients(model):
    check_gradients(model)


@pytest.mark.parametrize("model", [AFTER, BEFORE], ids=str)
def test_equals_keras(model):
    case = golden(f"gru_{model.reset}_keras")
    weights, wanted = (
        GRUParams(case[f"{d}kernel"], case[f"{d}recurrent"], case[f"{d}bias"].reshape(-1, 12)) for d in ("", "d_")
    )
    check_golden(model, weights, GRUState(case["start_hidden"]), case, wanted)


def as_keras(rows):
    """PyTorch's rows are reset, update, candidate; Keras' columns are update, reset, candidate."""
    reset, update, candidate = np.split(rows, 3)
    return np.concatenate([update, reset, candidate]).T


def test_equals_pytorch():
    case = golden("gru_after_torch")
    weights, wanted = (
        GRUParams(
            as_keras(case[f"{d}weight_ih"]),
            as_keras(case[f"{d}weight_hh"]),
            np.stack([as_keras(case[f"{d}bias_{side}"]) for side in ("ih", "hh")]),
        )
        for d in ("", "d_")
    )
    check_golden(AFTER, weights, GRUState(case["start_hidden"]), case, wanted)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_the_conventions_agree_exactly_where_reset_and_product_commute(seed):
    """A gate acts on single units, so it commutes with a diagonal product that has no bias, and with no other."""
    params, state, inputs = arbitrary(AFTER, seed)
    recurrent, bias = params.recurrent.copy(), params.bias.copy()
    recurrent[:, 8:], bias[1, 8:] = np.diag(np.diag(recurrent[:, 8:])), 0

    def difference(recurrent):
        after = READ[AFTER](GRUParams(params.kernel, recurrent, bias), state, inputs)[1]
        before = READ[BEFORE](GRUParams(params.kernel, recurrent, bias.sum(axis=0, keepdims=True)), state, inputs)[1]
        return np.abs(after - before).max()

    assert difference(recurrent) < 1e-6
    assert difference(params.recurrent) > 1e-3


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), model=st.sampled_from([AFTER, BEFORE]))
def test_the_state_lies_between_where_it_was_and_one(seed, model):
    params, state, inputs = arbitrary(model, seed)
    _, outputs = READ[model](params, state, 10 * inputs)
    before = np.concatenate([state.hidden[None], outputs[:-1]])
    assert (np.abs(outputs) <= np.maximum(np.abs(before), 1) + 1e-6).all()


@pytest.mark.parametrize("model", [AFTER, BEFORE], ids=str)
def test_a_closed_update_gate_keeps_the_state(model):
    params, state, inputs = arbitrary(model)
    params.bias[0, :4] = 100
    end, outputs = READ[model](params, state, inputs)
    np.testing.assert_array_equal(outputs, np.tile(state.hidden, (7, 1)))
    np.testing.assert_array_equal(end.hidden, state.hidden)


def test_initial_weights_are_distributed_as_in_keras():
    drawn = [GRU(20).init(np.random.default_rng(seed), FEATURES) for seed in range(50)]
    levels = np.linspace(0, 1, 21)
    for name in ("kernel", "recurrent"):
        mine = np.quantile(np.stack([getattr(params, name) for params in drawn]), levels)
        theirs = VALUES[f"initial/gru/{name}"]
        np.testing.assert_allclose(mine[1:-1], theirs[1:-1], rtol=0, atol=0.04 * theirs.max())
    gram = np.stack([params.recurrent @ params.recurrent.T for params in drawn])
    assert np.abs(gram - np.eye(20)).max() < 1e-5
    assert VALUES["initial/gru/not_orthogonal"] < 1e-5
    np.testing.assert_array_equal(drawn[0].bias, VALUES["initial/gru/bias"])


def test_sizes_are_those_of_keras():
    for model, biases in ((AFTER, 2), (BEFORE, 1)):
        params = model.init(np.random.default_rng(0), FEATURES)
        assert sum(part.size for part in params) == 3 * 4 * (5 + 4 + biases)
        assert jnp.shape(model.initial_state(5).hidden) == (4,)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"units": 0}, "units must be a whole number of at least 1"),
        ({"reset": "befor"}, "reset must be one of after, before, but got 'befor'; did you mean 'before'"),
    ],
)
def test_wrong_settings_are_one_sentence(wrong, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        GRU(**wrong)
