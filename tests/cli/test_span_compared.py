"""`memspan span` of several recipes with a primary question: what is printed, kept, gone on with and shown again."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from tests.cli.commands import command as command

from memspan.store import Store
from memspan.studies.kept import load_trained

STUDY = """
lags = [2]
seeds = 5
generalise = ["2 * lag"]

[primary]
compare = ["window", "too short"]
lag = 2

[problem]
name = "Conflict"
middle = "random"
scored = "end"

[[recipe]]
name = "window"
model = {name = "MLP", units = 6, window = 3}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.05}
epochs = 60
evaluate_every = 20

[[recipe]]
name = "too short"
model = {name = "MLP", units = 2}
rule = "BPTT"
epochs = 1
"""
ANSWER = (
    "primary question, at lag 2, tested alone: 'window' solves it in 5 and 'too short' in 0 of the same 5 seeds, a "
    "difference in rates of +1.00 [+0.39, +1.00] (newcombe paired 95 %); p = 0.031 (mcnemar mid-p): they differ."
)


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.toml").write_text(STUDY)
    return "mine.toml"


def test_a_study_is_compared_stretched_drawn_and_kept_with_its_weights(command, mine, tmp_path):
    words = ("--store", "runs.db", "--weights", "--survival", "survival.json", "--json", "span.json", "--quiet")
    done = command("span", mine, *words)
    assert done.code == 0, done.err
    assert ANSWER in done.out.splitlines()
    assert re.search(r"^window +2 +4 +0/5 \[0, 43\] % +0\.5 \[0, 1\]$", done.out, re.MULTILINE)
    # The one gives up before the other solves it, so that nothing can be said of their times.
    assert re.search(r"^window - too short +2 +5/5, 0/5 +above +above +1\.000$", done.out, re.MULTILINE)
    assert re.search(r"^window +2 +█+▁+ +120 ", done.out, re.MULTILINE)
    assert "corrected for 1 tests (Holm)" in done.out
    assert "survival: survival.json\n" in done.out
    assert "100 %" not in done.out  # five of five is a count with an interval
    answer = json.loads((tmp_path / "span.json").read_text())
    compared = answer["comparisons"]
    assert compared["primary"] == {"compare": ["window", "too short"], "lag": 2, "on": "success"}
    (pair,) = compared["pairs"]
    assert (pair["success"]["role"], pair["success"]["adjusted"], pair["updates"]["role"]) == (
        "primary",
        None,
        "exploratory",
    )
    (longer,) = answer["recipes"][0]["cells"][0]["longer"]
    assert (longer["lag"], longer["solved"], longer["runs"], longer["success"]["method"]) == (4, 0, 5, "wilson 95 %")
    assert answer["recipes"][1]["cells"][0]["longer"] == []
    panels = json.loads((tmp_path / "survival.json").read_text())["concat"]
    assert [panel["title"]["text"] for panel in panels] == ["lag 2"]

    # Gone on with and shown, it says the same; nothing is trained again, and the weights are there.
    study = answer["store"]["study"]
    again = command("resume", "runs.db", "--json", "again.json", "--quiet")
    assert ANSWER in again.out.splitlines()
    resumed = json.loads((tmp_path / "again.json").read_text())
    assert {**resumed, "survival_picture": "survival.json"} == answer
    shown = command("show", "runs.db", study)
    assert ANSWER in shown.out.splitlines()
    assert re.search(r"^window +2 +4 +0/5 \[0, 43\] %", shown.out, re.MULTILINE)
    told = json.loads(command("show", "runs.db", study, "--json").out)
    assert told["comparisons"] == compared
    assert told["cells"][0]["longer"] == [longer]
    with Store.open(tmp_path / "runs.db") as store:
        spec = answer["recipes"][0]["cells"][0]["spec"]
        assert (store.with_weights(spec), store.spec(spec).runs) == (set(range(5)), 5)
        network = load_trained(store, spec, 3)
        answers = np.array(
            [network.probabilities(sequence[:-1])[-1].argmax() for sequence in network.problem.sequences()]
        )
        assert [network.alphabet[each] for each in answers] == [row[-1] for row in network.problem.sequences()]

    # In other words: only lags of the command line, and a part that cannot answer the question asks none.
    part = command("span", mine, "--recipe", "window", "--generalise", "3, 5 * lag", "--store", "runs.db", "--json")
    cell = json.loads(part.out)["recipes"][0]["cells"][0]
    assert [one["lag"] for one in cell["longer"]] == [3, 10]
    assert json.loads(part.out)["comparisons"]["primary"] is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--weights",), "--weights must come with a store that keeps them, but got none; add --store runs.db"),
        (("--survival", "a.gif"), "--survival: path must be a file named *.svg"),
        (("--survival", "a.svg", "--picture", "a.svg"), "--survival and --picture must be two files, but got 'a.svg'"),
        (("--survival", "a.json", "--json", "a.json"), "--survival and --json must be two files"),
        (("--generalise", "2"), "generalise must hold a lag longer than 2, the shortest that is trained"),
        (("--generalise", "far"), "generalise must be a whole number of at least 1, but got 'far'"),
    ],
)
def test_what_is_wrong_is_one_sentence(command, mine, words, sentence):
    done = command("span", mine, *words)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_an_unknown_recipe_of_the_question_is_refused_before_anything_is_trained(command, tmp_path):
    (tmp_path / "mine.toml").write_text(STUDY.replace('"too short"]', '"to short"]'))
    done = command("span", "mine.toml", "--store", "runs.db")
    assert (done.code, (tmp_path / "runs.db").exists()) == (2, False)
    assert "but got 'to short'; did you mean 'too short'?" in done.err
    (tmp_path / "mine.toml").write_text(STUDY.replace('middle = "random"', 'middle = "counting"'))
    done = command("span", "mine.toml")
    assert "recipe 'window' at lag 2: generalise must be left out, for a network trained on conflict" in done.err
