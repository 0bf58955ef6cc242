"""memspan equals Keras and PyTorch, whose values lie in golden.npz; `make_golden.py` regenerates them."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.oracles import our_network
from tests.oracles.cases import CASES, GRADIENTS_AT, LOGITS, PARTS, draw, flat, met

from memspan.engine.loss import binary_cross_entropy
from memspan.models import LSTM, Dense
from memspan.models.lstm import LSTMParams

with np.load(Path(__file__).with_name("golden.npz"), allow_pickle=False) as stored:
    GOLDEN = dict(stored)

FACTS = (
    "outputs",
    "losses",
    "gradients",
    "online_losses",
    "online_weights",
    "bptt_gradient",
    "bptt_losses",
    "bptt_weights",
)


@pytest.fixture(scope="module", params=CASES)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def ours(case):
    facts = our_network.facts(draw(*CASES[case]))
    return {**facts, "gradients": facts["gradients"][list(GRADIENTS_AT)]}


def expected(oracle, case, fact):
    values = GOLDEN[f"{oracle}/{case}/{fact}"]
    return met(values) if fact == "online_losses" else values


def test_the_stored_weights_are_the_drawn_ones(case):
    drawn = draw(*CASES[case]).weights
    stored = [GOLDEN[f"case/{case}/{part}"] for part in PARTS]
    np.testing.assert_array_equal(flat(drawn), flat(stored))


def test_the_vector_of_weights_lies_as_in_keras(case):
    drawn = draw(*CASES[case])
    params = our_network.network_of(drawn).layout.unravel(jnp.asarray(flat(drawn.weights)))
    for mine, theirs in zip(jax.tree.leaves(params), drawn.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("oracle", ["keras", "torch"])
@pytest.mark.parametrize("fact", FACTS)
def test_equals(oracle, fact, case, ours):
    wanted = expected(oracle, case, fact)
    assert ours[fact].shape == wanted.shape
    np.testing.assert_allclose(ours[fact], wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("oracle", ["keras", "torch"])
@pytest.mark.parametrize("fact", ["online_weights", "bptt_weights"])
def test_the_change_of_the_weights_equals(oracle, fact, case, ours):
    # An update moves a weight by a thousandth, so its change must agree far better than the weight itself.
    before = flat(draw(*CASES[case]).weights)
    np.testing.assert_allclose(ours[fact] - before, expected(oracle, case, fact) - before, rtol=0, atol=1e-6)


@pytest.mark.parametrize("oracle", ["keras", "torch"])
def test_the_golden_gradient_stops_at_the_step(oracle, case):
    # Guards the golden data: a Keras that lost its state would leave the recurrent weights without a gradient,
    # one that followed it back would credit, at the last step, the symbols of the steps before.
    units = CASES[case][0]
    kernel, recurrent = slice(0, 20 * units), slice(20 * units, 20 * units + 4 * units**2)

    def credited(gradient):
        return (np.abs(gradient[kernel].reshape(5, -1)).max(axis=1) > 0).tolist()

    first, last = GOLDEN[f"{oracle}/{case}/gradients"]
    assert not first[recurrent].any()
    assert np.abs(last[recurrent]).max() > 1e-3
    assert credited(last) == [False, False, True, False, False]
    assert credited(GOLDEN[f"{oracle}/{case}/bptt_gradient"]) == [True, True, True, True, False]


@pytest.mark.parametrize("target", [0, 1])
def test_clipping_equals_keras(target):
    with jax.enable_x64(True):
        logits, one = jnp.asarray(LOGITS)[:, None], jnp.full((1,), float(target))
        value, slope = jax.vmap(jax.value_and_grad(lambda logit: binary_cross_entropy(logit, one)))(logits)
    np.testing.assert_allclose(value, GOLDEN["keras/clipping/values"][target], rtol=0, atol=1e-6)
    np.testing.assert_allclose(slope[:, 0], GOLDEN["keras/clipping/slopes"][target], rtol=0, atol=1e-6)


def test_a_compiled_keras_3_model_does_not_clip():
    # Its sigmoid layer hands the logits to the loss. Both agree until the clip, at a logit of 16.12.
    unclipped = GOLDEN["keras/unclipped/values"]
    np.testing.assert_allclose(unclipped, np.logaddexp(0, LOGITS), rtol=1e-6, atol=1e-7)
    ours = np.array([binary_cross_entropy(jnp.array([logit]), jnp.zeros(1)) for logit in LOGITS.astype("f4")])
    inside = np.abs(LOGITS) < 16.1
    np.testing.assert_allclose(ours[inside], unclipped[inside], rtol=0, atol=2e-6)
    np.testing.assert_allclose(ours[LOGITS > 16.12], 16.118096, rtol=1e-6)


def drawn(n_draws=50):
    rngs = [np.random.default_rng(seed) for seed in range(n_draws)]
    lstm = [LSTM(units=20).init(rng, 5) for rng in rngs]
    dense = np.stack([Dense(5).init(rng, 20).kernel for rng in rngs])
    return LSTMParams(*(np.stack(parts) for parts in zip(*lstm, strict=True))), dense


def test_initial_weights_are_distributed_as_in_keras():
    lstm, dense = drawn()
    levels = np.linspace(0, 1, 21)
    for name, values in (("kernel", lstm.kernel), ("recurrent", lstm.recurrent), ("dense_kernel", dense)):
        theirs = GOLDEN[f"keras/initial/{name}"]
        # Inner quantiles of thousands of draws agree within a few percent of the spread.
        np.testing.assert_allclose(np.quantile(values, levels)[1:-1], theirs[1:-1], rtol=0, atol=0.04 * theirs.max())
    for name, values, fans in (("kernel", lstm.kernel, 85), ("dense_kernel", dense, 25)):
        limit = (6 / fans) ** 0.5
        for largest in (np.abs(values).max(), np.abs(GOLDEN[f"keras/initial/{name}"]).max()):
            assert 0.995 * limit < largest <= limit


def test_initial_recurrent_weights_are_orthogonal_and_biases_those_of_keras():
    lstm, _ = drawn(5)
    gram = lstm.recurrent @ lstm.recurrent.transpose(0, 2, 1)
    assert np.abs(gram - np.eye(20)).max() < 1e-5
    assert GOLDEN["keras/initial/not_orthogonal"] < 1e-5
    np.testing.assert_array_equal(lstm.bias, np.tile(GOLDEN["keras/initial/bias"], (5, 1)))
    assert not Dense(5).init(np.random.default_rng(0), 20).bias.any()
    assert not GOLDEN["keras/initial/dense_bias"].any()
