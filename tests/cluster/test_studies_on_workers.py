"""Studies on a real cluster equal those of one process, bit for bit, whatever becomes of workers and scheduler."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading

import pytest
from distributed import Client
from tests.cli.commands import command as command
from tests.cluster.dask_cluster import SURE, cluster, waited_for
from tests.cluster.deadly import Deadly
from tests.studies.kills import check, everything, stored

import memspan as ms
from memspan.cluster import Here, UnitKilled
from memspan.core.errors import ClusterError
from memspan.store import Store
from memspan.studies.span import Recipe, read_study

FILE = """
lags = [1, 2]
seeds = 40

[problem]
name = "Conflict"

[[recipe]]
name = "BPTT"
model = {name = "LSTM", units = 3}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.03}
epochs = 800
evaluate_every = 50
"""
TUNING = """
lag = 1
target = 0.5
trials = 2
batch = 2
seeds = 16
fresh = 16

[problem]
name = "Conflict"

[recipe]
model = {name = "MLP", units = {from = 4, to = 5}, window = 2}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.3}
epochs = 60
"""


ADAPTIVE = """
lags = [1, 2, 3]
seeds = 40

[adaptive]
level = 0.5
width = 0.3
pilot = 8
block = 8

[problem]
name = "Conflict"

[[recipe]]
name = "sees"
model = {name = "MLP", units = 8, window = 3}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.05}
epochs = 20

[[recipe]]
name = "does not"
model = {name = "MLP", units = 8, window = 2}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.05}
epochs = 20
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "mine.toml").write_text(FILE)
    return read_study(tmp_path / "mine.toml")


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """What one process makes of the study: rows and curves."""
    folder = tmp_path_factory.mktemp("calm")
    (folder / "mine.toml").write_text(FILE)
    ms.span(read_study(folder / "mine.toml"), store=folder / "runs.db")
    return everything(folder / "runs.db")[:2]


def test_a_worker_killed_in_mid_run_changes_nothing(workers, study, calm, tmp_path):
    path, pids = tmp_path / "runs.db", workers.pids()
    with Client(workers.address, set_as_default=False) as client:
        words = {"store": path, "cluster": workers.address, "weights": True}
        measuring = threading.Thread(target=ms.span, args=(study,), kwargs=words)
        measuring.start()
        waited_for(lambda: stored(path) > 0)
        os.kill(pids[0], signal.SIGKILL)
        measuring.join(SURE)
        lost = [word for _, word in client.get_events("all") if word["action"] == "remove-worker"]
        assert any(word["processing-tasks"] for word in lost)
        client.wait_for_workers(2, timeout=SURE)
    check(path)
    assert everything(path)[:2] == calm
    with Store.open(path, create=False) as store:
        seconds = [run.seconds for spec in store.specs() for run in store.runs(spec.hash)]
        assert all(len(store.with_weights(spec.hash)) == 40 for spec in store.specs())
    assert min(seconds) > 0


@pytest.mark.extended
def test_runs_that_no_worker_survives_fail_and_the_others_are_made(workers, tmp_path):
    path = tmp_path / "runs.db"
    recipe = Recipe("small", ms.models.MLP(4, window=2), ms.rules.BPTT(), epochs=20)
    found = ms.span(recipe, lambda lag: Deadly(lag), lags=[1, 2, 3], seeds=8, store=path, cluster=workers.address)
    row = found.row("small")
    assert [(one.failed, len(one.runs), one.solved <= 8) for one in row.values()] == [
        (0, 8, True),
        (8, 8, True),
        (0, 8, True),
    ]
    assert row[2].solved == 0
    assert {run.reason.split(", the last")[0] for run in row[2].runs} == {"3 workers died while they ran these seeds"}
    here = ms.span(recipe, lambda lag: Deadly(lag), lags=[1, 2, 3], seeds=8, store=path)  # no worker, so nobody dies
    assert [one.failed for one in here.row("small").values()] == [0, 0, 0]
    check(path)


@pytest.mark.extended
def test_a_tuning_finds_the_same_there(command, workers, tmp_path, monkeypatch):
    monkeypatch.setattr("logging.disable", lambda: None)  # it would outlive the test
    (tmp_path / "small.toml").write_text(TUNING)
    there = command("tune", "small.toml", "--cluster", workers.address, "--json", "--store", "there.db")
    here = command("tune", "small.toml", "--json")
    assert there.code == here.code < 2, (there.out, here.out)
    found, expected = (json.loads(one.out) for one in (there, here))
    assert found.pop("store")["path"] == "there.db"
    assert expected.pop("store") is None
    assert found == expected


@pytest.mark.extended
def test_an_adaptive_study_finds_the_same_there(command, workers, tmp_path, monkeypatch):
    monkeypatch.setattr("logging.disable", lambda: None)  # it would outlive the test
    (tmp_path / "small.toml").write_text(ADAPTIVE)
    said = json.loads(command("span", "small.toml", "--cluster", workers.address, "--dry-run", "--json").out)["there"]
    assert (said["workers"], said["threads"], said["seconds"] > 0) == (2, 2, True)
    there = command("span", "small.toml", "--cluster", workers.address, "--json", "--store", "there.db")
    here = command("span", "small.toml", "--json", "--store", "here.db")
    assert there.code == here.code == 0, (there.err, here.err)
    assert everything(tmp_path / "there.db")[:2] == everything(tmp_path / "here.db")[:2]
    found, expected = (json.loads(one.out) for one in (there, here))
    for answer in (found, expected):
        answer |= {"seconds": 0, "store": None}
        for cell in (cell for recipe in answer["recipes"] for cell in recipe["cells"]):
            cell["seconds"] = 0
    assert found == expected


@pytest.mark.extended
def test_interrupted_then_left_by_its_scheduler_then_ended_here(calm, tmp_path):
    """Ctrl-C lets the units go; the end of the scheduler is one sentence; each says how to go on, and it does."""
    (tmp_path / "mine.toml").write_text(FILE)
    path = tmp_path / "runs.db"
    with cluster(tmp_path, count=1) as own:
        begun = memspan(tmp_path, "span", "mine.toml", "--store", "runs.db", "--cluster", own.address)
        waited_for(lambda: stored(path) > 0)
        begun.send_signal(signal.SIGINT)
        out, err = begun.communicate(timeout=SURE)
        assert begun.returncode == 130, err
        assert "runs are kept in runs.db; go on with:\n" in err
        again = err.splitlines()[-1].strip()
        assert again.endswith(f"--cluster {own.address}")
        there = stored(path)
        assert 0 < there < 80
        with Client(own.address, set_as_default=False) as client:
            waited_for(lambda: client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0)
            waited_for(lambda: not any(client.run(lambda dask_worker: len(dask_worker.active_threads)).values()))

        goes_on = memspan(tmp_path, *shlex.split(again)[1:])
        waited_for(lambda: stored(path) > there)
        own.end("scheduler")
        out, err = goes_on.communicate(timeout=SURE)
        assert goes_on.returncode == 1, err
        assert err.count("Traceback") == 0
        assert f"memspan: the scheduler at {own.address} is gone" in err.splitlines()[-1]
        assert err.rstrip().endswith(f"then go on with: {again}")
        assert there < stored(path) < 80
    last = memspan(tmp_path, *shlex.split(again)[1:-2])
    out, err = last.communicate(timeout=SURE)
    assert (last.returncode, out.startswith("mine.toml: conflict")) == (0, True), err
    check(path)
    assert everything(path)[:2] == calm


def memspan(folder, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "memspan", *words],
        cwd=folder,
        env={**os.environ, "MEMSPAN_CACHE": str(folder / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_failed_is_told_and_tried_again(command, monkeypatch):
    """Runs without a result end the command with 1; resume makes them."""
    words = ("--model", "MLP(units=4, window=2)", "--rule", "bptt", "--lags", "1,2", "--seeds", "4", "--epochs", "5")
    submit = Here.submit

    def at_lag_1_only(self, job, seeds, report):
        if job.spec.problem.lag == 1:
            return submit(self, job, seeds, report)

        def killed(seeds, report):
            raise UnitKilled("3 workers died while they ran these seeds")

        return submit(self, killed, seeds, report)

    monkeypatch.setattr(Here, "submit", at_lag_1_only)
    done = command("span", *words, "--store", "runs.db")
    assert done.code == 1
    assert (
        "memspan: 4 of 4 runs of MLP(units=4, window=2), BPTT at lag 2 failed and count as such: 3 workers died while"
    ) in done.err
    again = done.err.splitlines()[-1].split("runs that failed are tried again with: memspan ")[1]
    monkeypatch.setattr(Here, "submit", submit)
    gone_on = command(*shlex.split(again), "--json")
    assert gone_on.code == 0, gone_on.err
    (recipe,) = json.loads(gone_on.out)["recipes"]
    assert [(cell["runs"], cell["failed"]) for cell in recipe["cells"]] == [(4, 0), (4, 0)]


def test_nobody_there_is_one_sentence(command, monkeypatch, tmp_path):
    monkeypatch.setattr("memspan.cluster.contact.ANSWERS_WITHIN", 0.5)
    monkeypatch.setattr("logging.disable", lambda: None)  # it would outlive the test
    done = command("span", "--model", "LSTM", "--lags", "1", "--store", "runs.db", "--cluster", "tcp://127.0.0.1:9")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1), done.err
    assert done.err.startswith("memspan: no scheduler answers at tcp://127.0.0.1:9")
    assert not (tmp_path / "runs.db").exists()
    refused = command("span", "--model", "LSTM", "--lags", "1", "--cluster", "localhost")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    with pytest.raises(ClusterError):
        ms.span(ms.models.LSTM(2), ms.problems.Conflict(), lags=[1], cluster="tcp://127.0.0.1:9")
