"""Studies kept in a store: span --store, resume, list, show and export, as commands."""

from __future__ import annotations

import csv
import importlib
import io
import json
import shlex
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest
from tests.cli.commands import command as command
from tests.store.unprivileged import open_folder, unprivileged
from tests.studies.kills import start, stored

from memspan.core.errors import StoreError
from memspan.store import Store
from memspan.store.schema import STEPS
from memspan.studies.kept import InFile

SMALL = """
lags = [1, 2]
seeds = 3

[problem]
name = "Conflict"

[[recipe]]
name = "a"
model = {name = "MLP", units = 4, window = 2}
rule = "BPTT"
epochs = 4
"""
LONG = SMALL.replace('"MLP", units = 4, window = 2', '"LSTM", units = 4').replace("epochs = 4", "epochs = 800")
ENDLESS = SMALL + SMALL[SMALL.index("[[") :].replace('"a"', '"endless"').replace("epochs = 4", "epochs = 10000000")


@pytest.fixture
def small(tmp_path):
    (tmp_path / "mine.toml").write_text(SMALL)
    return "mine.toml"


def answer(done):
    assert done.code == 0, done.err
    return json.loads(done.out)


def plain(found):
    """An answer without what may differ: times, and where it was kept."""
    kept = {key: value for key, value in found.items() if key not in ("seconds", "store")}
    recipes = [{**row, "cells": [{**cell, "seconds": 0} for cell in row["cells"]]} for row in found["recipes"]]
    return {**kept, "recipes": recipes}


@pytest.mark.extended
def test_a_study_that_is_kept_says_what_one_says_that_is_not(command, small):
    apart = answer(command("span", small, "--json"))
    first = answer(command("span", small, "--json", "--store", "runs.db"))
    assert apart["store"] is None
    assert first["store"] == {"path": "runs.db", "study": first["store"]["study"], "runs": 6}
    assert plain(first) == plain(apart)
    # Again, with more seeds, and under its hash: what is there is not run again.
    again = command("span", small, "--store", "runs.db")
    assert "6 runs, seeds from 0; 6 of them are in runs.db\n" in again.err
    assert "measured 2 of 2: a, lag 2: 0/3 [0, 56] %, all in runs.db\n" in again.err
    resumed = answer(command("resume", "runs.db", first["store"]["study"][:5], "--json"))
    assert resumed == first
    more = command("span", small, "--store", "runs.db", "--seeds", "5")
    assert "10 runs, seeds from 0; 6 of them are in runs.db\n" in more.err
    with Store.open("runs.db") as store:
        assert [spec.runs for spec in store.specs()] == [5, 5]


def test_what_was_asked_for_is_resumed_even_if_the_file_has_changed(command, small, tmp_path):
    command("span", small, "--store", "runs.db", "--lags", "1")
    (tmp_path / small).unlink()
    done = command("resume", "runs.db", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "mine.toml: conflict (tutorial)"
    assert command("resume", "runs.db", "--fail-under", "0.1").code == 3


def test_an_interrupted_study_goes_on_with_the_command_it_prints(command, tmp_path):
    """A real SIGINT; what is resumed answers as a study that was never stopped."""
    for name in ("calm", "stopped"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.toml").write_text(LONG)
    words = ["span", "mine.toml", "--lags", "1", "--seeds", "80", "--store", "my runs.db"]
    process = start(tmp_path / "stopped", [*words, "--json", "part.json"])
    while not stored(tmp_path / "stopped" / "my runs.db"):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    there = stored(tmp_path / "stopped" / "my runs.db")
    assert f"memspan: interrupted; {there} of 80 runs are kept in my runs.db; go on with:\n  memspan resume " in err
    part = json.loads((tmp_path / "stopped" / "part.json").read_text())
    assert (part["complete"], part["store"]["runs"]) == (False, there)
    assert err.endswith(f"  {part['rest'][0]}\n")
    again = shlex.split(part["rest"][0])
    assert again[:4] == ["memspan", "resume", "my runs.db", part["store"]["study"]]
    process = start(tmp_path / "stopped", again[1:])
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert f"80 runs, seeds from 0; {there} of them are in my runs.db\n" in err
    calm = answer(command("span", "calm/mine.toml", "--json", "--lags", "1", "--seeds", "80"))
    found = json.loads((tmp_path / "stopped" / "part.json").read_text())
    assert plain(found) | {"study": "calm/mine.toml"} == plain(calm)


def test_a_running_study_is_read_and_nobody_else_writes(command, tmp_path):
    (tmp_path / "mine.toml").write_text(ENDLESS)
    process = start(tmp_path, ["span", "mine.toml", "--store", "runs.db"])
    try:
        assert any(line.startswith("measured 2 of 4") for line in process.stderr)
        listed = answer(command("list", "runs.db", "--json"))
        assert [(one["name"], one["runs"], one["of"]) for one in listed["studies"]] == [("mine.toml", 6, 12)]
        assert [(one["model"], one["runs"]) for one in listed["specs"]] == [("MLP(units=4, window=2)", 3)] * 2
        shown = command("show", "runs.db", listed["studies"][0]["hash"])
        assert "mine.toml: 6 of 12 runs\n" in shown.out
        assert len(command("export", "runs.db").out.splitlines()) == 7
        for words in (("resume", "runs.db"), ("span", "mine.toml", "--store", "runs.db")):
            second = command(*words)
            assert (second.code, second.out) == (1, "")
            whose = f"memspan: {tmp_path / 'runs.db'} is being written by process {process.pid} on "
            assert second.err.startswith(whose)
            assert second.err.endswith("; wait until it has ended or end it, or name another store\n")
    finally:
        process.kill()
        process.communicate()


def test_a_list_names_studies_and_specs(command, small):
    assert command("span", small, "--store", "runs.db", "--quiet").code == 0
    lines = command("list", "runs.db").out.splitlines()
    assert lines[0].split() == ["study", "name", "cells", "runs", "of"]
    assert lines[1].split()[1:] == ["mine.toml", "2", "6", "6", "done"]
    assert [line.split()[-4:] for line in lines[4:]] == [["3", "0", "0", "0"]] * 2
    with Store.open("empty.db"):
        pass
    assert command("list", "empty.db").out == "no study\n\nno spec\n"


def test_a_spec_is_shown_with_settings_rates_and_curves(command, small):
    command("span", small, "--store", "runs.db", "--quiet")
    spec = answer(command("list", "runs.db", "--json"))["specs"][0]["hash"]
    found = answer(command("show", "runs.db", spec[:8], "--json"))
    assert (found["spec"], found["settings"]["model"]["window"], found["runs"], found["solved"]) == (spec, 2, 3, 0)
    with Store.open("runs.db") as store:
        losses = sorted(float(run.curves["loss"][1]) for run in store.runs(spec))
    assert dict(map(tuple, found["curves"]["loss"]))[2] == losses[1]  # the median of three, after two epochs
    text = command("show", "runs.db", spec[:8]).out
    assert "runs that solve it: 0/3 [0, 56] %; diverged: 0; failed: 0\n" in text
    assert "updates until solved (median): not reached, of a budget of 8\n" in text
    assert f"loss (median over runs): {found['curves']['loss'][0][1]:.4g} after 1, " in text


def test_an_export_has_one_row_a_run(command, small, tmp_path):
    command("span", small, "--store", "runs.db", "--quiet")
    study = answer(command("list", "runs.db", "--json"))["studies"][0]["hash"]
    command("span", small, "--store", "runs.db", "--quiet", "--epochs", "3", "--lags", "1")
    text = command("export", "runs.db", "--study", study).out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["seed"] for row in rows] == ["0", "1", "2"] * 2
    assert {row["spec.epochs"] for row in rows} == {"4"}
    lines = command("export", "runs.db", "--format", "jsonl", "--spec", rows[0]["spec"][:9]).out.splitlines()
    assert [json.loads(line)["seed"] for line in lines] == [0, 1, 2]
    assert command("export", "runs.db", "--study", study, "--output", "runs.csv").out == ""
    assert (tmp_path / "runs.csv").read_text() == text
    assert command("export", "runs.db", "--output", "runs.parquet").code == 0
    assert (tmp_path / "runs.parquet").read_bytes()[:4] == b"PAR1"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("mine.toml", "runs.csv", "runs.db", "runs.db.lock", "runs.parquet"),
    ]


def test_a_full_disk_ends_the_study_with_a_sentence_and_the_way_on(command, small, monkeypatch):
    def full(self, spec, runs, weights):
        raise StoreError("runs.db could not be written, for the disk is full; make room and start again")

    with monkeypatch.context() as broken:
        broken.setattr(InFile, "add", full)
        done = command("span", small, "--store", "runs.db", "--quiet")
    assert done.code == 1
    assert done.err.startswith(
        "memspan: runs.db could not be written, for the disk is full; make room and start again; "
    )
    assert command(*shlex.split(done.err.split("then go on with: memspan ")[1])).code == 0


WRONG = [
    (("resume", "none.db"), "store must be a file that exists, but "),
    (("list", "none.db"), "store must be a file that exists, but "),
    (("list", "mine.toml"), "is no SQLite file; name another"),
    (("span", "mine.toml", "--store", "mine.toml"), "is no SQLite file; name another"),
    (("span", "mine.toml", "--store", "no/runs.db"), "store must lie in a folder that exists"),
    (("list", "newer.db"), "made by a newer memspan; update memspan"),
    (("span", "mine.toml", "--store", "newer.db"), "made by a newer memspan; update memspan"),
    (("resume", "empty.db"), "study must be one of those in empty.db, but there are none; begin one with memspan span"),
    (("resume", "runs.db"), "study must be the beginning of one hash in runs.db, but none was named; there are "),
    (("resume", "runs.db", "x"), "but got 'x', which 0 begin with; there are "),
    (("show", "runs.db", ""), "but got '', which 4 begin with; memspan list runs.db shows what there is"),
    (("export", "runs.db", "--format", "parquet"), "--format parquet must have --output FILE, but got none"),
    (("export", "runs.db", "--output", "no/runs.csv"), "--output must be a file in a folder that exists"),
    (("export", "runs.db", "--spec", "x"), "spec must be the beginning of one hash in "),
    (("export", "runs.db", "--format", "xml"), 'Choose from: "csv"'),
    (("resume", "runs.db", "--json", "a.txt"), "--json must be - or a file named *.json"),
]


def test_what_is_wrong_is_one_sentence_and_touches_nothing(command, small, tmp_path):
    for seeds in ("1", "2"):
        command("span", small, "--store", "runs.db", "--quiet", "--seeds", seeds)
    for name in ("empty.db", "newer.db"):
        with Store.open(name):
            pass
    with closing(sqlite3.connect("newer.db")) as newer:
        newer.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for words, sentence in WRONG:
        done = command(*words)
        assert (done.code, done.out) == (2, ""), words
        assert sentence in done.err, words
        assert (done.err.startswith("memspan: "), done.err.count("\n")) == (True, 1), words
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_read_only_folder_can_be_read_and_not_written(command, small, tmp_path):
    command("span", small, "--store", "runs.db", "--quiet")
    with open_folder() as folder:
        path = shutil.copy(tmp_path / "runs.db", folder / "runs.db")
        folder.chmod(0o555)
        with unprivileged():
            listed, refused = command("list", path), command("resume", path)
    assert (listed.code, " 6   6  done\n" in listed.out) == (0, True)
    assert (refused.code, refused.out) == (1, "")
    assert f"{path} may not be written here (Permission denied" in refused.err


def test_a_study_whose_specs_are_made_otherwise_now_is_refused(command, small):
    command("span", small, "--store", "runs.db", "--quiet", "--lags", "1")
    with Store.open("runs.db") as store, store.writer() as writer:
        (note,) = store.studies().values()
        other = writer.note({**note, "cells": [{**note["cells"][0], "spec": "0" * 16}]})
    done = command("resume", "runs.db", other)
    assert done.code == 2
    assert "is spec 0000000000000000 in runs.db and would now be " in done.err
    assert "begin it anew with memspan span mine.toml --lags 1 --store runs.db\n" in done.err


def test_runs_of_another_environment_are_told(command, small, monkeypatch):
    module = importlib.import_module("memspan.studies.kept.stored")
    command("span", small, "--store", "runs.db", "--quiet")
    elsewhere = replace(module.here(), code="another")
    monkeypatch.setattr(module, "here", lambda: elsewhere)
    done = command("span", small, "--store", "runs.db", "--seeds", "4")
    assert "note: these runs were computed in 2 environments, of which code differ, so that rounding may; " in done.err
