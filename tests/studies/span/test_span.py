"""`ms.span`: what it measures is what `ms.train` gives, cell by cell."""

from __future__ import annotations

import json

import pytest
from tests.studies.span.fabricated import span_of_counts

import memspan as ms
from memspan.models import LSTM, MLP
from memspan.problems import Conflict, CopyMemory, TwoSequence
from memspan.rules import BPTT
from memspan.studies.span import Recipe, Study, picture

SETTINGS = {"rule": BPTT(), "optimizer": ms.Adam(0.05), "epochs": 40}


@pytest.fixture(scope="module")
def measured():
    heard = []
    window = Recipe("window", lambda lag: MLP(8, window=lag + 1), **SETTINGS, lags=[1], seeds=2)
    found = ms.span(
        [LSTM(units=4), window],
        Conflict(),
        lags=[2, 1],
        seeds=3,
        seed=5,
        on_progress=lambda cell, done: heard.append((cell.recipe, cell.lag, done)),
        **SETTINGS,
    )
    return found, heard


def test_a_cell_is_what_train_gives(measured):
    found, _ = measured
    for lag in (1, 2):
        runs = ms.train(Conflict(lag), LSTM(units=4), seeds=[5, 6, 7], **SETTINGS)
        told = [(run.seed, run.solved, run.updates, run.scores["evaluation"]) for run in found.row("LSTM")[lag].runs]
        scores = [{"accuracy": float(last)} for last in runs.accuracy[:, -1]]
        assert told == list(zip(runs.seeds, runs.solved, runs.updates_at[:, -1], scores, strict=True))
        assert found.row("LSTM")[lag].success == runs.success
        assert found.row("LSTM")[lag].ever_solved == runs.ever_solved


def test_a_recipe_of_a_function_is_made_for_each_lag(measured):
    found, _ = measured
    assert found.row("window")[1].cell.spec.model == MLP(8, window=2)
    assert (len(found.row("window")[1].runs), found.not_tried("window")) == (2, (2,))


def test_progress_is_heard_of_every_cell_until_its_end(measured):
    _, heard = measured
    ends = {(recipe, lag): done for recipe, lag, done in heard}
    assert {key: done.epochs == done.of for key, done in ends.items()} == {
        ("LSTM", 1): True,
        ("LSTM", 2): True,
        ("window", 1): True,
    }


def test_json_says_all_of_it(measured):
    found, _ = measured
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["lags"] == [1, 2]
    assert [(row["name"], [cell["lag"] for cell in row["cells"]]) for row in told["recipes"]] == [
        ("LSTM", [1, 2]),
        ("window", [1]),
    ]
    cell = told["recipes"][0]["cells"][1]
    assert (cell["runs"], cell["updates"], cell["floor"], cell["best"]) == (3, 80, 5 / 6, 1.0)
    assert cell["settings"]["optimizer"]["learning_rate"] == 0.05
    assert cell["spec"] == found.row("LSTM")[2].cell.spec.hash


def test_the_picture_shows_every_cell(measured, tmp_path):
    shown = json.loads(picture(measured[0], tmp_path / "span.json").read_text())
    assert [(row["label"], row["lag"], row["rate"]) for row in shown["data"]["values"]] == [
        (f"{name} (n = {n})", lag, measured[0].row(name)[lag].success.point)
        for name, n, lags in (("LSTM", 3, (1, 2)), ("window", 2, (1,)))
        for lag in lags
    ]
    assert shown["title"]["text"] == "Runs that solve it, by lag: conflict (tutorial)"


def test_two_models_of_one_class_are_told_apart():
    span = ms.span([MLP(units=2), MLP(units=3)], Conflict(), lags=[1], seeds=1, epochs=1, rule=BPTT())
    assert span.names == (repr(MLP(units=2)), repr(MLP(units=3)))


def test_a_study_is_refused_as_a_whole_before_anything_is_trained():
    heard = []

    def model(lag):
        return LSTM(units=4) if lag < 9 else LSTM(units=0)

    with pytest.raises(ms.InvalidInput, match="recipe 'late' at lag 9: units must be"):
        ms.span(Recipe("late", model), Conflict(), lags=[1, 9], seeds=1, on_progress=lambda *told: heard.append(told))
    assert not heard


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"problem": None}, "problem must be given, but got None"),
        ({"problem": TwoSequence()}, "problem must have with_lag or be a function of the lag, but got TwoSequence"),
        ({"lags": []}, "lags must be distinct, one or more"),
        ({"lags": [2, 2]}, "lags must be distinct"),
        ({"lags": [0]}, "lags must be a whole number of at least 1"),
        ({"seeds": 0}, "seeds must be a whole number from 1"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"recipes": []}, "recipes must bear names that differ, one or more"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1"),
        ({"curriculum": [3, 3]}, "curriculum must be distinct"),
    ],
)
def test_what_is_wrong_is_one_sentence(given, sentence):
    words = {"recipes": LSTM(units=2), "problem": Conflict(), "lags": [1], "seeds": 1} | given
    with pytest.raises(ms.InvalidInput, match=sentence):
        ms.span(words.pop("recipes"), words.pop("problem"), **words)


def test_the_subject_names_the_problem_without_its_lag():
    recipe = Recipe("a", LSTM(2))
    assert Study(Conflict(middle="random").with_lag, [recipe], [3, 10]).subject == "conflict (tutorial), random middle"
    subject = Study(lambda lag: CopyMemory(lag=lag, n_items=lag), [recipe], [3, 10]).subject
    assert subject == f"{CopyMemory(lag=3, n_items=3).variant} to {CopyMemory(lag=10, n_items=10).variant}"


def test_an_unknown_recipe_has_no_span():
    with pytest.raises(ms.InvalidInput, match="name must be one of a, but got 'b'"):
        span_of_counts({"a": {3: 1}}).memory_span("b")
