"""What a study is expected to take, with a clock and a training of given speed."""

from __future__ import annotations

import json

import pytest
from tests.cli.commands import command as command

from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.studies.span import Recipe, Study, trial


@pytest.fixture
def clock(monkeypatch):
    """Compiling takes 3 s, an epoch of a chunk of 8 seeds 0.02 s, on four cores."""
    now, known = [0.0], set()

    def run(spec, seeds):
        programs = {stage.problem for stage in spec.stages} - known
        now[0] += 3.0 * len(programs) + 0.02 * spec.epochs
        known.update(programs)

    monkeypatch.setattr(trial, "run", run)
    monkeypatch.setattr(trial.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(trial.os, "cpu_count", lambda: 4)
    return now


def test_the_rest_is_proportion(clock):
    study = Study(Conflict().with_lag, [Recipe("a", LSTM(2), epochs=1000, evaluate_every=5)], [1, 2], seeds=100)
    one, two = trial.try_out(study, {("a", 1): 100, ("a", 2): 33})
    assert (one.runs, two.runs) == (100, 33)
    assert one.compiling == pytest.approx(3.02)
    assert one.seconds == pytest.approx(3.02 + 4 * 1000 * 0.02)  # blocks of 32
    assert two.seconds == pytest.approx(3.02 + 2 * 1000 * 0.02)
    assert clock[0] < 2 * (3.02 + 2.0)  # a moment


def test_what_is_done_takes_nothing(clock):
    study = Study(Conflict().with_lag, [Recipe("a", LSTM(2))], [1], seeds=4)
    (one,) = trial.try_out(study, {("a", 1): 0})
    assert (one.seconds, clock[0]) == (0.0, 0.0)


def test_stages_are_compiled_too_and_the_last_one_is_timed(clock):
    study = Study(Conflict().with_lag, [Recipe("a", LSTM(2), epochs=30, curriculum=[1, 2])], [3], seeds=4)
    (one,) = trial.try_out(study, {("a", 3): 4})
    assert one.compiling == pytest.approx(9.02)
    assert one.seconds == pytest.approx(9.02 + 30 * 0.02)


def test_memory_is_more_than_python_needs_and_less_than_there_is():
    assert 10 * 2**20 < trial.peak_memory() < 2**40


WORDS = ("span", "--model", "MLP(units=4)", "--rule", "bptt", "--lags", "1", "--epochs", "2", "--store", "runs.db")


def test_a_dry_run_keeps_nothing_and_counts_what_is_to_do(command, tmp_path):
    found = json.loads(command(*WORDS, "--seeds", "3", "--dry-run", "--json").out)
    assert list(tmp_path.iterdir()) == []
    assert (found["dry_run"], found["to_do"], found["cells"][0]["epochs"]) == (True, 3, 2)
    assert found["seconds"] == found["cells"][0]["seconds"] > 0
    assert command(*WORDS, "--seeds", "3", "--quiet").code == 0
    before = (tmp_path / "runs.db").read_bytes()
    text = command(*WORDS, "--seeds", "5", "--dry-run").out
    assert (tmp_path / "runs.db").read_bytes() == before
    assert "\n2 runs are to be made; as a moment of each shows, that takes about " in text
