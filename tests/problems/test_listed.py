"""Listed sequences, files of them, the concatenated sequence and random conflicts."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.core.problem import FiniteProblem
from memspan.core.spec import describe
from memspan.problems import Conflict, Listed, RandomConflict, concatenated, from_toml

rows = st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=7), min_size=3, max_size=3)


@settings(deadline=None, max_examples=25)
@given(rows, st.sampled_from(["every", "end"]))
def test_the_oracle_reaches_the_best(listed, scored):
    problem = Listed([[0, 1, 2, 3, 0, 1, 2], *listed], scored=scored)  # one shape: everything compiles once
    batch = problem.batch()
    outputs = problem.oracle(batch)
    assert float(problem.score(outputs, batch)) == pytest.approx(problem.best, abs=1e-6)
    assert bool(problem.solved(outputs, batch))
    assert problem.ceiling(problem.demand) == problem.best


def test_one_conflict_as_a_list_is_the_conflict():
    listed, conflict = Listed([[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]]), Conflict()
    assert isinstance(listed, FiniteProblem)
    for name in ("alphabet", "chance", "floor", "best", "demand", "n_steps", "n_sequences"):
        assert getattr(listed, name) == getattr(conflict, name)
    assert all((a == b).all() for a, b in zip(listed.batch(), conflict.batch(), strict=True))


def test_the_concatenated_sequence():
    problem = concatenated(Conflict())
    assert problem.sequences() == [[3, 0, 1, 2, 3, 4, 0, 1, 2, 4]]
    assert problem.variant == "concatenated conflict (tutorial), lag 3"
    assert (problem.n_steps, problem.n_sequences, problem.floor, problem.demand) == (9, 1, 7 / 9, 4)


def test_mixed_symbols_and_lengths():
    problem = Listed([["up", 1, "x"], ["x", 1]])
    assert problem.alphabet == ("up", 1, "x")
    batch = problem.batch()
    assert batch.inputs.tolist() == [[0, 1], [2, 0]]
    assert batch.targets.tolist() == [[1, 2], [1, 0]]
    assert batch.mask.tolist() == [[True, True], [True, False]]
    assert Listed(["ab", "ac"], scored="end") == Listed([("a", "b"), ("a", "c")], scored="end")
    assert describe(problem)["listed"] == [["up", 1, "x"], ["x", 1]]


def test_what_cannot_be_known_need_not_be_right():
    problem = Listed(["ab", "ab", "ac"])
    assert problem.best == pytest.approx(2 / 3)
    batch = problem.batch()
    always_b, always_c = (jnp.tile(jnp.eye(3)[symbol], (3, 1, 1)) for symbol in (1, 2))
    assert bool(problem.solved(always_b, batch))
    assert not problem.solved(always_c, batch)


def test_toml(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\nreference = "me"\nscored = "end"\nsequences = [["a", 1], ["b", 1]]\n')
    problem = from_toml(file)
    assert (problem.variant, problem.reference, problem.scored) == ("mine", "me", "end")
    assert problem.sequences() == [["a", 1], ["b", 1]]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sequences = [", "readable TOML file"),
        ("name = 'x'", "must list its sequences"),
        ("sequences = 3", "must list its sequences"),
        ("sequences = [1, 2]", "must list its sequences"),
        ("sequence = []", "did you mean 'sequences'"),
        ("sequences = []", "two symbols or more"),
        ("sequences = [[1]]", "two symbols or more"),
        ("sequences = [[[1], [2]]]", "Python can hash"),
        ("scored = 'last'\nsequences = [[1, 2]]", "scored must be one of every, end"),
    ],
)
def test_toml_refusals(tmp_path, text, sentence):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(InvalidInput, match=sentence):
        from_toml(file)


def test_a_missing_file(tmp_path):
    with pytest.raises(InvalidInput, match="No such file"):
        from_toml(tmp_path / "none.toml")


def test_random_conflicts_are_new_each_time():
    problem = RandomConflict(lag=6, n_symbols=5, n_sequences=3, n_evaluation=300)
    batch = jax.tree.map(np.asarray, problem.evaluation(jax.random.key(0)))
    assert (batch.inputs[:, 0] == batch.targets[:, -1]).all()
    conflicts = batch.inputs.reshape(100, 3, 7)
    assert all(len(set(conflict[:, 0])) == 3 for conflict in conflicts)
    assert (conflicts[:, :1, 1:] == conflicts[:, :, 1:]).all()
    assert len({tuple(conflict[0, 1:]) for conflict in conflicts}) > 95
    share = np.bincount(batch.inputs.ravel(), minlength=5) / batch.inputs.size
    assert np.abs(share - 0.2).max() < 0.05
    assert problem.with_lag(9).demand == 10
    assert [problem.ceiling(window) for window in (1, 6, 7)] == [0.2, 0.2, 1.0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"lag": 0}, "lag must be"),
        ({"n_symbols": 1}, "n_symbols must be"),
        ({"n_sequences": 11}, "n_sequences must be a whole number from 1 to 10"),
        ({"n_evaluation": 3}, "multiple of n_sequences = 2"),
    ],
)
def test_random_conflict_refusals(arguments, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        RandomConflict(**arguments)


def test_random_conflicts_cannot_be_listed():
    with pytest.raises(InvalidInput, match="no lasting sequences"):
        RandomConflict().sequences()
