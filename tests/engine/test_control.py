"""The control: what has no memory stays at its exact ceiling, and what has enough of it solves the problem."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.quick import quick

from memspan.engine.optimizers import Adam
from memspan.engine.train import train
from memspan.models import MLP
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL


@pytest.mark.parametrize("window", quick([1, 2, 3], now=[1, 3]))
def test_too_short_a_window_reaches_its_ceiling_and_never_passes_it(window):
    runs = train(Conflict(), MLP(units=20, window=window), seeds=50, epochs=250)
    assert runs.accuracy.max() == 7 / 8 == Conflict().ceiling(window)
    assert (runs.accuracy[:, -1] == 7 / 8).all()
    assert (runs.success.point, runs.ever_solved.point, runs.success.n) == (0, 0, 50)


def test_a_window_as_long_as_the_demand_solves_every_run():
    runs = train(Conflict(), MLP(units=20, window=Conflict().demand), seeds=50, epochs=250)
    assert runs.solved.all()
    assert (runs.accuracy[:, -1] == 1).all()
    assert runs.success.low > 0.9


@pytest.mark.parametrize("rule", [BPTT(), RTRL()], ids=str)
def test_no_rule_lifts_the_control_above_its_ceiling(rule):
    runs = train(Conflict(), MLP(units=20), rule, seeds=24, epochs=300, optimizer=Adam(0.01))
    assert runs.accuracy.max() == 7 / 8
    assert not runs.solved_at.any()


@pytest.mark.extended
@settings(max_examples=4)
@given(
    lag=st.integers(1, 5),
    n_sequences=st.integers(2, 3),
    middle=st.sampled_from(["counting", "repeating", "random"]),
    scored=st.sampled_from(["every", "end"]),
    window=st.integers(1, 6),
)
def test_the_ceiling_holds_for_every_window_problem_and_seed(lag, n_sequences, middle, scored, window):
    problem = Conflict(lag, n_sequences, middle=middle, scored=scored)
    runs = train(problem, MLP(units=8, window=window), seeds=16, epochs=120, optimizer=Adam(0.02))
    best = np.float32(problem.ceiling(window))
    assert runs.accuracy.max() <= best
    assert runs.solved_at.any() <= (window >= problem.demand)
    assert np.median(runs.accuracy[:, -1]) > 0.9 * problem.floor  # it learned, so the ceiling was tried
