"""scikit-learn's own checks of estimators, and its tools around ours: pipelines, cross-validation, grids."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from memspan import Adam, SequenceClassifier, models

SMALL = SequenceClassifier(models.Elman(8), optimizer=Adam(learning_rate=0.02), epochs=40, random_state=0)
# Checks that say nothing here, and why.
NOT_ASKED = {
    "check_array_api_input": "scikit-learn runs it only where SCIPY_ARRAY_API is set, for estimators that compute with "
    "other libraries' arrays; ours computes with JAX, of float32 copies"
}
CHECKS = [check for _, check in estimator_checks_generator(SMALL) if check.func.__name__ not in NOT_ASKED]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")  # a column as y, which one check gives
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.func.__name__)
def test_check_of_scikit_learn(check):
    check(clone(SMALL))


def test_all_checks_of_scikit_learn_are_asked():
    names = {check.func.__name__ for _, check in estimator_checks_generator(SMALL)}
    assert names - {check.func.__name__ for check in CHECKS} == {*NOT_ASKED}
    assert {"check_classifiers_train", "check_estimators_pickle", "check_n_features_in_after_fitting"} <= names
    assert len(CHECKS) > 45


@pytest.fixture(scope="module")
def first_bit():
    """The class is the first number's sign; what follows is noise."""
    rng = np.random.default_rng(0)
    X = rng.normal(0, 1, (60, 6)).astype(np.float32)
    X[:, 0] = np.where(rng.random(60) < 0.5, 3, -3)
    return X, np.where(X[:, 0] > 0, "up", "down")


def test_in_a_pipeline_and_cross_validated(first_bit):
    X, y = first_bit
    scores = cross_val_score(make_pipeline(StandardScaler(), clone(SMALL)), X * 100 + 7, y, cv=3)
    assert scores.shape == (3,)
    assert scores.mean() > 0.9
    shuffled = np.random.default_rng(1).permutation(y)
    assert cross_val_score(make_pipeline(StandardScaler(), clone(SMALL)), X, shuffled, cv=3).mean() < 0.75


def test_in_a_grid(first_bit):
    """What can learn is chosen over what cannot; models are values of a grid like others."""
    X, y = first_bit
    grid = {"model": [models.Elman(1), models.Elman(8)], "epochs": [1, 40]}
    search = GridSearchCV(SMALL, grid, cv=3).fit(X, y)
    assert search.best_params_["epochs"] == 40
    assert search.best_score_ > 0.9
    assert search.best_estimator_.model_ == search.best_params_["model"]
    assert search.predict(X[:5]).tolist() == search.best_estimator_.predict(X[:5]).tolist()


def test_sequences_of_symbols_are_cross_validated():
    rng = np.random.default_rng(2)
    X = ["".join(rng.choice(list("ab"), rng.integers(2, 9))) for _ in range(60)]
    y = [row[0] for row in X]
    classifier = SequenceClassifier(models.GRU(6), optimizer=Adam(learning_rate=0.03), alphabet="ab", random_state=0)
    assert cross_val_score(classifier, X, y, cv=3).mean() > 0.9
