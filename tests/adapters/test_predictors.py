"""A predictor that is already trained: asked once, judged by the problem's own criterion, its wrong answers named."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memspan as ms
from memspan.adapters import Command, Predict
from memspan.adapters.abstract import Task
from memspan.adapters.answers import outputs_of
from memspan.core.status import Status

USERS = "tests.adapters.jax_users:"
PROGRAM = f"{sys.executable} {Path(__file__).with_name('answers.py')} "


def asked(model, problem=None, seeds=1, epochs=4):
    return ms.train(problem or ms.problems.Conflict(), model, ms.rules.BPTT(), seeds=seeds, epochs=epochs)


@pytest.mark.parametrize(
    "model",
    [
        Predict(USERS + "remembers"),
        Predict(USERS + "symbols", returns="symbols"),
        Predict(USERS + "chances", returns="probabilities"),
        Command(PROGRAM + "well", returns="symbols"),
        Command(PROGRAM + "well", returns="symbols", by="step"),
    ],
    ids=lambda model: model.user.name[-12:],
)
def test_one_that_remembers_is_right_without_an_update(model):
    runs = asked(model)
    assert runs.status == (Status.SOLVED,)
    assert (runs.updates, runs.updates_until_solved[0], runs.weights.shape) == (0, 0, (1, 0))
    assert (runs.accuracy == 1).all()
    assert runs[0].predict([3, 0, 1, 2]) == [0, 1, 2, 3]


def test_its_loss_is_that_of_its_outputs():
    runs = asked(Predict(USERS + "remembers", sure=5.0))
    # Of five logits one is 5 and right, four are 0 and wrong: log(1 + e^-5) once, log 2 four times.
    assert runs.loss[0, 0] == pytest.approx((np.log1p(np.exp(-5.0)) + 4 * np.log(2)) / 5, abs=1e-6)


def test_the_same_question_is_not_asked_twice_for_an_interval():
    with pytest.raises(ms.InvalidInput, match="seeds must be 1 where a model that is not trained reads conflict"):
        asked(Predict(USERS + "remembers"), seeds=2)


WRONG = {
    "flat": "must answer with logits of shape (1, 4, 5), but answered with shape (1, 4)",
    "not_a_number": "must answer with finite numbers, but answered with NaN",
    "raises": "FileNotFoundError: weights.npz",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_of_a_function_is_named(name):
    (reason,) = asked(Predict(USERS + name)).failures
    assert WRONG[name] in reason
    assert "jax_users.py, line" in reason


def test_a_symbol_that_there_is_not_is_named():
    assert "symbols from 0 to 4, but answered 8" in asked(Predict(USERS + "too_many", returns="symbols")).failures[0]


WRONG_LINES = {
    "no_json": """must answer with lines such as {"outputs": ...}, but line 1 was 'hello'""",
    "other": """must answer with lines such as {"outputs": ...}, but line 1 was '{"result": 1}'""",
    "short": "must answer with symbols of shape (1, 4), but answered with shape (1, 1) (line 1 of its answers)",
    "leaves": "ended, with code 3, before line 1 of its answers",
    "slow": "was asked for line 1 of its answers and took more than the 1 s of time_limit",
}


@pytest.mark.parametrize("way", WRONG_LINES)
def test_a_wrong_line_of_a_command_is_named(way):
    runs = asked(Command(PROGRAM + way, returns="symbols", time_limit=1.0 if way == "slow" else 60.0))
    assert WRONG_LINES[way] in runs.failures[0]
    assert runs.status == (Status.FAILED,)


def test_a_command_that_is_none_is_named(tmp_path, monkeypatch):
    assert "nosuchprogram could not be started: No such file" in asked(Command("nosuchprogram")).failures[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("1")
    first = Command("python a.py")
    (tmp_path / "a.py").write_text("2")
    assert Command("python a.py") != first


def asked_for(loss):
    return Task(
        user=Command("echo").user,
        settings={},
        options={"returns": "probabilities"},
        n_inputs=3,
        n_outputs=3,
        symbols=True,
        loss=loss,
        rule=None,
        optimizer=None,
        reset="sequence",
        rows=1,
        seed=0,
        device="",
    )


@given(st.lists(st.floats(-8, 8), min_size=3, max_size=3), st.sampled_from(["cross_entropy", "binary_cross_entropy"]))
def test_probabilities_become_logits_that_give_them_back(logits, loss):
    exact = np.array([[logits]])
    each = loss == "binary_cross_entropy"
    sums = np.exp(exact) / (1 + np.exp(exact) if each else np.exp(exact).sum())
    said = outputs_of(sums, asked_for(loss), 1, 1).astype(float)
    again = np.exp(said) / (1 + np.exp(said) if each else np.exp(said).sum())
    np.testing.assert_allclose(again, sums, atol=1e-6)
