"""A trained network, asked one symbol at a time, says what the whole-sequence form says."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from tests.quick import quick

from memspan.core.errors import InvalidInput
from memspan.engine.network import Network
from memspan.engine.trained import Trained
from memspan.models import LSTM, MLP, Stack
from memspan.problems import Conflict

SEQUENCE = [3, 0, 1, 2, 4, 0, 1]


def untrained(model, problem=None):
    problem = problem or Conflict()
    network = Network.of(problem, model)
    return Trained(problem, network, network.draw(3))


def sigmoid_of_unroll(trained, ids):
    logits = trained.network.sequence(jnp.asarray(trained.vector), trained.network.initial_state, jnp.array(ids))[1]
    return 1 / (1 + np.exp(-np.asarray(logits, np.float64)))


READ = [LSTM(6), MLP(6, window=3), Stack((LSTM(3), LSTM(4)))]


@pytest.mark.parametrize("model", quick(READ, now=READ[1:]), ids=str)
def test_stateful_equals_stateless(model):
    trained = untrained(model)
    np.testing.assert_allclose(trained.probabilities(SEQUENCE), sigmoid_of_unroll(trained, SEQUENCE), atol=1e-6)
    assert trained.predict(SEQUENCE) == sigmoid_of_unroll(trained, SEQUENCE).argmax(axis=1).tolist()


@pytest.mark.parametrize("model", quick(READ, now=READ[1:]), ids=str)
@pytest.mark.parametrize("cut", quick([1, 3, 6], now=[3]))
def test_a_sequence_may_be_cut_anywhere(model, cut):
    network, ids = Network.of(Conflict(), model), jnp.array(SEQUENCE)
    params = jnp.asarray(network.draw(1))
    _, whole = network.sequence(params, network.initial_state, ids)
    state, first = network.sequence(params, network.initial_state, ids[:cut])
    _, second = network.sequence(params, state, ids[cut:])
    np.testing.assert_allclose(np.concatenate([first, second]), whole, rtol=0, atol=1e-6)
    _, forgetful = network.sequence(params, network.initial_state, ids[cut:])
    assert np.abs(forgetful - whole[cut:]).max() > 1e-3


def test_each_question_starts_from_a_fresh_state():
    trained = untrained(LSTM(6))
    first = trained.probabilities(SEQUENCE)
    trained.generate([4], 5)
    assert np.array_equal(trained.probabilities(SEQUENCE), first)


def test_generation_feeds_predictions_back():
    trained, fed, added = untrained(LSTM(6)), [3, 0], []
    for _ in range(6):
        added.append(int(sigmoid_of_unroll(trained, fed)[-1].argmax()))
        fed.append(added[-1])
    assert trained.generate([3, 0], 6) == added


def test_symbols_are_the_users():
    named = untrained(LSTM(6), Conflict(alphabet=["a", "b", "c", "X", "Y"]))
    numbered = untrained(LSTM(6))
    assert named.predict("XabcY") == ["abcXY"[i] for i in numbered.predict([3, 0, 1, 2, 4])]
    assert np.array_equal(named.probabilities("Xab"), numbered.probabilities([3, 0, 1]))


def test_params_are_the_models_own():
    trained = untrained(LSTM(6))
    lstm, readout = trained.params
    assert (lstm.kernel.shape, lstm.recurrent.shape, readout.kernel.shape) == ((5, 24), (6, 24), (6, 5))
    flat = np.concatenate([part.ravel() for part in (*lstm, *readout)])
    assert np.array_equal(flat, trained.vector)


@pytest.mark.parametrize("ask", [Trained.predict, Trained.probabilities, lambda t, s: t.generate(s, 1)])
def test_what_is_refused(ask):
    trained = untrained(MLP(1))
    with pytest.raises(InvalidInput, match="sequence must use the symbols 0, 1, 2, 3, 4, but got 9; use one of these"):
        ask(trained, [3, 9])
    with pytest.raises(InvalidInput, match="sequence must hold at least one symbol, but got none"):
        ask(trained, [])


@pytest.mark.parametrize("length", [0, -1])
def test_a_continuation_has_a_length(length):
    with pytest.raises(InvalidInput, match="length must be a whole number of at least 1"):
        untrained(MLP(1)).generate([3], length)
