"""A seed's result has the same bits whatever runs beside it, in whatever order, and however it is cut into blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.quick import quick

from memspan.core.spec import Spec
from memspan.engine import program
from memspan.engine.optimizers import Adam
from memspan.engine.train import run
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online

SPECS = {
    "online": Spec(Conflict(), LSTM(20), Online(), Adam(), epochs=12),
    "bptt": Spec(Conflict(), LSTM(20), BPTT(), Adam(), epochs=12),
    "rtrl": Spec(Conflict(), LSTM(5), RTRL(), Adam(), epochs=12),
    "one lane": Spec(Conflict(), LSTM(20), Online(), Adam(), epochs=12, chunk=1),
}
SELDOM = replace(SPECS["online"], epochs=7, evaluate_every=3)


def bits(runs, seed):
    """All that a seed leaves behind, as bytes, so that NaN equals NaN and -0 differs from 0."""
    row = runs.seeds.index(seed)
    return [part[row].tobytes() for part in (runs.weights, runs.loss, runs.accuracy, runs.solved_at)]


@pytest.mark.parametrize("name", quick(SPECS, now=["online", "rtrl"]))
def test_company_and_order_do_not_matter(name):
    spec = SPECS[name]
    alone = bits(run(spec, [3]), 3)
    for company in (8, 100, [*range(99, -1, -1)], [71, 3], [9, 8, 7, 6, 5, 4, 0, 2, 3]):
        assert bits(run(spec, company), 3) == alone
    forward, backward = run(spec, 20), run(spec, range(19, -1, -1))
    assert all(bits(forward, seed) == bits(backward, seed) for seed in range(20))
    assert len({bits(forward, seed)[0] for seed in range(20)}) == 20


def test_the_same_call_gives_the_same_bits():
    spec = SPECS["online"]
    assert [bits(run(spec, 9), seed) for seed in range(9)] == [bits(run(spec, 9), seed) for seed in range(9)]


def test_a_longer_budget_continues_the_same_run():
    short = run(replace(SPECS["online"], epochs=5), 3)
    long = run(SPECS["online"], 3)
    assert np.array_equal(long.loss[:, :5], short.loss)
    assert np.array_equal(long.accuracy[:, :5], short.accuracy)
    assert not np.array_equal(long.weights, short.weights)


def test_evaluation_does_not_touch_training():
    often, seldom = run(replace(SPECS["online"], epochs=7), 3), run(SELDOM, 3)
    assert np.array_equal(often.weights, seldom.weights)
    assert np.array_equal(often.loss, seldom.loss)
    due = [2, 5, 6]
    assert np.array_equal(often.accuracy[:, due], seldom.accuracy[:, due])
    assert not seldom.solved_at[:, [0, 1, 3, 4]].any()


def test_rules_start_from_the_same_weights():
    starts = [run(replace(SPECS[name], epochs=0), 3).weights for name in ("online", "bptt")]
    assert np.array_equal(*starts)
    assert len(np.unique(starts[0], axis=0)) == 3


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of two epochs in place of hundreds; no other test may see the programs compiled so."""
    program._compile.cache_clear()
    monkeypatch.setattr(program, "STEPS_PER_BLOCK", 16)
    yield
    program._compile.cache_clear()


def test_blocks_leave_no_trace(request):
    whole = run(SELDOM, 3)
    request.getfixturevalue("small_blocks")
    assert program.compile_program(SELDOM).block == 2
    cut = run(SELDOM, 3)
    assert all(bits(cut, seed) == bits(whole, seed) for seed in range(3))
    assert np.isfinite(whole.accuracy[0]).tolist() == [False, False, True, False, False, True, True]
