"""Plug-ins that take a store's runs elsewhere: one of the test's own comes through the door that ours come through."""

from __future__ import annotations

import importlib
import json
import struct
import subprocess
import sys

import numpy as np
import pytest
from tests.cli.commands import command as command
from tests.store.samples import HERE

from memspan.store import Store, StoredRun
from memspan.store.exporters import exported, exporter, exporters
from memspan.store.identity import canonical

SPEC = canonical({"epochs": 3, "model": {"type": "LSTM", "units": 4, "chrono": None}})
PLUGIN = """
import json

def send(runs, target):
    with open(target, "w") as file:
        for one in runs:
            told = {"key": one.key, "numbers": one.numbers, "words": one.words, "curves": one.curves}
            file.write(json.dumps({**told, "settings": dict(one.settings)}) + "\\n")
    return f"wrote {target}"

def broken(runs, target):
    raise OSError("no route to host")
"""


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "runs.db") as opened, opened.writer() as writer:
        loss = np.array([0.5, np.nan, 0.25], np.float32)
        curves = {"loss": loss, "solved": np.array([False, True, True])}
        writer.add(
            SPEC,
            [
                StoredRun(0, "finished", True, 6, 4, HERE, {"evaluation": {"accuracy": 1.0}}, curves, 2.5),
                StoredRun(1, "diverged", False, 6, None, HERE, {"evaluation": {"accuracy": float("nan")}}, curves),
                StoredRun(2, "failed", False, 0, None, HERE, reason="killed"),
            ],
        )
    return tmp_path / "runs.db"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """An installed package with plug-ins of its own, as pip leaves it: a module and its metadata."""
    (tmp_path / "their_plugin.py").write_text(PLUGIN)
    info = tmp_path / "their_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-plugin\nVersion: 1.0\n")
    points = "theirs = their_plugin:send\nbroken = their_plugin:broken\ngone = their_plugin:none\n"
    (info / "entry_points.txt").write_text(f"[memspan.exporters]\n{points}")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield
    sys.modules.pop("their_plugin", None)


def test_a_plug_in_of_another_package_is_given_every_run(command, store, own, tmp_path):
    assert set(exporters()) == {"mlflow", "tensorboard", "wandb", "theirs", "broken", "gone"}
    done = command("export", store, tmp_path / "out.jsonl", "--to", "theirs")
    assert (done.code, done.out) == (0, f"wrote {tmp_path / 'out.jsonl'}\n")
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    (spec,) = {one["key"].split("-")[0] for one in told}
    assert [one["key"] for one in told] == [f"{spec}-{seed}" for seed in range(3)]
    assert told[0]["settings"] == {
        **{"spec.epochs": 3, "spec.model.type": "LSTM", "spec.model.units": 4, "spec.model.chrono": None}
    }
    first = {"solved": 1, "updates": 6, "updates_until_solved": 4, "seconds": 2.5, "score.evaluation.accuracy": 1}
    assert told[0]["numbers"] == first
    assert told[1]["numbers"] == {"solved": 0, "updates": 6, "seconds": 0}
    assert told[0]["curves"] == {"loss": [[1, 0.5], [3, 0.25]], "solved": [[1, 0], [2, 1], [3, 1]]}
    assert (told[2]["words"]["status"], told[2]["words"]["reason"]) == ("failed", "killed")
    assert "reason" not in told[0]["words"]


def test_what_goes_wrong_in_a_plug_in_is_one_sentence(command, store, own):
    broken = command("export", store, "--to", "broken")
    assert (broken.code, broken.out) == (1, "")
    assert broken.err == "memspan: --to broken could not send the runs (OSError: no route to host); mend that\n"
    gone = command("export", store, "--to", "gone")
    assert (gone.code, gone.err.count("\n")) == (2, 1)
    assert "--to gone must be a plug-in that can be loaded, but their_plugin:none cannot: " in gone.err


@pytest.mark.parametrize("name", ["mlflow", "tensorboard", "wandb"])
def test_a_library_that_is_missing_is_named_with_what_installs_it(command, store, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    done = command("export", store, "--to", name)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"--to {name} must have its library, but " in done.err
    assert done.err.endswith(f"; install it with pip install 'memspan[{name}]'\n")


def test_no_library_is_loaded_before_it_is_needed():
    code = (
        "import sys; from memspan.store.exporters import exporter, exporters; [exporter(name) for name in exporters()];"
        "print([name for name in ('mlflow', 'tensorboard', 'wandb', 'jax') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


WRONG = [
    (
        ("--to", "tensorbord"),
        "--to must be one of mlflow, tensorboard, wandb, but got 'tensorbord'; did you mean 'tens",
    ),
    (("--to", "wandb", "--format", "csv"), "--format must be left out where --to sends the runs"),
    (("--to", "wandb", "--output", "a.csv"), "--output must be left out where --to sends the runs"),
    (("somewhere",), "a target must come with --to, but got 'somewhere' alone"),
]


@pytest.mark.parametrize(("words", "sentence"), WRONG)
def test_what_is_wrong_is_one_sentence(command, store, words, sentence):
    done = command("export", store, *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert sentence in done.err


# The real libraries, and their own readers.


@pytest.fixture
def runs(store):
    with Store.open(store, create=False) as opened:
        yield lambda: exported(opened, opened.specs())


@pytest.mark.extended
@pytest.mark.filterwarnings("default")
def test_mlflow_reads_what_was_sent_and_is_sent_nothing_twice(runs, tmp_path):
    mlflow = importlib.import_module("mlflow")
    uri = f"sqlite:///{tmp_path / 'm.db'}"
    assert exporter("mlflow")(runs(), uri) == "sent 3 runs to MLflow's experiment memspan"
    assert exporter("mlflow")(runs(), uri).endswith("sent 0 runs to MLflow's experiment memspan; 3 were there")
    client = mlflow.MlflowClient(uri)
    found = client.search_runs([client.get_experiment_by_name("memspan").experiment_id])
    by_seed = {run.data.tags["memspan.seed"]: run for run in found}
    assert sorted(by_seed) == ["0", "1", "2"]
    first = by_seed["0"]
    assert first.data.params["spec.model.units"] == "4"
    assert first.data.metrics["score.evaluation.accuracy"] == 1.0
    curve = client.get_metric_history(first.info.run_id, "curve.loss")
    assert sorted((point.step, point.value) for point in curve) == [(1, 0.5), (3, 0.25)]
    assert [by_seed[seed].info.status for seed in "012"] == ["FINISHED", "FINISHED", "FAILED"]


def logged(path):
    """The records of an offline log, which is LevelDB's format after a head of 7 bytes."""
    data, place, whole = path.read_bytes(), 7, b""
    while place + 7 <= len(data):
        if (left := 32768 - place % 32768) < 7:
            place += left
            continue
        _, size, kind = struct.unpack("<IHB", data[place : place + 7])
        whole = (whole if kind in (3, 4) else b"") + data[place + 7 : place + 7 + size]
        if kind in (1, 4):
            yield whole
        place += 7 + size


@pytest.mark.extended
@pytest.mark.filterwarnings("default")
def test_wandb_reads_what_was_written_offline(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    records = importlib.import_module("wandb.proto.wandb_internal_pb2")
    assert exporter("wandb")(runs(), "mine") == "3 runs written to ./wandb, project mine"
    told = {}
    for path in sorted((tmp_path / "wandb").glob("offline-run-*/*.wandb")):
        seen = {"history": [], "config": {}, "summary": {}}
        for data in logged(path):
            record = records.Record()
            record.ParseFromString(data)
            kind = record.WhichOneof("record_type")
            if kind == "run":
                seen["project"], seen["id"] = record.run.project, record.run.run_id
                seen["config"] |= {one.key: json.loads(one.value_json) for one in record.run.config.update}
            if kind == "history":
                items = {
                    "".join(item.nested_key) or item.key: json.loads(item.value_json) for item in record.history.item
                }
                seen["history"].append(items)
            if kind == "summary":
                seen["summary"] |= {
                    "".join(one.nested_key) or one.key: json.loads(one.value_json) for one in record.summary.update
                }
        told[seen["id"][-1]] = seen
    assert sorted(told) == ["0", "1", "2"]
    assert {one["project"] for one in told.values()} == {"mine"}
    assert told["0"]["config"]["spec.model.units"] == 4
    assert [line["curve.loss"] for line in told["0"]["history"] if "curve.loss" in line] == [0.5, 0.25]
    assert told["0"]["summary"]["updates_until_solved"] == 4


@pytest.mark.extended
@pytest.mark.filterwarnings("default")
def test_tensorboard_reads_what_was_written(runs, tmp_path):
    accumulator = importlib.import_module("tensorboard.backend.event_processing.event_accumulator")
    folder = tmp_path / "events"
    assert exporter("tensorboard")(runs(), str(folder)).startswith(f"wrote 3 runs to {folder}; look at them with")
    assert "wrote 0 runs" in exporter("tensorboard")(runs(), str(folder))
    (first,) = folder.glob("*-0")
    events = accumulator.EventAccumulator(str(first))
    events.Reload()
    assert [(one.step, one.value) for one in events.Scalars("curve/loss")] == [(1, 0.5), (3, 0.25)]
    assert [one.value for one in events.Scalars("score/evaluation/accuracy")] == [1.0]
    assert "_hparams_/session_start_info" in events.Tags()["tensors"] or "_hparams_/session_start_info" in str(
        events.summary_metadata
    )
    assert not list(folder.glob("*.unfinished"))
