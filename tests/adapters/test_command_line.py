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
