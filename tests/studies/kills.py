"""Kill studies at random moments and resume them, until they are done, and see that nothing shows it.

In the tests a few times; `python -m tests.studies.kills 200` as often as you like.
"""

from __future__ import annotations

import csv
import io
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from memspan.store import Store, table, write_csv

STUDY = """
lags = [1, 2]
seeds = 50

[problem]
name = "Conflict"

[[recipe]]
name = "BPTT"
model = {{name = "LSTM", units = {units}}}
rule = "BPTT"
optimizer = {{name = "Adam", learning_rate = 0.03}}
epochs = 800
evaluate_every = 10

[[recipe]]
name = "diverges"
model = {{name = "LSTM", units = {units}}}
rule = "BPTT"
optimizer = {{name = "Adam", learning_rate = 1e38}}
epochs = 20
lags = [1]
"""
EASIER = """
[[recipe]]
name = "easier first"
model = {name = "LSTM", units = 4}
rule = "BPTT"
epochs = 100
curriculum = [1]
lags = [2]
"""
PAUSE = 0.4  # seconds, at most, between the first block that is stored and a kill
SURE = 300  # seconds for what is not killed


def start(folder, words):
    """Begin a command in a folder; its compiled programs are kept beside it."""
    return subprocess.Popen(
        [sys.executable, "-m", "memspan", *words],
        cwd=folder,
        env={**os.environ, "MEMSPAN_CACHE": str(folder.parent / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def whole(folder, words):
    """Let a command run to its end; return what it prints."""
    process = start(folder, words)
    out, err = process.communicate(timeout=SURE)
    assert process.returncode == 0, err
    return out


def kill(folder, words, rng):
    """Begin a command and kill it at any moment of its start or work; return how many cells it said were measured."""
    process, path = start(folder, words), folder / "runs.db"
    if rng.random() < 0.25:
        time.sleep(rng.uniform(0.0, 3.0))
    else:
        there = stored(path)
        while process.poll() is None and stored(path) == there:
            time.sleep(0.005)
        time.sleep(rng.uniform(0.0, PAUSE))
    process.kill()
    _, err = process.communicate(timeout=SURE)
    return sum(line.startswith("measured") and line.endswith("\n") for line in err.splitlines(keepends=True))


def rows(path):
    """The exported rows up to the time and the environment, by spec and seed; there are no two of a spec and seed."""
    out = io.StringIO()
    with Store.open(path, create=False) as store:
        write_csv(table(store), out)
    lines = list(csv.reader(io.StringIO(out.getvalue())))
    end = lines[0].index("seconds")
    found = {(line[0], line[1]): line[:end] for line in lines[1:]}
    assert len(found) == len(lines) - 1
    return found


def records(path):
    """The runs by spec and seed, with their seconds: a run that was made again would have others."""
    with Store.open(path, create=False) as store:
        return {
            (spec.hash, run.seed): repr((run.status, run.solved, run.updates, run.scores, run.seconds))
            for spec in store.specs()
            for run in store.runs(spec.hash, curves=False)
        }


def everything(path):
    """All that must be the same however often a study was stopped: rows, curves and what was asked for."""
    with Store.open(path, create=False) as store:
        curves = [
            (run.seed, name, curve.tobytes())
            for spec in store.specs()
            for run in store.runs(spec.hash)
            for name, curve in run.curves.items()
        ]
        asked = [{**study, "asked": None} for study in store.studies().values()]
        return rows(path), curves, asked


def check(path):
    """See that a store is whole, by SQLite's own word."""
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []


def stored(path):
    """How many runs there are, as a program that knows nothing of the writer sees them."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as plain:
            return plain.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.OperationalError:  # no file yet
        return 0


def begun(path):
    """Whether a store has its study noted, so that it can be resumed."""
    if not path.exists():
        return False
    with Store.open(path, create=False) as store:
        return bool(store.studies())


def kill_one_study(folder, number, kills, rng):
    """Kill a study up to so many times, end it, and compare it with one that was let be. Return the kills."""
    for name in ("killed", "calm"):
        (folder / name).mkdir()
        text = STUDY.format(units=4 + number) + (EASIER if number % 2 else "")
        (folder / name / "mine.toml").write_text(text)
    anew = ["span", "mine.toml", "--store", "runs.db"]
    path, before, done = folder / "killed" / "runs.db", {}, 0
    while done < kills:
        words = ["resume", "runs.db"] if begun(path) else anew
        measured = kill(folder / "killed", words, rng)
        done += 1
        if not path.exists():
            assert not measured
            continue
        check(path)
        now = records(path)
        assert before.items() <= now.items()  # nothing that was there is lost, changed or made again
        assert len(now) >= 50 * measured
        before = now
        if len(now) == (200 if number % 2 else 150):
            break
    shown = whole(folder / "killed", ["resume", "runs.db"] if begun(path) else anew)
    calm = whole(folder / "calm", anew)
    check(path)
    assert everything(path) == everything(folder / "calm" / "runs.db")
    assert without_seconds(shown) == without_seconds(calm)
    return done


def without_seconds(text):
    """What a study prints, but for the last column of its table of times."""
    return [line.rsplit(None, 1)[0] if line.strip() else line for line in text.splitlines()]


def kill_studies(folder, kills, seed=0):
    """Kill one study after the other; return how many there were."""
    rng, number = random.Random(seed), 0
    while kills > 0:
        (folder / str(number)).mkdir()
        done = kill_one_study(folder / str(number), number, kills, rng)
        kills, number = kills - done, number + 1
        sys.stdout.write(f"study {number}: killed {done} times, ended as one that was let be\n")
        sys.stdout.flush()
    return number


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        studies = kill_studies(Path(place), int(sys.argv[1]))
    sys.stdout.write(f"{sys.argv[1]} kills of {studies} studies: each ended as one that was let be\n")
