"""A PyTorch LSTM is probed in its own process: every number is that of our own LSTM with the same weights."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.test_torch import USERS, theirs
from tests.cli.commands import command as command
from tests.exchange.cases import CONFLICT, trained

import memspan as ms
from memspan.adapters import Predict
from memspan.probes import Hosted, reader_of
from memspan.studies.hold import Settings, Subject, measure

SPEC = ms.Spec(CONFLICT, ms.models.LSTM(6), ms.rules.TruncatedBPTT(2, 2), ms.Adam(0.01))
FEW = Settings(trials=16, longest=12)


@pytest.fixture(scope="module")
def ours():
    """An LSTM that solved the tutorial's problem."""
    return trained("lstm_solved")


def hosted(ours, name="Explicit"):
    """The same weights in PyTorch, whose layout is that of ours turned over."""
    vector = np.concatenate([np.asarray(part).T.ravel() for layer in ours.params for part in layer])
    reset = {"reset": "forget"} if name == "Kept" else {}
    return ms.Trained(CONFLICT, theirs(name, **reset).network(CONFLICT), vector)


@pytest.fixture(scope="module")
def torch_lstm(ours):
    return hosted(ours)


def numbers(value, path=""):
    """Every number of an answer, by where it stands."""
    if isinstance(value, dict):
        return {key: each for name, part in value.items() for key, each in numbers(part, f"{path}.{name}").items()}
    if isinstance(value, list):
        named = [(part.get("unit", at) if isinstance(part, dict) else at, part) for at, part in enumerate(value)]
        return {key: each for name, part in named for key, each in numbers(part, f"{path}.{name}").items()}
    return {path: value}


@pytest.mark.extended
def test_every_probe_finds_what_it_finds_in_our_own_lstm(ours, torch_lstm):
    found, expected = (measure(Subject.of(one, SPEC, 0, True), FEW) for one in (torch_lstm, ours))
    assert found.refused == expected.refused == {}
    mine, theirs = (json.loads(json.dumps(numbers(one.to_json()))) for one in (expected, found))
    assert mine.keys() == theirs.keys()
    assert len(mine) > 300
    for key, value in mine.items():
        if isinstance(value, float):
            rough = key.startswith(".decay")  # fitted to differences down to what rounding leaves
            assert theirs[key] == pytest.approx(value, rel=0.3 if rough else 5e-3, abs=2e-3 if rough else 2e-4), key
        elif ".said" not in key:
            assert theirs[key] == value, key
    said = [[line for line in one.said if "small push" not in line] for one in (found, expected)]
    assert said[0] == said[1]


@pytest.mark.parametrize("name", ["Explicit", "Kept"])
def test_states_outputs_and_derivatives_are_those_of_our_own(ours, name):
    one, other = reader_of(hosted(ours, name)), reader_of(ours)
    assert isinstance(one, Hosted)
    inputs = np.array([[3, 0, 1, 2], [4, 0, 1, 2], [3, 2, 2, 1]])
    mine, theirs = other.read(other.start(3), inputs), one.read(one.start(3), inputs)
    np.testing.assert_allclose(theirs.states, mine.states, atol=1e-5)
    np.testing.assert_allclose(theirs.outputs, mine.outputs, atol=1e-4)
    at = mine.states[:, 1], inputs[:, 2]
    np.testing.assert_allclose(one.jacobian(*at), other.jacobian(*at), atol=1e-5)
    right, answers = np.array([3, 4, 3]), np.array([3, 4])
    np.testing.assert_allclose(one.credit(inputs, right, answers), other.credit(inputs, right, answers), atol=1e-4)


@given(st.integers(0, 3), st.integers(0, 4))
@settings(max_examples=6)
def test_reading_may_be_cut_anywhere(torch_lstm, first, last):
    first, last = min(first, last), max(first, last)
    reader, inputs = reader_of(torch_lstm), np.array([[3, 0, 1, 2], [4, 1, 0, 2]])
    whole = reader.read(reader.start(2), inputs)
    before = whole.states[:, first - 1] if first else reader.start(2)
    part = reader.read(before, inputs, first, last)
    np.testing.assert_allclose(part.states[:, first:last], whole.states[:, first:last], atol=1e-6)
    assert not part.states[:, :first].any()
    assert not part.outputs[:, last:].any()
    if first < last:
        np.testing.assert_allclose(reader.advance(before, inputs, first, last), whole.states[:, last - 1], atol=1e-6)


def test_trials_that_begin_afresh_stand_beside_trials_that_go_on(torch_lstm):
    """Of two trials one is wiped: it reads on as if from the beginning."""
    reader, inputs = reader_of(torch_lstm), np.array([[3, 0, 1, 2], [4, 0, 1, 2]])
    state = reader.read(reader.start(2), inputs, 0, 2).states[:, 1].copy()
    state[0] = 0
    mixed = reader.read(state, inputs, 2, 4).states[:, 3]
    fresh = reader.read(reader.start(1), inputs[:1, 2:]).states[:, -1]
    on = reader.read(reader.start(2), inputs).states[:, 3]
    np.testing.assert_allclose(mixed, [fresh[0], on[1]], atol=1e-6)


def test_a_predictor_has_what_it_read_in_the_place_of_a_state():
    problem = ms.problems.Conflict(lag=3)
    network = Predict("tests.adapters.jax_users:remembers").network(problem)
    held = measure(Subject(problem, reader_of(ms.Trained(problem, network, np.zeros(0, np.float32)))), FEW)
    assert held.stretch.span.point == 12
    assert held.swap.parts[1:] == ("steps read", "what was read")
    assert held.swap.follows[2][0].point == 1.0
    assert "only answers" in held.refused["credit"] or "not at hand" in held.refused["credit"]
    assert "whole numbers only" in held.refused["freeze"]
    far = Settings(("stretch",), trials=8, longest=900)
    too_long = measure(Subject(problem, reader_of(ms.Trained(problem, network, np.zeros(0, np.float32)))), far)
    assert "for a model that reads them whole" in too_long.refused["stretch"]


def test_a_study_of_a_torch_model_is_probed_from_the_command_line(command, monkeypatch):
    model = f"torch:{USERS}lstm(hidden=6)"
    words = ["--rule", "BPTT", "--lags", "1", "--epochs", "40", "--optimizer", "Adam(learning_rate=0.05)"]
    assert command("span", "--model", model, *words, "--seeds", "1", "--weights", "--store", "runs.db", "-q").code == 0
    told = command("hold", "runs.db", "--probe", "swap,credit,spectrum,explain", "-q")
    assert told.code == 0, told.err
    assert "weights stored" in told.out
    assert "hidden" in told.out
    assert "not measured: explain must be given a network of LSTM, " in told.out
    assert "of memspan, but got a model of another framework; leave explain out" in told.out
    alone = command("hold", "runs.db", "--probe", "explain", "-q")
    assert alone.code == 2
    assert len(alone.err.strip().splitlines()) == 1


@pytest.mark.extended
@pytest.mark.parametrize("form", ["lstm", "functional", "stateful"])
def test_keras_models_of_every_form_are_probed(form):
    """The same network in three forms; that of whole sequences and that with its state outside are the same numbers."""
    from memspan.adapters import Keras

    network = Keras(f"tests.adapters.keras_probed:{form}", units=4).network(CONFLICT)
    reader = reader_of(ms.Trained(CONFLICT, network, network.draw(0)))
    inputs = np.array([[3, 0, 1, 2], [4, 0, 1, 2]])
    read = reader.read(reader.start(2), inputs)
    alone = reader.read(reader.start(1), inputs[1:])
    np.testing.assert_allclose(read.outputs[1], alone.outputs[0], atol=1e-6)
    half = reader.read(read.states[:, 1], inputs, 2)
    np.testing.assert_allclose(half.outputs[:, 2:], read.outputs[:, 2:], atol=1e-6)
    whole = reader.advance(reader.start(2), inputs, 0, 4)
    np.testing.assert_allclose(whole, read.states[:, 3], atol=1e-6)
    right, answers = np.array([3, 4]), np.array([3, 4])
    with pytest.raises(ms.InvalidInput, match="spectrum must be given a model with gradients"):
        reader.jacobian(read.states[:, 1], inputs[:, 2])
    if form == "stateful":
        with pytest.raises(ms.InvalidInput, match="stateful layers that read 1 step at a time"):
            reader.credit(inputs, right, answers)
        return
    assert (np.abs(reader.credit(inputs, right, answers)).max(axis=2) > 0).all()
