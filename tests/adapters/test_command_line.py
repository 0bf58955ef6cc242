"""A model of the user's on the command line: from the current folder, in study files, in stores, and when it breaks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from tests.cli.commands import command

from memspan.core.errors import InvalidInput
from memspan.store import Store
from memspan.studies.kept import spec_of
from memspan.studies.span.names import build
from memspan.studies.span.notation import label_of, table_of

__all__ = ["command"]

MINE = """
import os, time
from torch import nn

def lstm(n_inputs, hidden=20):
    return nn.LSTM(n_inputs, hidden, batch_first=True)

def broken(n_inputs):
    if not os.path.exists("repaired"):
        raise ValueError("no weights yet")
    return lstm(n_inputs)

def picky(n_inputs, hidden):
    if hidden == 3:
        raise ValueError("not three")
    return lstm(n_inputs, hidden)

def answers(x):
    return x

def hangs(n_inputs):
    print("worker", os.getpid(), flush=True)
    time.sleep(600)
"""
STUDY = """
lags = [1]
seeds = 2
problem = {name = "Conflict"}
[[recipe]]
name = "broken"
model = {name = "torch", factory = "mine:broken"}
rule = {name = "BPTT"}
epochs = 3
[[recipe]]
name = "sound"
model = {name = "torch", factory = "mine:lstm", hidden = 8}
rule = {name = "BPTT"}
optimizer = {name = "Adam", learning_rate = 0.05}
epochs = 100
"""


def test_one_broken_recipe_costs_the_study_nothing_else_and_is_tried_again(command, tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "study.toml").write_text(STUDY)
    done = command("span", "study.toml", "--store", "runs.db", "--json", "out.json")
    sentence = (
        "2 of 2 runs of broken at lag 1 failed and count as such: mine:broken failed at mine.py, line 10: ValueError"
    )
    assert sentence in done.err
    assert done.code == 1
    broken, sound = (one["cells"][0] for one in json.loads((tmp_path / "out.json").read_text())["recipes"])
    assert (broken["failed"], broken["solved"], broken["weights"]) == (2, 0, 0)
    assert "no weights yet" in broken["reasons"][0]
    assert (sound["failed"], sound["solved"], sound["success"]["n"]) == (0, 2, 2)
    with Store.open(tmp_path / "runs.db", create=False) as store:
        kept = [run for spec in store.specs() for run in store.runs(spec.hash)]
    assert sorted(run.status for run in kept) == ["failed", "failed", "finished", "finished"]
    (tmp_path / "repaired").touch()
    again = command("resume", "runs.db")
    assert again.code == 0
    assert "failed" not in again.err
    assert "sound, lag 1: 2/2 [34, 100] %, all in runs.db" in again.err


def test_a_model_is_named_in_one_word_or_in_a_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)
    table = table_of("model", "torch:mine:lstm(hidden=8)", "--model")
    assert table == {"name": "torch", "factory": "mine:lstm", "hidden": 8}
    model = build("model", table, "--model")
    assert (model.user.name, model.settings, model.device) == ("mine:lstm", (("hidden", 8),), "cpu")
    assert label_of("model", "torch:mine:lstm(hidden=8)") == "torch:mine:lstm(hidden=8)"
    rule = build("rule", table_of("rule", "OwnLoop:mine:lstm", "--rule"), "--rule")
    assert rule.user.name == "mine:lstm"
    with pytest.raises(
        InvalidInput, match=r"factory must name something in mine.py, but it has no 'lsmt'; did you mean"
    ):
        build("model", table_of("model", "torch:mine:lsmt", "--model"), "--model")
    (tmp_path / "mine.py").write_text("def lstm(:\n")
    with pytest.raises(InvalidInput, match=r"factory must be Python, but mine.py, line 1 is not"):
        build("model", table, "--model")


BOTH = """
lags = [1]
seeds = 2
problem = {name = "Conflict", middle = "random", scored = "end"}
generalise = [4]
primary = {compare = ["mine", "ours"], lag = 1}
[[recipe]]
name = "mine"
model = {name = "torch", factory = "mine:lstm", hidden = 8}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.05}
epochs = 30
[[recipe]]
name = "ours"
model = {name = "LSTM", units = 8}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.05}
epochs = 30
"""


@pytest.mark.extended
def test_all_that_follows_takes_a_model_of_the_users_beside_one_of_ours(command, tmp_path):
    """Longer lags, the primary question, survival, weights, list, show, the spec made again, report and resume."""
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "both.toml").write_text(BOTH)
    words = ("--store", "runs.db", "--weights", "--survival", "survival.svg")
    done = command("span", "both.toml", *words, "--json", "out.json")
    assert done.code == 0, done.err
    assert "<svg" in (tmp_path / "survival.svg").read_text()[:200]
    answer = json.loads((tmp_path / "out.json").read_text())
    for recipe in answer["recipes"]:
        for cell in recipe["cells"]:
            (longer,) = cell["longer"]
            assert (longer["lag"], longer["runs"]) == (4, cell["solved"])
            assert (cell["runs"], cell["failed"]) == (2, 0)
    assert answer["recipes"][0]["cells"][0]["solved"] > 0
    assert "primary question, at lag 1, tested alone: 'mine' solves it in" in done.out

    with Store.open(tmp_path / "runs.db", create=False) as store:
        for spec in store.specs():
            assert spec_of(spec.settings, spec.hash).canonical_json() == json.dumps(
                spec.settings, sort_keys=True, separators=(",", ":")
            )
            assert store.with_weights(spec.hash) == {0, 1}
        (mine,) = [spec.hash for spec in store.specs() if "user" in spec.settings["model"]]
    assert "  torch:mine:lstm(hidden=8)  BPTT" in command("list", "runs.db").out
    assert "model           torch:mine:lstm(hidden=8, device=cpu, inputs=one-hot, reset=, file=" in (
        command("show", "runs.db", mine).out
    )
    again = command("resume", "runs.db")
    assert (again.code, "4 of them are in runs.db" in again.err) == (0, True)
    report = command("report", "runs.db", "--output", "report.md", "--no-state")
    assert (report.code, "'mine' or 'ours' at lag 1" in (tmp_path / "report.md").read_text()) == (0, True), report.err

    with (tmp_path / "mine.py").open("a") as file:
        file.write("# changed\n")
    refused = command("resume", "runs.db")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "must be gone on with as it was begun, but the file of mine:lstm was changed since" in refused.err


@pytest.mark.extended
def test_a_report_of_nothing_but_their_models_shows_a_state_where_there_is_one(command, tmp_path):
    """The numbers are the module's own: hidden and cell state after each symbol. A function has none."""
    (tmp_path / "mine.py").write_text(MINE)
    words = ("--lags", "1", "--epochs", "2", "--rule", "BPTT", "--seeds", "1", "--quiet")
    assert command("span", "--model", "torch:mine:lstm(hidden=3)", *words, "--store", "runs.db").code == 0
    done = command("report", "runs.db", "--state", "--output", "report.md")
    assert done.code == 0, done.err
    text = (tmp_path / "report.md").read_text()
    table = text.split("*Cell state of each unit after each symbol")[1].split("## ")[0]
    units = {line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")} - {"unit", "---"}
    assert units == {str(unit) for unit in range(6)}
    asked = command("span", "--model", 'predict:mine:answers(returns="symbols")', *words, "--store", "function.db")
    assert asked.code == 0, asked.err
    done = command("report", "function.db", "--state", "--output", "function.md", "--quiet")
    assert (done.code, done.err) == (2, "memspan: its model has no state\n")
    assert command("report", "function.db", "--no-state", "--output", "function.md").code == 0


TUNING = """
lag = 1
target = 0.5
trials = 2
batch = 2
seeds = 4
fresh = 16
finalists = 2
problem = {name = "Conflict", middle = "random", scored = "end"}
[recipe]
model = {name = "torch", factory = "mine:picky", hidden = {from = 3, to = 4}}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = {from = 0.2, to = 0.3}}
epochs = 20
"""


@pytest.mark.extended
def test_a_setting_of_the_users_factory_is_searched_like_any_other(command, tmp_path):
    """A configuration that cannot be made is told and no part of the front; going on finds the same."""
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "mine.toml").write_text(TUNING)
    done = command("tune", "mine.toml", "--store", "runs.db", "--json", "out.json", "--picture", "front.svg")
    found = json.loads((tmp_path / "out.json").read_text())
    assert done.code in (0, 3), done.err
    assert (done.err.count("failed and count as such: mine:picky failed at mine.py, line "), done.err.count("\nm")) == (
        1,
        2,
    )
    assert "ValueError: not three" in done.err
    made, failed = ([one for one in found["trials"] if bool(one["failed"]) == lost] for lost in (False, True))
    assert made
    assert {one["settings"]["model.hidden"] for one in failed} == {3}
    # Four gates of inputs, hidden state and two biases; and a read-out of five.
    assert {one["weights"] for one in made} == {4 * 4 * (5 + 4 + 2) + 5 * (4 + 1)}
    assert {found["trials"][number]["number"] for number in found["front"]} <= {one["number"] for one in made}
    assert "<svg" in (tmp_path / "front.svg").read_text()[:200]
    again = json.loads(command("resume", "runs.db", "--json").out)
    assert all(again[part] == found[part] for part in ("trials", "winners", "front"))


def test_a_killed_command_takes_a_hanging_model_with_it(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    words = ["span", "--model", "torch:mine:hangs", "--rule", "BPTT", "--lags", "1", "--seeds", "1", "--epochs", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "memspan", *words],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = next(line for line in process.stderr if line.startswith("worker"))  # on standard error: output is data
    worker = int(said.split()[1])
    process.send_signal(signal.SIGKILL)
    assert process.communicate()[0].startswith("study of the command line")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the worker lives on")
