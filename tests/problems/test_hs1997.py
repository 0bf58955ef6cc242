"""The problems of 1997 against a plain reading of the paper, row by row, and against closed forms."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from memspan.core.errors import InvalidInput
from memspan.problems import (
    Adding1997,
    Conflict,
    ContinualTemporalOrder,
    LongLag,
    Multiplication1997,
    TemporalOrder,
    TwoSequence,
    VeryLongLag,
)

MANY = 4000


def rows_of(problem, seed=0):
    """Inputs up to the end, and the target there, of the evaluation sequences."""
    batch = jax.tree.map(np.asarray, problem.evaluation(jax.random.key(seed)))
    ends = batch.mask.argmax(axis=1)
    assert (batch.mask.sum(axis=1) == 1).all()
    return [(x[: end + 1], y[end]) for x, y, end in zip(batch.inputs, batch.targets, ends, strict=True)]


def logits(probabilities):
    return jnp.log(probabilities / (1 - probabilities))


def test_2a_is_the_conflict_with_another_criterion():
    problem = LongLag("2a", 4)
    assert problem.sequences() == [["x", "a1", "a2", "a3", "x"], ["y", "a1", "a2", "a3", "y"]]
    assert (problem.n_inputs, problem.n_outputs, problem.demand) == (5, 5, 4)
    assert problem.floor == Conflict(3).floor
    assert problem.with_lag(9) == LongLag("2a", 10)
    batch = problem.batch()
    near = jnp.where(jax.nn.one_hot(batch.targets, 5) > 0, 0.76, 0.24)
    assert bool(problem.solved(logits(near), batch))
    assert not problem.solved(logits(near.at[1, 0, 2].set(0.26)), batch)


def test_2b_is_judged_at_the_end():
    problem = LongLag("2b", 6)
    batch = problem.evaluation(jax.random.key(0))
    assert not problem.is_fixed
    middles = np.asarray(batch.inputs)[:, 1:]
    assert set(middles.ravel()) == set(range(5))
    near = (
        jnp.full((*batch.mask.shape, 7), 0.5)
        .at[:, -1]
        .set(jnp.where(jax.nn.one_hot(batch.targets[:, -1], 7) > 0, 0.76, 0.24))
    )
    assert bool(problem.solved(logits(near), batch))
    assert not problem.solved(logits(near.at[3, -1, 0].set(0.26)), batch)


def test_2c_is_cue_distractors_end():
    problem = VeryLongLag(q=7, p=3, n_evaluation=MANY)
    e, b, x, y = 3, 4, 5, 6
    lengths, cues, middles = [], [], []
    for row, target in rows_of(problem):
        assert row[0] == b
        assert row[1] == (x, y)[target]
        assert row[-1] == e
        assert row[2:-1].max() < 3
        lengths.append(len(row) + 1)
        cues.append(target)
        middles.extend(row[2:-1])
    assert min(lengths) == 7 + 4
    assert np.mean(lengths) == pytest.approx(7 + 13, abs=5 * 9.5 / MANY**0.5)
    assert np.mean(np.array(lengths) == 11) == pytest.approx(0.1, abs=5 * 0.3 / MANY**0.5)
    assert np.mean(cues) == pytest.approx(0.5, abs=5 * 0.5 / MANY**0.5)
    assert np.bincount(middles) / len(middles) == pytest.approx(np.full(3, 1 / 3), abs=0.015)


@pytest.mark.parametrize("experiment", ["3a", "3b"])
def test_3_is_signal_then_noise(experiment):
    problem = TwoSequence(experiment, T=40, N=2, n_evaluation=MANY)
    rows = rows_of(problem)
    lengths = np.array([len(row) for row, _ in rows])
    assert (lengths.min(), lengths.max()) == (40, 44)
    assert np.bincount(lengths)[40:] / MANY == pytest.approx(np.full(5, 0.2), abs=0.035)
    signs = np.array([2 * target[0] - 1 for _, target in rows])
    assert set(signs) == {-1.0, 1.0}
    signal = np.array([row[:2, 0] for row, _ in rows]) - signs[:, None]
    noise = np.concatenate([row[2:, 0] for row, _ in rows])
    assert signal.var() == pytest.approx({"3a": 0, "3b": 0.2}[experiment], abs=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.var() == pytest.approx(0.2, rel=0.02)
    assert np.mean(noise**4) / noise.var() ** 2 == pytest.approx(3, abs=0.1)


def test_3c_has_noisy_targets_in_training_only():
    problem = TwoSequence("3c", T=20, N=1, n_sequences=MANY, n_evaluation=MANY)
    judged = jax.tree.map(np.asarray, problem.evaluation(jax.random.key(0)))
    assert np.unique(judged.targets) == pytest.approx([0.2, 0.8])
    shown = jax.tree.map(np.asarray, problem.batch(jax.random.key(0)))
    means = np.where(shown.inputs[:, 0, 0] > 0, 0.2, 0.8)
    errors = shown.targets[:, 0, 0] - means
    assert errors.mean() == pytest.approx(0, abs=0.03)
    assert errors.var() == pytest.approx(0.1, rel=0.1)


def test_3_best_scores_are_those_of_the_sign():
    assert TwoSequence("3b", N=1).best == pytest.approx(1 - 0.01267, abs=1e-5)
    assert TwoSequence("3b", N=3).best == pytest.approx(NormalDist().cdf((3 / 0.2) ** 0.5), abs=1e-12)
    assert TwoSequence("3a").best == 1.0
    assert TwoSequence("3c").floor == pytest.approx(0.09)


@pytest.mark.parametrize(("experiment", "allowed"), [("3a", 0), ("3b", 5), ("3c", 0)])
def test_3_criterion_counts_errors(experiment, allowed):
    problem = TwoSequence(experiment, T=20, N=2, n_evaluation=256)
    batch = problem.evaluation(jax.random.key(0))
    right = jnp.asarray(batch.targets)
    wrong = right.at[:allowed].set(1 - right[:allowed]) if allowed else right
    read = (lambda p: p) if experiment == "3c" else (lambda p: 20 * (2 * p - 1))
    assert bool(problem.solved(read(wrong), batch))
    one_more = wrong.at[allowed].set(1 - wrong[allowed])
    assert not problem.solved(read(one_more), batch)


@pytest.mark.parametrize(
    ("problem", "neutral", "combine", "lowest"),
    [
        (Adding1997(40, n_evaluation=MANY), 0.0, lambda a, b: 0.5 + (a + b) / 4, -1),
        (Multiplication1997(40, n_evaluation=MANY), 1.0, lambda a, b: a * b, 0),
    ],
    ids=["adding", "multiplication"],
)
def test_marked_pairs_row_by_row(problem, neutral, combine, lowest):
    rows, alone, firsts, seconds = rows_of(problem), 0, [], []
    for row, target in rows:
        values, marks = row.T
        assert marks[0] == marks[-1] == -1
        assert set(marks[1:-1]) <= {0.0, 1.0}
        places = np.flatnonzero(marks == 1)
        alone += len(places) == 1
        if len(places) == 2:
            firsts.append(places[0])
            seconds.append(places[1])
        marked = [*values[places], neutral][:2]
        assert target[0] == pytest.approx(combine(*marked), abs=1e-6)
    lengths = [len(row) for row, _ in rows]
    assert (min(lengths), max(lengths)) == (40, 44)
    values = np.concatenate([row[:, 0] for row, _ in rows])
    assert (values.min() >= lowest, values.max() < 1) == (True, True)
    assert values.mean() == pytest.approx((lowest + 1) / 2, abs=0.01)
    share = float(problem.first_pair_marked)
    assert share == pytest.approx(0.1 + 0.9 / 18)
    assert alone / MANY == pytest.approx(share, abs=5 * (share / MANY) ** 0.5)
    assert max(seconds) == 40 // 2 - 2
    assert max(firsts) <= 9
    targets = np.array([target[0] for _, target in rows])
    assert targets.var() == pytest.approx(problem.floor, rel=0.1)


def test_closed_forms_of_the_marked_pairs():
    class NeverFirst(Adding1997):
        first_pair_marked = Fraction(0)

    class NeverFirstProduct(Multiplication1997):
        first_pair_marked = Fraction(0)

    assert NeverFirst().variance() == Fraction(1, 24)
    assert NeverFirstProduct().variance() == Fraction(7, 144)
    assert float(Adding1997(100).first_pair_marked) == pytest.approx(0.11875)
    assert Adding1997(100).variance() == Fraction(1, 24) * (1 - Fraction(19, 320))
    # All the variance that a mark on the first pair takes away: one of two summands.
    assert Adding1997(100).floor == pytest.approx(((1 - 0.11875) * 2 / 3 + 0.11875 / 3) / 16)


def test_marked_pairs_criteria():
    adding = Adding1997(30, n_evaluation=100)
    batch = adding.evaluation(jax.random.key(0))
    right = adding.oracle(batch)
    assert bool(adding.solved(right + 0.009, batch))
    assert not adding.solved(right + 0.011, batch)
    assert not adding.solved(right.at[3].add(0.041), batch)
    product = Multiplication1997(30, n_evaluation=2000)
    batch = product.evaluation(jax.random.key(0))
    right = product.oracle(batch)
    assert bool(product.solved(right.at[:12].add(0.05), batch))
    assert not product.solved(right.at[:13].add(0.05), batch)
    assert bool(replace(product, n_seq=140).solved(right.at[:139].add(0.05), batch))


@pytest.mark.parametrize(
    ("experiment", "windows"), [("6a", [(10, 20), (50, 60)]), ("6b", [(10, 20), (33, 43), (66, 76)])]
)
def test_temporal_order_row_by_row(experiment, windows):
    symbols = "EBabcdXY"
    names = ["".join("XY"[int(bit)] for bit in f"{i:0{len(windows)}b}") for i in range(2 ** len(windows))]
    rows = rows_of(TemporalOrder(experiment, n_evaluation=MANY))
    places, answers = [], []
    for row, target in rows:
        text = "".join(symbols[s] for s in row)
        assert (text[0], text[-1]) == ("E", "B")
        assert "".join(s for s in text if s in "XY") == names[target]
        places.append([i + 1 for i, s in enumerate(text) if s in "XY"])
        assert set(text[1:-1]) <= set("abcdXY")
        answers.append(target)
    assert list(zip(np.min(places, axis=0), np.max(places, axis=0), strict=True)) == windows
    lengths = [len(row) for row, _ in rows]
    assert (min(lengths), max(lengths)) == (100, 110)
    assert np.bincount(answers) / MANY == pytest.approx(np.full(len(names), 1 / len(names)), abs=0.03)
    if experiment == "6a":
        assert names == ["XX", "XY", "YX", "YY"]


def test_temporal_order_criterion():
    problem = TemporalOrder("6a", 20, n_evaluation=50)
    batch = problem.evaluation(jax.random.key(0))
    near = jnp.where(jax.nn.one_hot(batch.targets, 4) > 0, 0.91, 0.09)
    assert bool(problem.solved(logits(near), batch))
    assert bool(problem.solved(logits(near.at[3, :, 0].set(0.29)), batch)) == (int(batch.targets[3, 0]) != 0)
    assert not problem.solved(logits(jnp.where(near > 0.5, 0.89, 0.11)), batch)


def test_continual_temporal_order_is_sequences_in_a_row():
    problem = ContinualTemporalOrder(n_parts=4, length=30, n_evaluation=20)
    batch = jax.tree.map(np.asarray, problem.evaluation(jax.random.key(0)))
    for row, targets, mask in zip(batch.inputs, batch.targets, batch.mask, strict=True):
        text = "".join("EBabcdXY"[s] for s in row).rstrip("E")
        parts = text.split("B")[:-1]
        assert len(parts) == 4
        assert all(part[0] == "E" and 30 <= len(part) + 1 <= 33 for part in parts)
        cues = [[int(s == "Y") for s in part if s in "XY"] for part in parts]
        assert targets[mask].tolist() == [4 * a + 2 * b + c for a, b, c in cues]


def test_continual_temporal_order_is_judged_to_the_first_error():
    problem = ContinualTemporalOrder(n_parts=4, length=20, n_evaluation=2)
    batch = problem.evaluation(jax.random.key(0))
    oracle = problem.oracle(batch)
    assert bool(problem.solved(oracle, batch))
    assert float(problem.sequences_until_error(oracle, batch)) == 4
    second = int(np.flatnonzero(np.asarray(batch.mask)[0])[1])
    wrong = oracle.at[0, second].set(0.0)
    assert float(problem.sequences_until_error(wrong, batch)) == (1 + 4) / 2
    assert not problem.solved(wrong, batch)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: LongLag("2c"), "experiment must be one of 2a, 2b"),
        (lambda: LongLag("2a", 2), "p must be"),
        (lambda: VeryLongLag(q=0), "q must be"),
        (lambda: TwoSequence("3d"), "experiment must be one of 3a, 3b, 3c"),
        (lambda: TwoSequence(T=10, N=10), "N must be a whole number from 1 to 9"),
        (lambda: Adding1997(21), "T must be a whole number of at least 22"),
        (lambda: Multiplication1997(n_seq=0), "n_seq must be"),
        (lambda: TemporalOrder(length=19), "length must be"),
        (lambda: ContinualTemporalOrder(n_parts=0), "n_parts must be"),
        (lambda: TwoSequence().batch(None), "key must be given"),
        (lambda: Adding1997().batch(None), "key must be given"),
    ],
)
def test_refusals(make, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        make()
