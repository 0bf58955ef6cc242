"""Trained weights judged on longer lags: what NumPy says of them, what is known exactly, and the same bits alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.quick import quick

import memspan as ms
from memspan.engine.judge import judge
from memspan.engine.train import run
from memspan.models import LSTM, MLP
from memspan.problems import Conflict

END = Conflict(4, middle="random", scored="end")
SPEC = ms.Spec(END, LSTM(6), ms.rules.BPTT(), ms.Adam(0.03), ms.Protocol(batch="all"), epochs=90, evaluate_every=10)


@pytest.fixture(scope="module")
def runs():
    return run(SPEC, 10)


def numpy_lstm(trained, inputs):
    """Ten lines of NumPy in double precision: the logits after the last symbol of each sequence."""
    (cell, read), answers = trained.params, []
    kernel, recurrent, bias = (np.asarray(part, float) for part in cell)
    for row in np.asarray(inputs):
        h = c = np.zeros(recurrent.shape[0])
        for symbol in row:
            i, f, g, o = np.split(kernel[symbol] + h @ recurrent + bias, 4)
            c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
            h = np.tanh(c) / (1 + np.exp(-o))
        answers.append(h @ read.kernel + read.bias)
    return np.array(answers)


@pytest.mark.parametrize("lag", quick([5, 12, 60], now=[12]))
def test_numpy_comes_to_the_same_verdicts(runs, lag):
    problem = END.with_lag(lag)
    found = judge(SPEC, problem, runs.weights, runs.seeds)
    batch = problem.evaluation(None)
    right = [
        numpy_lstm(runs[row], batch.inputs).argmax(axis=1) == np.asarray(batch.targets)[:, -1] for row in range(10)
    ]
    np.testing.assert_allclose(found.accuracy, [each.mean() for each in right], atol=1e-6)
    assert found.solved.tolist() == [bool(each.all()) for each in right]
    assert 0 < found.solved.sum() < 10 or lag != 60  # some hold it that long, and some do not


@pytest.mark.parametrize("problem", [END, Conflict(3, middle="fresh", scored="end")])
def test_on_its_own_problem_a_network_is_judged_as_in_training(problem):
    """Where sequences are drawn too: a run's own, the same ones."""
    spec = replace(SPEC, problem=problem, epochs=20)
    runs = run(spec, [3, 8, 5])
    found = judge(spec, problem, runs.weights, runs.seeds)
    np.testing.assert_array_equal(found.accuracy, runs.accuracy[:, -1])
    np.testing.assert_array_equal(found.solved, runs.solved_at[:, -1])


@pytest.mark.extended
def test_the_sequences_of_a_last_stage_are_its_own():
    problem = Conflict(2, middle="fresh", scored="end")
    spec = replace(SPEC, problem=problem, curriculum=(problem.shorter(1),), epochs=60)
    runs = run(spec, 4)
    there = runs.stage_at[:, -1] == 1
    found = judge(spec, problem, runs.weights, runs.seeds)
    assert there.any()
    np.testing.assert_array_equal(found.accuracy[there], runs.accuracy[there, -1])


@pytest.mark.extended
def test_a_verdict_is_the_same_alone_and_among_others(runs):
    problem = Conflict(9, middle="fresh", scored="end", alphabet=END.alphabet)
    together = judge(SPEC, problem, runs.weights, runs.seeds)
    for row in (0, 7, 9):
        alone = judge(SPEC, problem, runs.weights[[row]], [runs.seeds[row]])
        assert (alone.accuracy[0], alone.solved[0]) == (together.accuracy[row], together.solved[row])


@pytest.mark.parametrize("lag", quick([4, 5, 9], now=[4, 9]))
def test_a_window_is_worth_what_is_known_of_it(lag):
    """It sees all of a lag of 4; of a longer one it cannot be better than any predictor of its window."""
    spec = replace(SPEC, model=MLP(8, window=5), epochs=100)
    runs = run(spec, 8)
    assert runs.solved.all()
    found = judge(spec, END.with_lag(lag), runs.weights, runs.seeds)
    ceiling = END.with_lag(lag).ceiling(5)
    assert (found.accuracy <= ceiling + 1e-6).all()
    assert found.solved.tolist() == [lag == 4] * 8
    assert ceiling == (1.0 if lag == 4 else 0.5)


def test_nothing_is_answered_by_numbers_that_are_none(runs):
    found = judge(SPEC, END, np.full_like(runs.weights, np.nan), runs.seeds)
    assert (found.accuracy.max(), found.solved.any()) == (0, False)


@pytest.mark.parametrize(
    ("spec", "problem", "sentence"),
    [
        (SPEC, Conflict(9), r"conflict \(tutorial\), lag 9 has another inputs"),
        (SPEC, Conflict(4, middle="random", scored="end", alphabet="abcXY"), "has another alphabet"),
        (replace(SPEC, protocol=ms.Protocol(reset="never")), END, "reset must not be 'never'"),
    ],
)
def test_what_a_network_cannot_read_is_refused(runs, spec, problem, sentence):
    with pytest.raises(ms.InvalidInput, match=sentence):
        judge(spec, problem, runs.weights, runs.seeds)
