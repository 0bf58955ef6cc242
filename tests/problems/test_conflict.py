"""The tutorial's problem: its sequences, its exact ceilings, its draws and its refusals."""

from __future__ import annotations

import itertools
import pickle
from collections import Counter, defaultdict
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.quick import quick

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.core.spec import describe
from memspan.problems import Conflict

FIXED = ("counting", "repeating", "random")


def brute_force(rows, scored, window):
    """Best accuracy over all given sequences: the commonest next symbol of each tuple of last symbols."""
    votes = defaultdict(Counter)
    for row in rows:
        for time in range(len(row) - 1) if scored == "every" else [len(row) - 2]:
            votes[tuple(row[max(0, time + 1 - window) : time + 1])][row[time + 1]] += 1
    most = sum(max(answers.values()) for answers in votes.values())
    return Fraction(most, sum(answers.total() for answers in votes.values()))


def one_hot(targets, size):
    return jax.nn.one_hot(jnp.asarray(targets), size)


fixed_arguments = st.fixed_dictionaries(
    {
        "lag": st.integers(1, 9),
        "n_sequences": st.integers(2, 4),
        "middle": st.sampled_from(FIXED),
        "scored": st.sampled_from(["every", "end"]),
        "middle_seed": st.integers(0, 99),
    }
)


def test_default_is_the_tutorial():
    problem = Conflict()
    assert problem.sequences() == [[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]]
    assert problem.alphabet == (0, 1, 2, 3, 4)
    assert (problem.n_inputs, problem.n_outputs, problem.n_sequences, problem.n_steps) == (5, 5, 2, 4)
    assert [problem.ceiling(window) for window in (1, 2, 3, 4, 5)] == [7 / 8, 7 / 8, 7 / 8, 1, 1]
    assert (problem.demand, problem.floor, problem.chance, problem.is_fixed) == (4, 7 / 8, 1 / 5, True)
    batch = problem.batch()
    assert batch.inputs.tolist() == [[3, 0, 1, 2], [4, 0, 1, 2]]
    assert batch.targets.tolist() == [[0, 1, 2, 3], [0, 1, 2, 4]]
    assert batch.mask.tolist() == [[True] * 4] * 2
    assert batch.inputs.dtype == batch.targets.dtype == jnp.int32


def test_fits_the_protocol():
    assert isinstance(Conflict(), Problem)


def test_the_other_middles():
    assert Conflict(middle="repeating").sequences() == [[1, 0, 0, 0, 1], [2, 0, 0, 0, 2]]
    first, second = Conflict(lag=50, middle="random").sequences()
    assert first[1:-1] == second[1:-1]
    assert set(first[1:-1]) == {0, 1, 2}
    assert (first[0], first[-1], second[0], second[-1]) == (3, 3, 4, 4)
    assert Conflict(lag=50, middle="random").sequences() == [first, second]
    assert Conflict(lag=50, middle="random", middle_seed=1).sequences() != [first, second]


def test_own_alphabet():
    problem = Conflict(lag=2, n_sequences=3, alphabet=["up", ("a", 1), "x", "y", "z"])
    assert problem.sequences()[2] == ["z", "up", ("a", 1), "z"]
    assert problem.batch().inputs.tolist() == [[2, 0, 1], [3, 0, 1], [4, 0, 1]]


@settings(deadline=None)
@given(fixed_arguments)
def test_ceiling_of_fixed_problems_is_brute_forces(arguments):
    problem = Conflict(**arguments)
    rows = problem.sequences()
    curve = [problem.ceiling(window) for window in range(1, problem.n_steps + 2)]
    assert curve == [float(brute_force(rows, problem.scored, w)) for w in range(1, problem.n_steps + 2)]
    assert curve == sorted(curve)
    assert curve[problem.demand - 1] == 1.0
    assert curve[problem.demand - 2] < 1.0
    assert problem.demand == problem.lag + 1


@pytest.mark.parametrize("scored", ["every", "end"])
@pytest.mark.parametrize(("lag", "fillers", "cues"), [(1, 2, 2), (2, 2, 3), (3, 3, 2), (4, 3, 5), (5, 2, 2), (6, 2, 4)])
def test_ceiling_of_fresh_middles_is_that_of_all_sequences(lag, fillers, cues, scored):
    problem = Conflict(lag, cues, range(fillers + cues), "fresh", scored)
    middles = list(itertools.product(range(fillers), repeat=lag))
    rows = [(fillers + cue, *middle, fillers + cue) for cue in range(cues) for middle in middles]
    curve = [brute_force(rows, scored, window) for window in range(1, lag + 3)]
    assert [problem.ceiling(window) for window in range(1, lag + 3)] == [float(best) for best in curve]
    assert problem.demand == curve.index(curve[-1]) + 1 == lag + 1


@settings(deadline=None)
@given(fixed_arguments, st.data())
def test_no_memoryless_table_beats_the_floor(arguments, data):
    problem = Conflict(**arguments)
    answer = st.integers(0, problem.n_outputs - 1)
    table = np.array(data.draw(st.lists(answer, min_size=problem.n_inputs, max_size=problem.n_inputs)))
    rows = problem.table()
    right = (table[rows[:, :-1]] == rows[:, 1:])[:, problem.scored_steps()]
    assert right.mean() <= problem.floor + 1e-12


def test_the_best_memoryless_table_reaches_the_floor():
    problem = Conflict()
    batch = problem.batch()
    scores = [
        (np.array(table)[np.asarray(batch.inputs)] == np.asarray(batch.targets)).mean()
        for table in itertools.product(range(5), repeat=5)
    ]
    assert max(scores) == problem.floor == 7 / 8


def test_solved_needs_every_scored_position():
    problem, end = Conflict(), Conflict(scored="end")
    right = one_hot(problem.batch().targets, 5)
    for row, time in itertools.product(range(2), range(4)):
        outputs = right.at[row, time].set(0.0)
        outputs = outputs.at[row, time, 4 if row == 0 else 3].set(1.0)
        assert int(problem.correct(outputs, problem.batch()).sum()) == 7
        assert not problem.solved(outputs, problem.batch())
        assert bool(end.solved(outputs, end.batch())) == (time < 3)
    assert problem.solved(right, problem.batch())
    assert end.batch().mask.tolist() == [[False, False, False, True]] * 2


def test_solved_with_a_fresh_middle_asks_for_the_end_only():
    problem = Conflict(lag=4, middle="fresh")
    batch = problem.evaluation(jax.random.key(0))
    right = one_hot(batch.targets, 5)
    assert problem.solved(jnp.zeros_like(right).at[:, -1].set(right[:, -1]), batch)
    assert not problem.solved(right.at[7, -1].set(-right[7, -1]), batch)


def test_fixed_problems_present_the_same_whatever_the_key():
    for middle in FIXED:
        problem = Conflict(lag=6, middle=middle)
        batches = [problem.batch(), problem.batch(jax.random.key(1)), problem.evaluation(jax.random.key(2))]
        for batch in batches:
            rows = np.concatenate([batch.inputs, batch.targets[:, -1:]], axis=1)
            assert rows.tolist() == problem.sequences()


def test_fresh_draws_are_a_function_of_the_key():
    problem = Conflict(lag=20, n_sequences=3, middle="fresh")
    draw = [np.asarray(problem.batch(jax.random.key(seed)).inputs) for seed in (0, 0, 1)]
    assert (draw[0] == draw[1]).all()
    assert (draw[0] != draw[2]).any()
    assert (draw[0][0, 1:] != draw[0][1, 1:]).any()
    judged = np.asarray(problem.evaluation(jax.random.key(0)).inputs)
    assert judged.shape == (64 * 3, 21)
    assert (judged[:3] != draw[0]).any()
    assert len({tuple(row) for row in judged.tolist()}) == len(judged)


def test_fresh_sequences_are_cue_fillers_cue():
    problem = Conflict(lag=30, n_sequences=2, alphabet="abcdXY", middle="fresh")
    batch = problem.evaluation(jax.random.key(3))
    inputs, targets = np.asarray(batch.inputs), np.asarray(batch.targets)
    assert (inputs[:, 0] == targets[:, -1]).all()
    assert inputs[:, 0].tolist() == [4, 5] * 64
    assert (inputs[:, 1:] == targets[:, :-1]).all()
    share = np.bincount(inputs[:, 1:].ravel()) / inputs[:, 1:].size
    assert len(share) == 4
    assert np.abs(share - 1 / 4).max() < 5 * np.sqrt(3 / 16 / inputs[:, 1:].size)


@pytest.mark.parametrize("middle", ["counting", "fresh"])
def test_runs_inside_a_compiled_population(middle):
    problem = Conflict(lag=5, middle=middle)
    keys = jax.random.split(jax.random.key(0), 3)

    @jax.jit
    @jax.vmap
    def judge(key):
        batch = problem.batch(key)
        outputs = jax.nn.one_hot(batch.targets, problem.n_outputs)
        return batch, problem.correct(outputs, batch), problem.solved(outputs, batch)

    batch, correct, solved = judge(keys)
    assert correct.shape == batch.inputs.shape == (3, 2, 6)
    assert correct.all()
    assert solved.tolist() == [True] * 3
    for seed, key in enumerate(keys):
        assert (problem.batch(key).inputs == batch.inputs[seed]).all()


@pytest.mark.parametrize("middle", quick(["counting", "repeating", "random", "fresh"], now=["counting", "fresh"]))
def test_the_longest_lag(middle):
    problem = Conflict(lag=100_000, middle=middle)
    assert problem.demand == 100_001
    assert problem.ceiling(100_000) < problem.ceiling(100_001)
    assert problem.batch(jax.random.key(0)).inputs.shape == (2, 100_001)


def test_is_a_value():
    assert Conflict() == Conflict(alphabet=np.arange(5))
    assert hash(Conflict()) == hash(Conflict(alphabet=[0, 1, 2, 3, 4]))
    assert describe(Conflict()) == describe(Conflict(alphabet=np.arange(5)))
    assert describe(Conflict())["alphabet"] == [0, 1, 2, 3, 4]
    assert len({Conflict(), Conflict(lag=4), Conflict(middle="random"), Conflict(scored="end")}) == 4
    used = Conflict()
    assert used.demand == 4
    assert used == Conflict()
    assert pickle.loads(pickle.dumps(used)) == used
    assert describe(used) == describe(Conflict())


def test_another_lag():
    assert Conflict(n_sequences=3, scored="end").with_lag(7) == Conflict(7, 3, scored="end")
    letters = Conflict(alphabet="abXY", middle="random", middle_seed=5)
    assert letters.with_lag(9) == Conflict(9, 2, "abXY", "random", "every", 5)
    with pytest.raises(InvalidInput, match="alphabet must hold exactly 6 symbols"):
        Conflict(alphabet="abcXY").with_lag(4)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"lag": 0}, "lag must be a whole number from 1 to 100,000, but got 0"),
        ({"lag": 100_001}, "lag must be a whole number from 1 to 100,000, but got 100001"),
        ({"n_sequences": 1}, "n_sequences must be a whole number of at least 2, but got 1"),
        ({"middle": "countin"}, "did you mean 'counting'"),
        ({"scored": "evry"}, "did you mean 'every'"),
        ({"middle_seed": -1}, "middle_seed must be a whole number of at least 0"),
        ({"alphabet": "abcaX"}, "alphabet must hold each symbol once, but got 'a' 2 times"),
        ({"alphabet": "abcXX"}, "alphabet must hold each symbol once, but got 'X' 2 times"),
        ({"alphabet": "abXY"}, "alphabet must hold exactly 5 symbols, 3 for a counting middle of 3"),
        ({"alphabet": "abcdXY"}, "exactly 5 symbols"),
        ({"alphabet": ()}, "but got 0"),
        ({"alphabet": "abXY", "middle": "repeating"}, "exactly 3 symbols, 1 for a repeating middle"),
        ({"alphabet": "aXY", "middle": "random"}, "at least 4 symbols"),
        ({"alphabet": "aXY", "middle": "fresh"}, "at least 4 symbols"),
        ({"alphabet": [[0], [1]]}, "symbols that Python can hash"),
    ],
)
def test_refusals(arguments, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        Conflict(**arguments)


def test_refusals_of_its_methods():
    fresh = Conflict(middle="fresh")
    for ask in (fresh.sequences, fresh.table, fresh.batch, fresh.evaluation):
        with pytest.raises(InvalidInput, match="fresh"):
            ask()
    with pytest.raises(InvalidInput, match="window must be a whole number of at least 1"):
        fresh.ceiling(0)
