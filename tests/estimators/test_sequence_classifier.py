"""The classifier is the engine: same seed, same weights, same answers; and what it is given may be of many forms."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import memspan as ms
from memspan import Adam, SequenceClassifier, models
from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput
from memspan.problems.drawn import AbstractChoice

LENGTH = 8  # of the longest sequence
SETTINGS = {"optimizer": Adam(learning_rate=0.03), "batch_size": 8, "random_state": 5}


def data(rows=24, length=LENGTH):
    rng = np.random.default_rng(1)
    X = rng.integers(0, 3, (rows, length))
    return X.tolist(), X[:, 0]


def ragged():
    """The same sequences, cut to two to eight steps."""
    X, y = data()
    return [row[: 2 + n % 7] for n, row in enumerate(X)], y


@dataclass(frozen=True)
class Told(AbstractChoice):
    """The ragged data as a problem, for the engine's own training."""

    variant = "first symbol told at the end"
    is_fixed: ClassVar[bool] = True
    n_inputs: ClassVar[int] = 3
    n_outputs: ClassVar[int] = 3
    n_sequences: ClassVar[int] = 24
    n_evaluation: ClassVar[int] = 24
    n_steps: ClassVar[int] = LENGTH
    floor: ClassVar[float] = 1 / 3
    reference = "here"

    def inputs(self, key, rows):
        return jnp.asarray([row + [0] * (LENGTH - len(row)) for row in ragged()[0]], jnp.int32)

    def answers(self, inputs):
        return jnp.broadcast_to(inputs[:, :1], inputs.shape)

    def scored(self, inputs):
        last = jnp.array([len(row) - 1 for row in ragged()[0]])
        return jnp.arange(LENGTH) == last[:, None]

    def batch(self, key=None):
        inputs = self.inputs(None, 24)
        return Batch(inputs, self.answers(inputs), self.scored(inputs))

    evaluation = batch


@pytest.mark.parametrize(("model", "rule"), [(models.LSTM(5), ms.rules.BPTT()), (models.Elman(4), ms.rules.Online())])
def test_it_is_the_engine(model, rule):
    """Trained by the engine from the same seed, the network has the same weights, losses and answers."""
    X, y = ragged()
    ours = SequenceClassifier(model, rule=rule, epochs=12, **SETTINGS).fit(X, y)
    protocol = ms.Protocol(order="shuffled", batch=8)
    runs = ms.train(
        Told(), model, rule, seeds=[5], epochs=12, optimizer=SETTINGS["optimizer"], protocol=protocol, chunk=1
    )
    np.testing.assert_allclose(ours.weights_, runs.weights[0], rtol=0, atol=1e-5)
    np.testing.assert_allclose(ours.loss_curve_, runs.loss[0], rtol=0, atol=1e-5)
    asked, weights = runs.network, jnp.asarray(runs.weights[0])
    read = jax.vmap(lambda row: asked.sequence(weights, asked.initial_state, row)[1])
    everywhere = np.asarray(read(Told().inputs(None, 24)))
    last = np.stack([outputs[len(row) - 1] for outputs, row in zip(everywhere, X, strict=True)])
    shares = np.exp(last) / np.exp(last).sum(1, keepdims=True)
    np.testing.assert_allclose(ours.predict_proba(X), shares, rtol=0, atol=1e-5)
    assert ours.predict(X).tolist() == last.argmax(1).tolist()


@pytest.fixture(scope="module")
def fitted():
    X, y = data()
    return SequenceClassifier(models.GRU(6), epochs=60, **SETTINGS).fit(X, y)


def test_it_learns_and_forgets_when_trained_on_noise(fitted):
    X, y = data()
    assert fitted.score(X, y) == 1.0
    assert fitted.loss_curve_[-1] < 0.1 * fitted.loss_curve_[0]
    unlearned = SequenceClassifier(models.GRU(6), epochs=1, **SETTINGS).fit(X, y)
    assert unlearned.score(X, y) < 0.8


def test_answers_do_not_depend_on_what_is_read_beside(fitted):
    """Alone, among shorter or longer ones, in any order: the same probabilities."""
    X, _ = data()
    mixed = [X[0][:3], X[1], X[2] + X[3] + X[4], X[5][:1]]
    together = fitted.predict_proba(mixed)
    alone = np.concatenate([fitted.predict_proba([row]) for row in mixed])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(fitted.predict_proba(mixed[::-1]), together[::-1])
    np.testing.assert_allclose(together.sum(1), 1, rtol=0, atol=1e-12)


def test_same_seed_same_bits_and_another_seed_others():
    X, y = data()
    make = lambda **other: SequenceClassifier(models.Elman(4), epochs=3, **{**SETTINGS, **other}).fit(X, y)  # noqa: E731
    np.testing.assert_array_equal(make().weights_, make().weights_)
    assert (make(random_state=6).weights_ != make().weights_).any()
    rng = np.random.RandomState(3)
    assert (make(random_state=rng).weights_ != make(random_state=rng).weights_).any()


TRACED: list[tuple[int, ...]] = []


@dataclass(frozen=True)
class Watched:
    """BPTT that says when it is compiled, and for which shape."""

    def learn(self, learner, memory, lesson):
        TRACED.append(lesson.inputs.shape)
        return ms.rules.BPTT().learn(learner, memory, lesson)


def test_other_data_of_like_size_compile_nothing():
    X, y = data()
    classifier = SequenceClassifier(models.Elman(3), rule=Watched(), epochs=2, **SETTINGS)
    TRACED.clear()
    classifier.fit(X, y)
    assert set(TRACED) == {(8, 8)}
    compiled = len(TRACED)
    more, labels = data(rows=37, length=7)
    classifier.fit([row[: 2 + n % 6] for n, row in enumerate(more)], labels)
    assert len(TRACED) == compiled
    classifier.fit([row * 2 for row in X], y)  # sixteen steps are another length
    assert TRACED[compiled:] == [(16, 8)] * (len(TRACED) - compiled) != []


def test_forms_of_x():
    """The same numbers as a table, lists and one-feature arrays; the same symbols as strings, lists and a column."""
    rng = np.random.default_rng(0)
    table, y = rng.normal(0, 1, (12, 5)), rng.integers(0, 2, 12)
    make = lambda X, **more: SequenceClassifier(models.Elman(3), epochs=2, **SETTINGS, **more).fit(X, y)  # noqa: E731
    first = make(table)
    assert first.n_features_in_ == 5
    for same in (table.tolist(), table[:, :, None], [row[:, None] for row in table], [list(row[:]) for row in table]):
        np.testing.assert_array_equal(make(same).weights_, first.weights_)
    three = make(table.reshape(12, 1, 5))
    assert three.n_features_in_ == 5
    assert three.weights_.size > first.weights_.size
    letters = ["".join(rng.choice(list("xyz"), 4)) for _ in range(12)]
    words = make(letters)
    assert words.alphabet_ == ("x", "y", "z")
    assert words.n_features_in_ == 3
    as_ids = [["xyz".index(letter) for letter in row] for row in letters]
    column = np.array(letters, dtype=object)
    for same in ([list(row) for row in letters], column, as_ids, np.array([list(row) for row in letters])):
        np.testing.assert_array_equal(make(same).weights_, words.weights_)
    np.testing.assert_array_equal(make(np.array(as_ids), alphabet=range(3)).weights_, words.weights_)


SYMBOLS = [["a", "b"], ["b"]]


@pytest.mark.parametrize(
    ("X", "y", "settings", "said"),
    [
        (SYMBOLS, [0, 1], {"epochs": 0}, "epochs must be a whole number of at least 1, but got 0"),
        (
            SYMBOLS,
            [0, 1],
            {"model": models.LSTM},
            "model must be an object such as .*, but got the class LSTM; call it",
        ),
        (SYMBOLS, [0, 1], {"rule": "bptt"}, "rule must have learn"),
        (SYMBOLS, [0, 1], {"alphabet": "a"}, "symbols a, but sequence 0 has 'b'; give all symbols there can be"),
        (SYMBOLS, None, {}, "y must hold the class of each sequence"),
        (SYMBOLS, [0, 1, 2], {}, "inconsistent numbers of samples"),
        (SYMBOLS, [0.5, 1.25], {}, "Unknown label type"),
        ([["a"], []], [0, 1], {}, "sequence 1 is empty"),
        ([[["a"]], [["b"]]], [0, 1], {}, "must be sequences of finite numbers"),
        ([[1.0, 2.0], [np.nan]], [0, 1], {}, "sequences of finite numbers .*, but sequence 1 is not"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], [0, 1], {}, r"\[time, 3\], but sequence 1 is not"),
        (SYMBOLS, [0, 1], {"model": models.Stack((models.LSTM(2), models.Dense(5)))}, "read-out of 2 outputs"),
        (np.eye(4) * 1e30, [0, 1, 0, 1], {"model": models.Elman(3, activation="relu")}, "keep the loss finite"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(X, y, settings, said):
    optimizer = Adam(learning_rate=1e30) if "finite" in said and "loss" in said else Adam()
    with pytest.raises(ValueError, match=said) as told:
        SequenceClassifier(**{"model": models.Elman(2), "optimizer": optimizer, "epochs": 9, **settings}).fit(X, y)
    assert str(told.value).count("\n") <= 4


def test_what_is_read_later_must_be_of_the_same_kind(fitted):
    with pytest.raises(InvalidInput, match="symbols 0, 1, 2, but sequence 0 has 7"):
        fitted.predict([[0, 7]])
    numbers = SequenceClassifier(models.Elman(2), epochs=1).fit([np.ones((2, 3)), np.ones((4, 3))], [0, 1])
    with pytest.raises(InvalidInput, match="sequences of 3 numbers a step, as in fit, but got 2"):
        numbers.predict([np.ones((2, 2))])


def test_it_says_how_far_it_is_on_standard_error(capsys):
    X, y = data()
    SequenceClassifier(models.Elman(4), epochs=3, verbose=1, **SETTINGS).fit(X, y)
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert said.out == ""
    assert lines[0].startswith("epoch 1 of 3, loss ")
    assert lines[-1].startswith("epoch 3 of 3, loss ")
    SequenceClassifier(models.Elman(4), epochs=3, **SETTINGS).fit(X, y)
    assert capsys.readouterr().err == ""


def test_without_scikit_learn_it_says_what_to_install():
    code = (
        "import sys; sys.modules['sklearn.base'] = None\n"
        "import memspan\n"
        "try: memspan.SequenceClassifier\n"
        "except memspan.InvalidInput as said: print(said)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "install it with pip install 'memspan[sklearn]'" in done.stdout
