"""What is read off finished runs, against plain loops over made-up curves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from memspan.core.errors import InvalidInput
from memspan.core.protocol import Protocol
from memspan.core.spec import Spec
from memspan.core.status import Status
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.engine.runs import Runs
from memspan.engine.train import train
from memspan.models import MLP
from memspan.problems import Conflict
from memspan.rules import BPTT, Online

NETWORK = Network.of(Conflict(), MLP(units=1))


def made_up(loss, solved_at, weights, rule=None):
    spec = Spec(Conflict(), MLP(units=1), rule or Online(), Adam(), epochs=loss.shape[1])
    accuracy = np.where(solved_at, np.float32(1), np.float32(0.5))
    per_epoch = 2 if isinstance(rule, BPTT) else 8
    updates_at = np.broadcast_to(per_epoch * np.arange(1, loss.shape[1] + 1, dtype=np.int32), loss.shape)
    stage_at = np.zeros_like(updates_at)
    return Runs(spec, tuple(range(len(loss))), loss, accuracy, solved_at, updates_at, stage_at, weights, NETWORK)


@st.composite
def curves(draw):
    shape = (draw(st.integers(1, 6)), draw(st.integers(1, 5)))
    values = st.sampled_from([0.1, 0.7, math.inf, math.nan]) | st.just(0.5)
    loss = draw(arrays.arrays(np.float32, shape, elements=values))
    weights = draw(arrays.arrays(np.float32, (shape[0], 2), elements=st.sampled_from([1.0, 2.0, math.nan])))
    return loss, draw(arrays.arrays(bool, shape)), weights


@given(curves())
def test_every_summary_agrees_with_a_plain_loop(made):
    loss, solved_at, weights = made
    runs = made_up(*made)
    ends, first_epochs = [], []
    for row in range(len(loss)):
        good = all(map(math.isfinite, [*loss[row], *weights[row]]))
        ends.append(good and bool(solved_at[row, -1]))
        first_epochs.append(next((i for i, held in enumerate(solved_at[row], 1) if held), math.inf))
        if not good:
            expected = Status.DIVERGED
        elif ends[-1]:
            expected = Status.SOLVED
        else:
            expected = Status.BUDGET_SPENT if first_epochs[-1] == math.inf else Status.LOST
        assert runs.status[row] is expected
        bad = [i for i, value in enumerate(loss[row], 1) if not math.isfinite(value)]
        assert runs.diverged_in_epoch(row) == (bad[0] if bad else None)
    assert runs.solved.tolist() == ends
    assert runs.updates_until_solved.tolist() == [8 * epoch for epoch in first_epochs]
    assert runs.success.point == pytest.approx(sum(ends) / len(loss))
    assert runs.ever_solved.point == pytest.approx(sum(e < math.inf for e in first_epochs) / len(loss))
    for estimate in (runs.success, runs.ever_solved):
        assert estimate.n == len(loss)
        assert 0 <= estimate.low <= estimate.point <= estimate.high <= 1
    assert runs.ever_solved.point >= runs.success.point


def test_updates_are_counted_by_the_rule():
    loss, solved_at = np.zeros((1, 3), np.float32), np.array([[False, True, True]])
    weights = np.zeros((1, 2), np.float32)
    online, bptt = (made_up(loss, solved_at, weights, rule) for rule in (Online(), BPTT()))
    assert (online.updates, bptt.updates) == (24, 6)
    assert (online.updates_until_solved[0], bptt.updates_until_solved[0]) == (16, 4)


def test_no_epochs_is_an_answer():
    runs = train(Conflict(), MLP(units=1), seeds=[4, 1], epochs=0)
    assert runs.loss.shape == runs.accuracy.shape == runs.solved_at.shape == (2, 0)
    assert (runs.success.point, runs.success.n, runs.ever_solved.point) == (0, 2, 0)
    assert runs.status == (Status.BUDGET_SPENT, Status.BUDGET_SPENT)
    assert (runs.updates, runs.updates_until_solved.tolist()) == (0, [math.inf, math.inf])
    assert np.array_equal(runs.weights, np.stack([runs.network.draw(seed) for seed in (4, 1)]))


@pytest.mark.parametrize("seeds", [0, [], [-1], [1, 1], [0, 1, 2, 0]])
def test_seeds_are_distinct_whole_numbers(seeds):
    with pytest.raises(InvalidInput, match=r"^seeds must be .* but got .*; seeds=100 means"):
        train(Conflict(), MLP(units=1), seeds=seeds)


def test_progress_adds_up():
    met = []
    train(Conflict(), MLP(units=1), seeds=11, epochs=600, on_progress=met.append)
    assert {progress.of for progress in met} == {11 * 600}
    done = [progress.epochs for progress in met]
    assert done == sorted(done)
    assert done[-1] == 11 * 600
    assert len(done) == 2 * -(-600 // 512)


def test_a_failing_listener_ends_the_run():
    def refuse(progress):
        raise RuntimeError("stop here")

    with pytest.raises(RuntimeError, match="stop here"):
        train(Conflict(), MLP(units=1), seeds=20, epochs=2000, on_progress=refuse)


@pytest.mark.parametrize(
    ("rule", "protocol", "per_epoch"),
    [
        (Online(), Protocol(), 8),
        (BPTT(), Protocol(), 2),
        (Online(), Protocol(batch="all"), 4),
        (BPTT(), Protocol(batch="all"), 1),
    ],
)
def test_updates_are_counted_as_they_are_made(rule, protocol, per_epoch):
    runs = train(Conflict(), MLP(units=1), rule, epochs=3, protocol=protocol, seeds=2)
    assert runs.updates_at.tolist() == [[per_epoch, 2 * per_epoch, 3 * per_epoch]] * 2
    assert runs.updates == 3 * per_epoch


def test_free_steps_are_no_updates():
    runs = train(Conflict(scored="end"), MLP(units=1), Online(), epochs=3)
    assert runs.updates_at.tolist() == [[2, 4, 6]]
