"""Runs kept block by block: the same bits as runs made at once, none made twice, none kept after a halt."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from dataclasses import replace

import numpy as np
import pytest

import memspan as ms
from memspan.core.errors import StoreError
from memspan.engine.train import run
from memspan.store import Store, StoredRun
from memspan.studies.kept import InMemory, finish, keeping, stored
from memspan.studies.kept.blocks import Halt
from memspan.studies.span import Recipe, Study, measure

SPEC = ms.Spec(ms.problems.Conflict(1), ms.models.LSTM(4), ms.rules.BPTT(), ms.Adam(0.05), epochs=30, evaluate_every=7)
FAST = {"rule": ms.rules.BPTT(), "epochs": 12}


@pytest.fixture(scope="module")
def at_once():
    return run(SPEC, 21)


def test_a_record_says_what_the_runs_say(at_once):
    for row, record in enumerate(stored(at_once, seconds=42.0)):
        assert (record.seed, record.status, record.solved) == (row, "finished", bool(at_once.solved[row]))
        assert record.updates == at_once.updates_at[row, -1]
        until = np.inf if record.updates_until_solved is None else record.updates_until_solved
        assert until == at_once.updates_until_solved[row]
        assert record.scores == {"evaluation": {"accuracy": float(at_once.accuracy[row, -1])}}
        curves = {"loss": at_once.loss, "accuracy": at_once.accuracy, "solved": at_once.solved_at}
        for name, rows in {**curves, "updates": at_once.updates_at}.items():
            np.testing.assert_array_equal(record.curves[name], rows[row])
        assert (record.seconds, record.environment.device != "") == (2.0, True)


def test_each_record_has_updates_of_its_own(at_once):
    updates = at_once.updates_at - np.arange(21, dtype=np.int32)[:, None] // 2
    records = stored(replace(at_once, updates_at=updates), 1.0)
    assert [record.updates for record in records] == [60 - seed // 2 for seed in range(21)]


def test_a_run_that_diverges_is_kept_as_one():
    spec = ms.Spec(ms.problems.Conflict(1), ms.models.LSTM(4), ms.rules.BPTT(), ms.Adam(1e38), epochs=8)
    keeper = InMemory()
    finish(spec, range(2), keeper)
    assert [(one.status, one.solved) for one in keeper.runs(spec, range(2))] == [("diverged", False)] * 2
    assert keeper.missing(spec, range(2)) == []  # a result like any other


def test_a_curriculum_keeps_its_stages(at_once):
    problem = ms.problems.Conflict(2)
    spec = replace(SPEC, problem=problem, curriculum=(problem.shorter(1),))
    stages = np.arange(21 * 30, dtype=np.int32).reshape(21, 30) // 17
    records = stored(replace(at_once, spec=spec, stage_at=stages), 1.0)
    np.testing.assert_array_equal([record.curves["stage"] for record in records], stages)
    assert "stage" not in stored(at_once, 1.0)[0].curves


def test_blocks_in_any_order_leave_the_bits_of_runs_made_at_once(at_once, tmp_path):
    with keeping(tmp_path / "runs.db") as keeper:
        for seeds in ([20, 3], range(9), [11], range(21)):
            finish(SPEC, seeds, keeper)
        again = list(keeper.store.runs(SPEC.hash))
    assert [one.seed for one in again] == list(range(21))
    for one, other in zip(again, stored(at_once, 1.0), strict=True):
        assert (one.solved, one.updates, one.updates_until_solved) == (
            *(other.solved, other.updates, other.updates_until_solved),
        )
        assert {name: curve.tobytes() for name, curve in one.curves.items()} == {
            name: curve.tobytes() for name, curve in other.curves.items()
        }


def test_only_what_is_missing_is_run(tmp_path):
    heard = []
    with keeping(tmp_path / "runs.db") as keeper:
        finish(SPEC, range(3), keeper)
        finish(SPEC, range(2, 6), keeper, heard.append)
        finish(SPEC, range(6), keeper, lambda _: pytest.fail("all of it is there"))
        assert {done.of for done in heard} == {3 * SPEC.epochs}
        assert [done.epochs for done in heard][-1] == 3 * SPEC.epochs
        assert [one.seed for one in keeper.runs(SPEC, range(2, 5))] == [2, 3, 4]


def test_progress_counts_on_over_blocks(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.setattr("memspan.cluster.here.Here.patience", 0.0)
    heard, sizes = [], []
    keeper = InMemory()
    add = keeper.add
    keeper.add = lambda spec, runs, weights: (sizes.append(len(runs)), add(spec, runs, weights))
    finish(SPEC, range(20), keeper, heard.append)
    assert sizes == [8, 8, 4]
    assert [done.epochs for done in heard] == sorted(done.epochs for done in heard)
    assert (heard[-1].epochs, {done.of for done in heard}) == (20 * SPEC.epochs, {20 * SPEC.epochs})


def test_a_run_that_failed_is_run_again(tmp_path):
    with keeping(tmp_path / "runs.db") as keeper:
        lost = StoredRun(1, "failed", False, 0, None, stored(run(SPEC, 1), 1.0)[0].environment, reason="killed")
        keeper.add(SPEC, [lost])
        finish(SPEC, range(2), keeper)
        assert [one.status for one in keeper.runs(SPEC, range(2))] == ["finished", "finished"]


def test_in_a_file_and_in_memory_a_study_says_the_same(tmp_path):
    study = Study(ms.problems.Conflict().with_lag, [Recipe("a", ms.models.LSTM(4), **FAST)], [1], seeds=3)

    def told(keeper):
        return [{**cell.to_json(), "seconds": None} for cell in measure(study, keeper=keeper)]

    with keeping(tmp_path / "runs.db") as keeper:
        new, old = told(keeper), told(keeper)
    assert new == old == told(None)


def test_python_keeps_and_resumes(tmp_path):
    words = (ms.models.LSTM(4), ms.problems.Conflict())
    first = ms.span(*words, lags=[1], seeds=2, store=tmp_path / "runs.db", **FAST)
    heard = []
    more = ms.span(
        *words, lags=[1], seeds=5, store=tmp_path / "runs.db", on_progress=lambda *told: heard.append(told), **FAST
    )
    assert heard[-1][1].of == 3 * 12
    assert [one.seconds for one in more.row("LSTM")[1].runs[:2]] == [one.seconds for one in first.row("LSTM")[1].runs]


def test_a_block_that_cannot_be_written_ends_the_study_and_loses_nothing(tmp_path, monkeypatch):
    study = Study(ms.problems.Conflict().with_lag, [Recipe("a", ms.models.LSTM(4), **FAST)], [1, 2], seeds=2)
    first, second = study.cells()
    with keeping(tmp_path / "runs.db") as keeper:
        add = keeper.add

        def full(spec, runs, weights):
            if spec == second.spec:
                raise StoreError("runs.db could not be written, for the disk is full; make room")
            add(spec, runs, weights)

        monkeypatch.setattr(keeper, "add", full)
        cells = measure(study, keeper=keeper)
        assert next(cells).cell == first
        with pytest.raises(StoreError, match="the disk is full"):
            next(cells)
    with Store.open(tmp_path / "runs.db") as store:
        store.check()
        assert (store.missing(first.spec.hash, range(2)), store.missing(second.spec.hash, range(2))) == ([], [0, 1])


def test_a_model_without_a_lasting_identity_is_measured_but_not_kept(tmp_path):
    def init(rng, n_inputs):
        return np.zeros(n_inputs, np.float32)

    model = ms.models.Own("mine", init, lambda leak, state, x: (state, x + leak), lambda n: np.zeros(1, np.float32), 3)
    assert len(ms.span(model, ms.problems.Conflict(), lags=[1], seeds=2, epochs=1).cells[0].runs) == 2
    with pytest.raises(ms.InvalidInput, match="a function in a spec must stand by itself in a module"):
        ms.span(model, ms.problems.Conflict(), lags=[1], seeds=2, epochs=1, store=tmp_path / "runs.db")


def test_nothing_is_kept_once_it_was_halted(tmp_path):
    halt, keeper = Halt(), InMemory()

    def stop(_):
        halt.now()

    with pytest.raises(CancelledError):
        finish(SPEC, range(3), keeper, stop, halt)
    assert keeper.missing(SPEC, range(3)) == [0, 1, 2]


def test_a_halt_waits_for_the_block_that_is_being_kept():
    halt, begun, go, order = Halt(), threading.Event(), threading.Event(), []

    def keep():
        begun.set()
        go.wait(10)
        order.append("kept")

    keeping_it = threading.Thread(target=lambda: halt.unless_asked(keep))
    keeping_it.start()
    begun.wait(10)
    halting = threading.Thread(target=lambda: (halt.now(), order.append("halted")))
    halting.start()
    go.set()
    keeping_it.join()
    halting.join()
    assert order == ["kept", "halted"]
    with pytest.raises(CancelledError):
        halt.unless_asked(lambda: order.append("too late"))


def test_closing_a_study_stops_it():
    study = Study(ms.problems.Conflict().with_lag, [Recipe("a", ms.models.LSTM(4), **FAST)], [1, 2], seeds=2)
    keeper = InMemory()
    cells = measure(study, keeper=keeper)
    next(cells)
    cells.close()
    assert keeper.missing(study.cells()[0].spec, range(2)) == []
    assert next(cells, None) is None
