"""A shortened conflict: what is kept of the whole, its exact ceilings, and the contract of every problem."""

from __future__ import annotations

import itertools
import pickle

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.problems.test_conflict import FIXED, brute_force
from tests.quick import quick

from memspan.core.errors import InvalidInput
from memspan.core.spec import describe
from memspan.problems import Conflict, Shortened
from memspan.testing import check_problem

SCORED = ("every", "end")


# A whole conflict, and how much of its lag goes.
arguments = st.tuples(
    st.integers(1, 9), st.integers(2, 4), st.none(), st.sampled_from(FIXED), st.sampled_from(SCORED), st.integers(0, 99)
)


def test_the_middle_loses_its_beginning():
    assert Conflict(lag=5).shorter(2).sequences() == [[5, 3, 4, 5], [6, 3, 4, 6]]
    letters = Conflict(lag=3, n_sequences=3, alphabet="abcXYZ")
    assert ["".join(row) for row in letters.shorter(1).sequences()] == ["XcX", "YcY", "ZcZ"]
    assert Conflict(lag=5).shorter(2) == Shortened(Conflict(lag=5), 2)
    assert Conflict(lag=5).shorter(2).variant == "conflict (tutorial), lag 5, shortened to lag 2"


@pytest.mark.parametrize(
    ("middle", "scored"),
    quick(
        [("counting", "every"), ("random", "every"), ("random", "end"), ("repeating", "end"), ("fresh", "every")],
        now=[("random", "end"), ("fresh", "every")],
    ),
)
def test_contract(middle, scored):
    check_problem(Conflict(5, 3, middle=middle, scored=scored).shorter(2))


@pytest.mark.extended
@settings(deadline=None, max_examples=25)
@given(arguments, st.integers(0, 8))
def test_a_lasting_middle_keeps_cue_end_alphabet_and_scores(arguments, gone):
    whole = Conflict(*arguments)
    problem = whole.shorter(max(1, whole.lag - gone))
    rows = [[row[0], *row[len(row) - 1 - problem.lag :]] for row in whole.sequences()]
    assert problem.sequences() == rows
    for batch in (problem.batch(), problem.evaluation(jax.random.key(0))):
        assert np.concatenate([batch.inputs, batch.targets[:, -1:]], axis=1).tolist() == problem.table().tolist()
        assert np.array_equal(batch.mask, np.asarray(whole.batch().mask)[:, -problem.n_steps :])
    for name in ("alphabet", "n_inputs", "n_outputs", "n_sequences", "loss", "chance", "reference"):
        assert getattr(problem, name) == getattr(whole, name)
    curve = [problem.ceiling(window) for window in range(1, problem.n_steps + 2)]
    assert curve == [float(brute_force(rows, whole.scored, w)) for w in range(1, problem.n_steps + 2)]
    assert problem.demand == problem.lag + 1 == curve.index(curve[-1]) + 1
    assert (problem.floor, problem.best) == (curve[0], 1.0)


@pytest.mark.parametrize("scored", SCORED)
@pytest.mark.parametrize(("lag", "fillers", "cues"), [(1, 2, 2), (2, 2, 3), (3, 3, 2), (5, 2, 2)])
def test_ceilings_of_fresh_middles_are_those_of_all_sequences(lag, fillers, cues, scored):
    problem = Conflict(lag + 4, cues, range(fillers + cues), "fresh", scored).shorter(lag)
    middles = list(itertools.product(range(fillers), repeat=lag))
    rows = [(fillers + cue, *middle, fillers + cue) for cue in range(cues) for middle in middles]
    curve = [brute_force(rows, scored, window) for window in range(1, lag + 3)]
    assert [problem.ceiling(window) for window in range(1, lag + 3)] == [float(best) for best in curve]
    assert problem.demand == curve.index(curve[-1]) + 1 == lag + 1
    assert problem.best == float(curve[-1])


@settings(deadline=None, max_examples=10)
@given(st.sampled_from([1, 2, 6]), st.sampled_from(SCORED), st.integers(0, 2**32 - 1))
def test_a_fresh_middle_is_the_end_of_the_wholes(keep, scored, seed):
    key, uncut = jax.random.key(seed), Conflict(7, 3, middle="fresh", scored=scored)
    problem = uncut.shorter(keep)
    pairs = [(problem.batch(key), uncut.batch(key)), (problem.evaluation(key), uncut.evaluation(key))]
    for short, whole in pairs:
        mine, theirs = (np.concatenate([b.inputs, b.targets[:, -1:]], axis=1) for b in (short, whole))
        assert mine.tolist() == [[row[0], *row[len(row) - 1 - keep :]] for row in theirs.tolist()]
        assert short.mask.shape == short.inputs.shape == (len(whole.inputs), keep + 1)


def test_kept_whole_it_is_the_whole():
    for middle in ("counting", "fresh"):
        whole, key = Conflict(lag=4, middle=middle), jax.random.key(5)
        for mine, theirs in zip(whole.shorter(4).batch(key), whole.batch(key), strict=True):
            assert np.array_equal(mine, theirs)


def test_solved_is_judged_where_the_whole_is():
    """Every scored step of a lasting middle; with a fresh one the end alone, which alone can be foreseen."""
    for middle, judged in (("counting", [True] * 3), ("fresh", [False, False, True])):
        problem = Conflict(lag=4, middle=middle).shorter(2)
        batch = problem.evaluation(jax.random.key(0))
        right = jax.nn.one_hot(batch.targets, problem.n_outputs)
        assert problem.solved(right, batch)
        for step in range(3):
            assert bool(problem.solved(right.at[0, step].multiply(-1), batch)) is not judged[step]


def test_is_a_value():
    problem = Conflict(lag=4).shorter(2)
    assert pickle.loads(pickle.dumps(problem)) == problem
    assert len({problem, Conflict(lag=4).shorter(2), Conflict(lag=5).shorter(2), Conflict(lag=4).shorter(3)}) == 3
    assert describe(problem) == {"type": "Shortened", "problem": describe(Conflict(lag=4)), "lag": 2}


@pytest.mark.parametrize("lag", [0, 5])
def test_refusals(lag):
    with pytest.raises(InvalidInput, match=f"^lag must be a whole number from 1 to 4, but got {lag}"):
        Conflict(lag=4).shorter(lag)


def test_refusals_of_its_methods():
    fresh = Conflict(lag=4, middle="fresh").shorter(2)
    for ask in (fresh.sequences, fresh.table, fresh.batch, fresh.evaluation):
        with pytest.raises(InvalidInput, match="fresh"):
            ask()
    with pytest.raises(InvalidInput, match="window must be a whole number of at least 1"):
        fresh.ceiling(0)
