"""`memspan tune` as a command: what it prints, how it goes on, how it ends."""

from __future__ import annotations

import importlib
import json
import shlex
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.commands import command as command

from memspan.cli.tune_text import Narrator
from memspan.cluster import Here
from memspan.store import Store

SMALL = """
lag = 1
target = 0.5
trials = 4
batch = 2
seeds = 16
fresh = 16

[problem]
name = "Conflict"

[recipe]
model = {name = "MLP", units = {from = 4, to = 6}, window = 2}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.3}
epochs = {from = 5, to = 60, log = true}
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "small.toml").write_text(SMALL)
    return "small.toml"


def plain(answer):
    return {key: value for key, value in answer.items() if key != "store"}


def test_a_tuning_is_told_stopped_and_gone_on_with(command, small, monkeypatch):
    told = command("tune", small)
    assert told.code == 0, told.err
    assert told.out.startswith("small.toml: conflict (tutorial), lag 1; target: 50 % of the runs\n")
    assert "\nwinners (seeds 16 to 31)\n" in told.out
    assert "\nfewest weights" in told.out
    assert told.out.splitlines()[-1].startswith(
        "To solve it in at least 50 % of the runs, the fewest weights found are"
    )
    assert "searching: 4 trials of up to 16 runs in epochs, model.units" in told.err

    apart = json.loads(command("tune", small, "--json").out)
    assert apart["store"] is None
    assert apart["seeds"]["confirming"] == [16, 31]
    assert [one["runs"] for one in apart["winners"]] == [16, 16]

    step, steps = Narrator.step, []

    def interrupted(self, found):
        steps.append(found)
        if len(steps) == 3:
            raise KeyboardInterrupt
        step(self, found)

    with monkeypatch.context() as patched:
        patched.setattr(Narrator, "step", interrupted)
        stopped = command("tune", small, "--store", "runs.db")
    assert stopped.code == 130
    assert (
        "interrupted; the runs that are done are kept in runs.db; go on with:\n  memspan resume runs.db" in stopped.err
    )
    with Store.open("runs.db") as store:
        before = {(one.hash, run.seed) for one in store.specs() for run in store.runs(one.hash)}
    assert before
    assert [one["done"] for one in json.loads(command("list", "runs.db", "--json").out)["studies"]] == [False]

    words = shlex.split(stopped.err.splitlines()[-1])
    resumed = command(*words[1:], "--json", "--quiet")
    assert resumed.err == ""
    assert plain(json.loads(resumed.out)) == plain(apart)

    # Now all of it is there: nothing is trained.
    def refused(*_):
        raise AssertionError("trained again")

    monkeypatch.setattr(importlib.import_module("memspan.studies.kept.training"), "run", refused)
    assert command("tune", small, "--store", "runs.db", "--json").out == resumed.out
    assert "small.toml" in command("list", "runs.db").out

    # What it came to is listed and shown, and drawn again without training.
    found = json.loads(resumed.out)
    (listed,) = json.loads(command("list", "runs.db", "--json").out)["studies"]
    assert (listed["done"], listed["runs"]) == (True, listed["of"])
    shown = json.loads(command("show", "runs.db", listed["hash"], "--json").out)["cells"]
    for one in found["trials"]:
        (cell,) = [cell for cell in shown if cell["recipe"].startswith(f"trial {one['number']}: ")]
        assert (cell["spec"], cell["runs"], cell["solved"]) == (one["spec"], one["runs"], one["solved"])
    fresh = [cell for cell in shown if ", fresh: " in cell["recipe"]]
    assert [(cell["spec"], cell["runs"]) for cell in fresh] == [(one["spec"], 16) for one in found["winners"]]
    drawn = command("resume", "runs.db", "--picture", "front.json")
    assert drawn.out.endswith("picture: front.json\n")
    layers = json.loads(Path("front.json").read_text())["layer"]
    assert len(layers[1]["data"]["values"]) == len(found["trials"])
    assert len(layers[2]["data"]["values"]) == len(found["winners"])


def test_before_the_work_it_says_what_it_takes_at_most(command, small):
    told = json.loads(command("tune", small, "--dry-run", "--json").out)
    assert [(one["step"], one["at_most"]) for one in told["steps"]] == [
        ("trials asked for", 4 * 16),
        ("shorter forms", 4 * 6 * 16),
        # Fewest weights: 6 units become 5 and 4. Fewest updates: 60 epochs become a fifth fewer ten times, each time
        # with three numbers of units. Each of these has up to six shorter forms.
        ("neighbours", (2 * 1 + 10 * 3) * 7 * 16),
        ("finals", 2 * 50 * 16),
        ("confirmation", 2 * 16),
    ]
    assert told["seconds"] == pytest.approx(told["at_most"] * told["seconds_of_the_longest_run"])
    assert "at most 5,664 runs, about " in command("tune", small, "--dry-run", "--quiet").out


def test_an_interrupt_without_a_store_says_how_to_begin_again(command, small, monkeypatch):
    monkeypatch.setattr(Narrator, "begin", lambda self, notes: (_ for _ in ()).throw(KeyboardInterrupt))
    stopped = command("tune", small, "--target", "0.4")
    assert stopped.code == 130
    assert stopped.err.endswith("start again with:\n  memspan tune small.toml --target 0.4\n")

    @contextmanager
    def somewhere(cluster):
        yield Here(), []

    monkeypatch.setattr("memspan.cli.at_work.at_work", somewhere)
    there = command("tune", small, "--cluster", "tcp://10.0.0.1:8786")
    assert there.err.endswith("start again with:\n  memspan tune small.toml --cluster tcp://10.0.0.1:8786\n")


def test_another_optuna_is_refused(command, small, monkeypatch):
    sampler = importlib.import_module("memspan.studies.tune.sampler")
    monkeypatch.setattr(Narrator, "begin", lambda self, notes: (_ for _ in ()).throw(KeyboardInterrupt))
    command("tune", small, "--store", "runs.db")
    assert "--fail-under must be left out" in command("resume", "runs.db", "--fail-under", "0.5").err
    monkeypatch.setattr(sampler, "optuna_version", lambda: "0.1")
    refused = command("resume", "runs.db")
    assert refused.code == 2
    assert "must go on with the Optuna that began it" in refused.err
    assert "but got 0.1; pip install optuna==" in refused.err


def test_where_nothing_is_good_enough_the_code_is_3(command, small, tmp_path):
    text = SMALL.replace("from = 5, to = 60, log = true", "from = 1, to = 2").replace("trials = 4", "trials = 1")
    (tmp_path / "hopeless.toml").write_text(text)
    done = command("tune", "hopeless.toml", "--quiet")
    assert (done.code, done.err) == (3, "")
    assert "for fewest weights nothing that was tried is good enough" in done.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "a tuning must be named, but got none"),
        (["tunings/tutrial"], "did you mean 'tutorial'?"),
        (["tutorial"], "there is no 'tutorial'; did you mean tunings/tutorial?"),
        (["small.toml", "--target", "0.99"], "use 917 or more"),
        (["small.toml", "--json", "answer.txt"], "--json must be - or a file named *.json"),
    ],
)
def test_wrong_words_are_one_sentence(command, small, words, sentence):
    done = command("tune", *words)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_those_that_ship_are_named(command):
    assert command("tune", "--list").out.startswith("tunings/tutorial  The smallest LSTM")
