"""The digits: their splits, their orders, and what is said where scikit-learn is missing."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict

import numpy as np
import pytest
from sklearn.datasets import load_digits

from memspan.core.errors import InvalidInput
from memspan.problems import SequentialDigits, sequential_digits
from memspan.testing import check_problem


def pictures(batch):
    return [tuple(row) for row in np.rint(16 * np.asarray(batch.inputs[..., 0])).astype(int).tolist()]


@pytest.mark.extended
def test_contract():
    check_problem(SequentialDigits.permuted())


def test_the_three_sets_are_all_pictures_once():
    sets = [
        SequentialDigits().batch(),
        SequentialDigits(judged_on="validation").evaluation(),
        SequentialDigits(judged_on="test").evaluation(),
    ]
    assert [len(batch.inputs) for batch in sets] == [1197, 300, 300]
    labelled = [pair for batch in sets for pair in zip(pictures(batch), batch.targets[:, -1].tolist(), strict=True)]
    data, labels = load_digits(return_X_y=True)
    everything = zip(map(tuple, data.astype(int).tolist()), labels.tolist(), strict=True)
    assert sorted(labelled) == sorted(everything)
    assert len({picture for picture, _ in labelled}) == 1797
    for batch in sets:
        assert np.array_equal(np.asarray(batch.mask).sum(axis=1), np.ones(len(batch.mask)))
        assert batch.mask[:, -1].all()
        assert min(Counter(batch.targets[:, -1].tolist()).values()) >= len(batch.mask) / 20


def test_permuted_digits_are_the_same_pictures_in_one_other_order():
    plain, permuted = SequentialDigits().batch(), SequentialDigits.permuted(seed=3).batch()
    order = np.random.default_rng(3).permutation(64)
    assert np.array_equal(plain.inputs[:, order], permuted.inputs)
    assert np.array_equal(plain.targets, permuted.targets)
    assert SequentialDigits.permuted(seed=3) != SequentialDigits.permuted(seed=4)
    assert SequentialDigits().variant != SequentialDigits.permuted().variant


@pytest.mark.parametrize("problem", [SequentialDigits(), SequentialDigits.permuted(judged_on="test")])
def test_floor_is_the_best_table_of_the_last_pixel(problem):
    batch = problem.evaluation()
    votes = defaultdict(Counter)
    for picture, label in zip(pictures(batch), batch.targets[:, -1].tolist(), strict=True):
        votes[picture[-1]][label] += 1
    assert problem.floor == sum(max(answers.values()) for answers in votes.values()) / 300


def test_says_what_to_install_where_scikit_learn_is_missing(monkeypatch):
    sequential_digits._pictures.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InvalidInput, match=r"pip install 'memspan\[digits\]'"):
        SequentialDigits().batch()
