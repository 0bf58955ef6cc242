"""The explanation is the network's own calculation, and what is printed adds up."""

from __future__ import annotations

import dataclasses
import re

import jax.numpy as jnp
import numpy as np
import pytest

import memspan as ms
from memspan.engine.network import Network
from memspan.engine.trained import Trained
from memspan.models import GRU, LSTM, LSTM1997, MLP, EchoState, Elman, MinGRU, MinLSTM, PeepholeLSTM, Stack
from memspan.probes import explain
from memspan.probes.by_hand import HANDS


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


SEQUENCES = ([3, 0, 1, 2], [4, 0, 1, 2], [2, 2, 4, 3, 0, 1, 0])


def network(model, problem=None, seed=0):
    """Return a network whose weights, biases included, are far from zero; nothing needs to be trained for that."""
    problem = problem or ms.problems.Conflict()
    built = Network.of(problem, model)
    noise = np.random.default_rng(seed).normal(0, 1, built.draw(seed).shape)
    return Trained(problem, built, (built.draw(seed) + noise).astype("f4"))


@pytest.fixture(scope="module")
def trained():
    return ms.train(ms.problems.Conflict(), LSTM(units=20), seeds=1, epochs=20, chunk=1)[0]


@pytest.mark.parametrize(("units", "gate"), [(20, "sigmoid"), (1, "sigmoid"), (7, "hard_sigmoid")])
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_outputs_and_predictions_are_the_networks(units, gate, sequence):
    drawn = network(LSTM(units=units, gate=gate))
    explained = explain(drawn, sequence)
    outputs = np.array([step.outputs for step in explained])
    np.testing.assert_allclose(outputs, drawn.probabilities(sequence), rtol=0, atol=1e-5)
    assert [step.prediction for step in explained] == drawn.predict(sequence)
    assert [step.symbol for step in explained] == sequence


def test_a_trained_network_is_explained(trained):
    outputs = np.array([step.outputs for step in explain(trained, [4, 0, 1, 2])])
    np.testing.assert_allclose(outputs, trained.probabilities([4, 0, 1, 2]), rtol=0, atol=1e-5)


def test_gates_cell_and_hidden_are_the_models(trained):
    model, params = trained.network.stack.layers[0], trained.params[0]
    state = model.initial_state(5)
    for step, symbol in zip(explain(trained, [3, 0, 1, 2]), [3, 0, 1, 2], strict=True):
        gates = model.gates(params, state, jnp.eye(5)[symbol])
        state, _ = model.step(params, state, jnp.eye(5)[symbol])
        np.testing.assert_allclose(step.gates, gates, rtol=0, atol=1e-5)
        np.testing.assert_allclose(step.cell, state.cell, rtol=0, atol=1e-5)
        np.testing.assert_allclose(step.hidden, state.hidden, rtol=0, atol=1e-5)


def test_a_step_begins_where_the_last_one_ended(trained):
    explained = explain(trained, [3, 0, 1, 2])
    assert not explained[0].before.any()
    assert not explained[0].from_hidden.any()
    for last, step in zip(explained, explained.steps[1:], strict=False):
        np.testing.assert_array_equal(step.before, last.cell)
        np.testing.assert_allclose(step.from_hidden, last.hidden @ trained.params[0].recurrent)


CELL = re.compile(r"c = (\S+) \* (\S+) \+ (\S+) \* (\S+) = (\S+) +h = (\S+) \* tanh\((\S+)\) = (\S+)")
GATE = re.compile(r"[ifgo] = (sigmoid|tanh)\((\S+) (\S+) (\S+)\) = (\S+)")


def test_the_printed_arithmetic_adds_up(trained):
    text = str(explain(trained, [3, 0, 1, 2]))
    cells, gates = CELL.findall(text), GATE.findall(text)
    assert len(cells) == 4 * 20
    assert len(gates) == 4 * 20 * 4
    for numbers in cells:
        f, before, i, g, c, o, shown, h = map(float, numbers)
        assert f * before + i * g == pytest.approx(c, abs=3e-3)
        assert shown == c
        assert o * np.tanh(c) == pytest.approx(h, abs=2e-3)
    for name, *numbers in gates:
        x, h, b, value = map(float, numbers)
        squash = np.tanh if name == "tanh" else sigmoid
        assert squash(x + h + b) == pytest.approx(value, abs=3e-3)


def test_every_output_is_printed_and_the_prediction_marked(trained):
    sequence = [3, 0, 1, 2]
    text = str(explain(trained, sequence))
    assert text.count("\n  output ") == 4 * 5
    marked = re.findall(r"output (\S): sigmoid\(\S+ \S+\) = (\S+)  <- predicted", text)
    assert [int(symbol) for symbol, _ in marked] == trained.predict(sequence)
    largest = trained.probabilities(sequence).max(axis=1)
    np.testing.assert_allclose([float(value) for _, value in marked], largest, atol=1e-3)


def test_a_large_network_is_cut_short_where_it_says_so():
    text = str(explain(network(LSTM(units=40)), [3]))
    assert "... and 8 more units" in text
    assert len(CELL.findall(text)) == 32


def test_own_symbols_are_named():
    drawn = network(LSTM(units=2), ms.problems.Conflict(lag=2, alphabet="abXY"))
    explained = explain(drawn, "Xab")
    assert explained[0].symbol == "X"
    assert "step 1: reads X" in str(explained)
    assert [step.prediction for step in explained] == drawn.predict("Xab")


def test_weights_of_one_can_be_calculated_in_the_head():
    drawn = network(LSTM(units=1))
    ones = dataclasses.replace(drawn, vector=np.ones_like(drawn.vector))
    first, second = explain(ones, [3, 0])
    cell = sigmoid(2) * np.tanh(2)
    hidden = sigmoid(2) * np.tanh(cell)
    assert first.cell[0] == pytest.approx(cell)
    assert first.outputs == pytest.approx([sigmoid(hidden + 1)] * 5)
    assert second.cell[0] == pytest.approx(sigmoid(2 + hidden) * (cell + np.tanh(2 + hidden)))


def test_what_is_not_done_by_hand_is_refused_in_one_sentence():
    kinds = "LSTM, Elman, GRU, LSTM1997, MLP, MinGRU, MinLSTM or PeepholeLSTM"
    with pytest.raises(ms.InvalidInput, match=f"must be given a network of {kinds} .* got EchoState; ask for"):
        explain(network(EchoState(units=2)), [3, 0])
    with pytest.raises(ms.InvalidInput, match="but got Stack; ask for"):
        explain(network(Stack((LSTM(2), LSTM(2)))), [3, 0])


@pytest.mark.parametrize("sequence", [[], [3, 9]])
def test_a_sequence_must_fit_the_alphabet(trained, sequence):
    with pytest.raises(ms.InvalidInput, match="sequence must"):
        explain(trained, sequence)


OTHERS = [GRU(units=5), GRU(units=4, reset="before"), Elman(units=6), Elman(units=3, activation="relu")]
BARE = LSTM1997(blocks=3, g="sigmoid", h="identity", output_gate=False, connected="inputs", biased="none")
VARIANTS = [
    *(MLP(units=4), MLP(units=3, window=3), MinGRU(units=5), MinLSTM(units=4, forget_bias=1.0), PeepholeLSTM(units=4)),
    *(LSTM1997(blocks=2, size=3, biased="hidden"), LSTM1997(blocks=3), BARE),
]


def test_all_that_are_done_by_hand_are_tried_here():
    assert {type(model) for model in (*OTHERS, *VARIANTS)} == set(HANDS)


@pytest.mark.parametrize("model", [*OTHERS, *VARIANTS], ids=str)
def test_the_others_are_explained_too(model):
    """Outputs are the network's, and so is each part of its state that has a name."""
    drawn = network(model)
    for sequence in SEQUENCES:
        explained = explain(drawn, sequence)
        np.testing.assert_allclose([step.outputs for step in explained], drawn.probabilities(sequence), atol=1e-5)
        states = drawn.states(sequence)[0]
        named = states._asdict() if hasattr(states, "_asdict") else {"hidden": states}
        if not isinstance(model, MLP | LSTM1997):  # their states are inputs seen, and all that is fed back
            np.testing.assert_allclose([step.values["h"] for step in explained], named["hidden"], atol=1e-5)
        for name in {"c", "s"} & set(explained[0].values):
            np.testing.assert_allclose([step.values[name] for step in explained], named["cell"], atol=1e-5)
        assert [step.prediction for step in explained] == drawn.predict(sequence)


SUM = re.compile(r"(\w+) = ([\w.()-]*?)\(([-+][\d.]+(?: [-+][\d.]+)+)\) = (-?[\d.]+)")
MIX = re.compile(r"[chs] = (-?[\d.]+)(?: \* (-?[\d.]+))? \+ (-?[\d.]+) \* (-?[\d.]+) = (-?[\d.]+)")
SHOWN = re.compile(r"[hy] = (?:([\d.]+) \* )?(tanh|identity|sigmoid\(-1\.\.1\))\((-?[\d.]+)\) = (-?[\d.]+)")
SQUASH = {
    **{"": lambda x: x, "identity": lambda x: x, "sigmoid": sigmoid, "tanh": np.tanh},
    **{"sigmoid(-1..1)": lambda x: 2 * sigmoid(x) - 1, "sigmoid(-2..2)": lambda x: 4 * sigmoid(x) - 2},
}


@pytest.mark.parametrize("model", VARIANTS, ids=str)
def test_what_is_printed_of_them_adds_up(model):
    """Every sum, every mixture and every output that a person can check with a pocket calculator."""
    text = str(explain(network(model), [3, 0, 1, 2]))
    sums, mixed, shown = SUM.findall(text), MIX.findall(text), SHOWN.findall(text)
    for name, squash, parts, value in sums:
        assert SQUASH[squash](sum(map(float, parts.split()))) == pytest.approx(float(value), abs=5e-3), name
    for keep, before, write, candidate, value in mixed:
        kept = float(keep) * (float(before) if before else 1)
        assert kept + float(write) * float(candidate) == pytest.approx(float(value), abs=5e-3)
    for gate, squash, state, value in shown:
        assert float(gate or 1) * SQUASH[squash](float(state)) == pytest.approx(float(value), abs=5e-3)
    units = 4 * model.n_outputs  # of all steps
    of = {MLP: (1, 0, 0), MinGRU: (2, 1, 0), MinLSTM: (3, 1, 0), PeepholeLSTM: (4, 1, 1), LSTM1997: (3, 1, 1)}
    each = list(of[type(model)])
    each[0] -= getattr(model, "output_gate", True) is False
    assert [len(sums), len(mixed), len(shown)] == [units * one for one in each]


@pytest.mark.parametrize("model", OTHERS, ids=str)
def test_their_printed_arithmetic_adds_up(model):
    text = str(explain(network(model), [3, 0, 1, 2]))
    sums = re.findall(r"(sigmoid|tanh|relu)\(([-+]\S+) ([-+]\S+) ([-+]\S+)\) = (\S+)", text)
    assert len(sums) >= 4 * model.units
    squash = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda x: max(x, 0)}
    for name, *numbers in sums:
        a, b, c, value = map(float, numbers)
        assert squash[name](a + b + c) == pytest.approx(value, abs=3e-3)
    reset = re.findall(r"g = tanh\((\S+) \+ (\S+) \* (\S+)\) = (\S+)", text)
    mixed = re.findall(r"h = (\S+) \* (\S+) \+ (\S+) \* (\S+) = (\S+)", text)
    assert (len(mixed) > 0) is isinstance(model, GRU)
    assert len(reset) == (4 * model.units if getattr(model, "reset", "") == "after" else 0)
    for own, r, inner, value in (map(float, row) for row in reset):
        assert np.tanh(own + r * inner) == pytest.approx(value, abs=4e-3)
    for z, before, rest, candidate, value in (map(float, row) for row in mixed):
        assert z * before + rest * candidate == pytest.approx(value, abs=3e-3)
    assert text.count("<- predicted") == 4
