"""Watching a study that another process really runs: all is seen, nothing is disturbed, and its end is noticed."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time

from tests.cli.commands import command as command
from tests.studies.kills import start, stored

from memspan.store import Store

STUDY = """
lags = [1, 2]
seeds = 40

[problem]
name = "Conflict"

[[recipe]]
name = "a"
model = {name = "MLP", units = 4, window = 2}
rule = "BPTT"
epochs = 3000
evaluate_every = 50
"""


def running(folder, text=STUDY):
    """Begin a study in another process, and wait until its store is there."""
    (folder / "mine.toml").write_text(text)
    process = start(folder, ["span", "mine.toml", "--store", "runs.db", "--quiet"])
    while not (folder / "runs.db").exists() or not _noted(folder / "runs.db"):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    return process


def _noted(path):
    with Store.open(path, create=False) as store:
        return store.studies()


def test_a_running_study_is_followed_to_its_end(command, tmp_path):
    process = running(tmp_path)
    try:
        done = command("show", "runs.db", "--watch", "--json")
    finally:
        out, err = process.communicate(timeout=120)
    assert (done.code, process.returncode) == (0, 0), err
    seen = [json.loads(line) for line in done.out.splitlines()]
    counts = [one["runs"] for one in seen]
    assert counts == sorted(counts)
    assert len(set(counts)) > 1  # it grew while it was watched
    assert counts[-1] == seen[-1]["of"] == stored(tmp_path / "runs.db") == 80
    assert [one["done"] for one in seen] == [False] * (len(seen) - 1) + [True]
    assert all(one["running"] for one in seen[:-1])
    # What was seen last is what the study itself says.
    assert {f"{cell['solved']}/{cell['runs']}" for cell in seen[-1]["cells"]} <= set(out.replace("[", " ").split())


def test_one_that_is_done_is_shown_once_and_in_words(command, tmp_path):
    (tmp_path / "mine.toml").write_text(STUDY.replace("epochs = 3000", "epochs = 2"))
    assert command("span", "mine.toml", "--store", "runs.db", "--quiet", "--seeds", "3").code == 0
    done = command("show", "runs.db", "--watch")
    assert done.code == 0
    assert done.out.splitlines() == [
        "a, lag 1: 3 of 3 runs, 0/3 [0, 56] % solve it",
        "a, lag 2: 3 of 3 runs, 0/3 [0, 56] % solve it",
        "6 of 6 runs, done",
    ]
    assert "6 of 6 runs" in command("show", "runs.db").out  # without a hash: the only study


def test_a_study_that_is_killed_is_said_to_have_stopped(command, tmp_path, monkeypatch):
    monkeypatch.setattr("memspan.cli.stored_watch.IDLE", 2)
    process = running(tmp_path, STUDY.replace("epochs = 3000", "epochs = 1000000"))
    process.kill()
    process.communicate()
    done = command("show", "runs.db", "--watch")
    assert done.code == 1
    assert done.out.splitlines()[-1] == "0 of 80 runs, not done, and no process writes it now; memspan resume goes on"


def test_a_terminal_is_written_over_and_left_with_ctrl_c(tmp_path):
    process = running(tmp_path, STUDY.replace("epochs = 3000", "epochs = 1000000"))
    ours, theirs = pty.openpty()
    try:
        watching = subprocess.Popen(
            [sys.executable, "-m", "memspan", "show", "runs.db", "--watch"],
            cwd=tmp_path,
            stdout=theirs,
            stderr=subprocess.PIPE,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        )
        os.close(theirs)
        said = b""
        while b"runs to go" not in said:
            said += os.read(ours, 4096)
        watching.send_signal(signal.SIGINT)
        _, complaints = watching.communicate(timeout=30)
        assert (watching.returncode, complaints) == (0, b"")
        assert b"\x1b[" in said
        assert b"80 runs" in said
        assert process.poll() is None  # the study goes on
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
