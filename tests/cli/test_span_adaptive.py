"""`memspan span --adaptive` as a command: what it prints, keeps, and goes on with."""

from __future__ import annotations

import importlib
import json
import shlex
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.commands import command as command
from tests.studies.kills import everything, start, stored

from memspan.cli.adaptive_text import Narrator
from memspan.cluster import Here, UnitKilled
from memspan.report.comparisons import comparisons
from memspan.report.kept import kept_study
from memspan.store import Store
from memspan.studies.noted import noted

SMALL = """
lags = [1, 2, 3]
seeds = 40
seed = 5

[adaptive]
level = 0.5
width = 0.3
pilot = 8
block = 8

[problem]
name = "Conflict"

[[recipe]]
name = "a"
model = {name = "MLP", units = 8, window = 3}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.05}
epochs = 20
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "small.toml").write_text(SMALL)
    return "small.toml"


def plain(told):
    """An answer without times, and without where it was kept."""
    recipes = [{**row, "cells": [{**cell, "seconds": 0} for cell in row["cells"]]} for row in told["recipes"]]
    return {**told, "seconds": 0, "store": None, "recipes": recipes}


def test_it_is_told_stopped_and_gone_on_with(command, small, monkeypatch):
    told = command("span", small)
    assert told.code == 0, told.err
    assert "from 1 to 3: a pilot of 8 runs a lag (seeds from 5), then up to 40 others at each lag" in told.err
    assert "at most 144 runs\npilot: a, lag 1: 8/8\n" in told.err
    assert "measured: a, lag 1: 16/16 [81, 100] %\n" in told.err
    lines = told.out.splitlines()
    assert [line.split() for line in lines if line.startswith("runs spent ")] == [
        ["runs", "spent", "pilot", "measured", "together", "at", "most"]
    ]
    apart = json.loads(command("span", small, "--json", "-q").out)
    runs = apart["adaptive"]["recipes"][0]["runs"]
    assert [line.split()[1:] for line in lines if line.startswith("a ") and line.endswith(" 144")] == [
        [str(number) for number in (runs["pilot"], runs["measured"], sum(runs.values()), 144)]
    ]
    assert runs["measured"] == sum(cell["runs"] for cell in apart["recipes"][0]["cells"])

    step, steps = Narrator.step, []

    def interrupted(self, one):
        steps.append(one)
        if len(steps) == 5:
            raise KeyboardInterrupt
        step(self, one)

    with monkeypatch.context() as patched:
        patched.setattr(Narrator, "step", interrupted)
        stopped = command("span", small, "--store", "runs.db", "--json", "a.json")
    assert stopped.code == 130
    assert (
        "interrupted; the runs that are done are kept in runs.db; go on with:\n  memspan resume runs.db" in stopped.err
    )
    assert "not done" in command("list", "runs.db").out
    again = command(*shlex.split(stopped.err.splitlines()[-1])[1:])
    assert again.code == 0, again.err
    with open("a.json") as file:
        assert plain(json.load(file)) == plain(apart)

    listed = json.loads(command("list", "runs.db", "--json").out)["studies"]
    assert [(one["runs"], one["of"], one["done"]) for one in listed] == [(sum(runs.values()),) * 2 + (True,)]
    shown = command("show", "runs.db", listed[0]["hash"]).out
    assert f"small.toml: {sum(runs.values())} runs, done\n" in shown
    assert next(line.split()[:3] for line in shown.splitlines() if "pilot" in line) == ["a,", "pilot", "1"]
    with Store.open("runs.db", create=False) as store:
        reported = kept_study(store, Path("runs.db"), None)
        assert reported.names == ("a",)
        assert reported.memory_span("a", 0.5).to_json() == apart["recipes"][0]["spans"][0]
    # Resumed when it is done: shown again, nothing is trained.
    assert plain(json.loads(command("resume", "runs.db", "--json").out)) == plain(apart)


@pytest.mark.extended
def test_killed_and_resumed_it_is_the_one_that_was_let_be(command, small, tmp_path):
    """A real SIGKILL after the first block that is stored."""
    for name in ("killed", "calm"):
        (tmp_path / name).mkdir()
        (tmp_path / name / small).write_text(SMALL)
    path = tmp_path / "killed" / "runs.db"
    process = start(tmp_path / "killed", ["span", small, "--store", "runs.db"])
    while not stored(path):
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.communicate()
    with Store.open(path, create=False) as store:
        (study,) = noted(store)
        assert not study.done(store)
    resumed = command("resume", path)
    assert resumed.code == 0, resumed.err
    assert command("span", tmp_path / "calm" / small, "--store", tmp_path / "calm" / "runs.db").code == 0
    killed, calm = everything(path), everything(tmp_path / "calm" / "runs.db")
    assert killed[:2] == calm[:2]
    assert len(killed[2]) > 7
    assert sorted(str(note.get("cell")) for note in killed[2]) == sorted(str(note.get("cell")) for note in calm[2])


def test_before_the_work_it_says_what_it_takes_at_most(command, small):
    told = json.loads(command("span", small, "--dry-run", "--json").out)
    assert (told["at_most"], told["recipes"][0]["lags"]) == (3 * 48, 3)
    text = command("span", small, "--dry-run", "-q", "--seeds", "20").out
    assert "at most 84 runs are to be made, 28 at each lag; as a moment of each shows, that takes at most about" in text


def test_options_take_the_place_of_the_file(command, small):
    words = ("--lags", "1..2", "--seeds", "24", "--width", "0.4", "--adaptive", "0.6", "--json", "--quiet")
    told = json.loads(command("span", small, *words).out)
    assert {key: told["adaptive"][key] for key in ("level", "width", "pilot", "most_seeds")} == {
        **{"level": 0.6, "width": 0.4, "pilot": 8, "most_seeds": 24}
    }
    assert told["lags"] == [1, 2]
    described = command("span", "--model", "MLP(window=3)", "--adaptive", "0.5", "--rule", "nothing")
    assert "--rule must be one of" in described.err or "rule.name must be one of" in described.err


WRONG = [
    (("--fail-under", "0.5"), "--fail-under must be left out of an adaptive study"),
    (("--adaptive", "2"), "level must be a share above 0 and below 1, but got 2.0"),
    (("--width", "0"), "width must lie between 0 and 1, but got 0.0"),
    (("--seeds", "4"), "seeds must be 6 or more, for fewer runs cannot show on which side of the level 0.5 a rate"),
    (("--lags", "9..3"), "--lags must be such as 3..3000, from a shorter lag to a longer one, but got '9..3'"),
]


def test_what_is_wrong_is_one_sentence(command, small, tmp_path):
    (tmp_path / "plain.toml").write_text(
        SMALL.replace("[adaptive]", "").replace("level = 0.5\nwidth = 0.3\npilot = 8\nblock = 8\n", "")
    )
    for words, sentence in WRONG:
        for more in ((), ("--dry-run",)):
            done = command("span", small, *words, *more)
            assert (done.code, done.out) == (2, ""), words
            assert sentence in done.err
            assert done.err.count("\n") == 1
    assert "--width must come with --adaptive LEVEL" in command("span", "plain.toml", "--width", "0.2").err


@pytest.mark.extended
def test_recipes_are_compared_and_judged_at_longer_lags(command, tmp_path):
    """In the text, in JSON, from the store, and in the report: the same, with words for what the intervals mean."""
    second = SMALL[SMALL.index("[[recipe]]") :].replace('"a"', '"b"').replace("window = 3", "window = 2")
    asked = '[primary]\ncompare = ["a", "b"]\nlag = 2\n'
    text = (SMALL + second + asked).replace("[1, 2, 3]", "[1, 2]").replace("epochs = 20", "epochs = 60")
    text = text.replace('name = "Conflict"', 'name = "Conflict"\nmiddle = "random"\nscored = "end"')
    (tmp_path / "two.toml").write_text("generalise = [4]\n" + text)
    told = command("span", "two.toml", "--store", "runs.db", "--json", "a.json", "-q")
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert any(line.startswith("runs that solve it, judged at longer lags") for line in lines)
    assert any(line.startswith("a - b") and " 1 " in line for line in lines)
    assert "allows for all 5 numbers of runs at which one could have stopped" in told.out
    assert "of the same 40 seeds, a difference in rates of" in told.out
    found = json.loads((tmp_path / "a.json").read_text())["comparisons"]
    assert (found["looks"], found["primary"]["lag"]) == ([8, 16, 24, 32, 40], 2)
    alone = next(pair for pair in found["pairs"] if pair["lag"] == 2)
    assert (alone["runs"], alone["success"]["role"]) == ([40, 40], "primary")
    assert json.loads(command("show", "runs.db", "--json").out)["comparisons"] == found
    shown = command("show", "runs.db").out
    assert "primary question, at lag 2, tested alone: 'a' solves it in" in shown
    with Store.open("runs.db", create=False) as store:
        reported = comparisons(kept_study(store, Path("runs.db"), None))
    assert "question" in reported.table.columns


def test_what_starts_again_says_where(command, small, monkeypatch):
    """Without a store an interrupted study starts again; the command names the cluster that it ran on."""

    @contextmanager
    def somewhere(cluster):
        yield Here(), []

    monkeypatch.setattr("memspan.cli.at_work.at_work", somewhere)
    for module in ("adaptive_text", "span_text"):
        narrator = importlib.import_module(f"memspan.cli.{module}").Narrator
        monkeypatch.setattr(narrator, "begin", lambda self, notes: (_ for _ in ()).throw(KeyboardInterrupt))
    for words in ((small,), ("--model", "MLP(window=3)", "--lags", "1")):
        stopped = command("span", *words, "--cluster", "tcp://10.0.0.1:8786")
        assert stopped.code == 130
        assert stopped.err.splitlines()[-1].endswith(" --cluster tcp://10.0.0.1:8786")


def test_runs_without_a_result_are_told_and_tried_again(command, small, monkeypatch):
    """They count as failures, the command ends with 1, and resume makes them."""
    submit = Here.submit

    def at_lag_1_only(self, job, seeds, report):
        def killed(seeds, report):
            raise UnitKilled("3 workers died while they ran these seeds")

        return submit(self, job if job.spec.problem.lag == 1 else killed, seeds, report)

    monkeypatch.setattr(Here, "submit", at_lag_1_only)
    done = command("span", small, "--lags", "1,2", "--seeds", "16", "--store", "runs.db", "--json", "-q")
    assert done.code == 1
    assert "16 of 16 runs of a at lag 2 failed and count as such: 3 workers died while they ran these seeds" in done.err
    again = done.err.splitlines()[-1].split("runs that failed are tried again with: memspan ")[1]
    monkeypatch.setattr(Here, "submit", submit)
    gone_on = command(*shlex.split(again))
    assert gone_on.code == 0, gone_on.err
    assert all(cell["failed"] == 0 for recipe in json.loads(gone_on.out)["recipes"] for cell in recipe["cells"])
