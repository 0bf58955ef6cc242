"""How an epoch is walked through: order, reset and batch, against slow runs by hand and against each other."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tests.quick import quick
from tests.rules import slow

from memspan.core.batch import Batch
from memspan.core.protocol import Protocol
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.engine.train import train
from memspan.models import LSTM, MLP
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online

RULES = {"Online": Online(), "BPTT": BPTT(), "RTRL": RTRL()}
EPOCHS = 3


@dataclass(frozen=True)
class Given:
    """A user's own problem: the sequences are written down, all of one length, every step scored."""

    rows: tuple[tuple[int, ...], ...]
    n_inputs: int = 5
    n_outputs: int = 5
    is_fixed: bool = True
    loss: str = "binary_cross_entropy"
    variant: str = "given"
    reference: str = "tests"
    score_name: str = "accuracy"
    chance: float = 0.2
    floor: float = 0.2
    best: float = 1.0

    @property
    def n_sequences(self):
        return len(self.rows)

    @property
    def n_steps(self):
        return len(self.rows[0]) - 1

    def batch(self, key):
        rows = np.array(self.rows, np.int32)
        return Batch(rows[:, :-1], rows[:, 1:], np.ones((len(rows), self.n_steps), bool))

    evaluation = batch

    def correct(self, outputs, batch):
        return jnp.argmax(outputs, axis=-1) == batch.targets

    def score(self, outputs, batch):
        return jnp.mean(self.correct(outputs, batch))

    def solved(self, outputs, batch):
        return jnp.all(self.correct(outputs, batch))

    def oracle(self, batch):
        return jnp.eye(5)[batch.targets]


@dataclass(frozen=True)
class Diary:
    """A rule that learns nothing and writes every symbol it reads down, in place of weights."""

    def learn(self, learner, memory, lesson):
        seen = lesson.inputs.ravel().astype(jnp.float32)
        return memory._replace(params=jnp.concatenate([memory.params[len(seen) :], seen])), jnp.float32(0)

    def updates(self, n_steps):
        return 0


def by_hand(name, problem, model, cell, rate, seed, protocol, epochs=EPOCHS):
    batch = problem.batch(None)
    weights = Network.of(problem, model).draw(seed).astype(np.float64)
    symbols = (np.asarray(batch.inputs), np.asarray(batch.targets))
    side_by_side = protocol.batch == "all"
    return slow.train(
        name, cell, rate, weights, *symbols, reset=protocol.reset, side_by_side=side_by_side, epochs=epochs
    )


@pytest.mark.parametrize(
    ("name", "protocol"),
    quick(
        [
            ("Online", Protocol()),
            ("Online", Protocol(reset="epoch")),
            ("Online", Protocol(reset="never")),
            ("Online", Protocol(batch="all", reset="never")),
            ("BPTT", Protocol(reset="epoch")),
            ("RTRL", Protocol(batch="all")),
        ],
        now=[
            ("Online", Protocol()),
            ("Online", Protocol(batch="all", reset="never")),
            ("BPTT", Protocol(reset="epoch")),
        ],
    ),
    ids=str,
)
def test_a_run_equals_the_run_by_hand(name, protocol):
    """Weights, losses and accuracies after three epochs; the hand works in float64, hence the tolerance."""
    problem, model, cell = Conflict(), LSTM(units=3), slow.LSTMCell(units=3)
    runs = train(
        problem, model, RULES[name], seeds=[5, 2], epochs=EPOCHS, protocol=protocol, optimizer=Adam(0.02), chunk=2
    )
    for row, seed in enumerate(runs.seeds):
        with_hands = slow_run(name, problem, model, cell, seed, protocol)
        np.testing.assert_allclose(runs.weights[row], with_hands[0], rtol=0, atol=2e-4)
        np.testing.assert_allclose(runs.loss[row], with_hands[1], rtol=1e-4)
        np.testing.assert_allclose(runs.accuracy[row], with_hands[2], atol=1e-6)
        moved = np.abs(runs.weights[row] - runs.network.draw(seed)).max()
        assert moved > 0.02  # a hundred times the tolerance


def slow_run(name, problem, model, cell, seed, protocol):
    with jax.enable_x64(True):
        return by_hand(name, problem, model, cell, 0.02, seed, protocol)


def test_the_protocols_differ():
    """Each setting changes the run by hand; a reference that ignored one would prove nothing above."""
    protocols = [Protocol(), Protocol(reset="epoch"), Protocol(reset="never"), Protocol(batch="all")]
    cell = slow.LSTMCell(units=3)
    ends = [slow_run("Online", Conflict(), LSTM(units=3), cell, 5, protocol)[0] for protocol in protocols]
    for one, other in itertools.combinations(ends, 2):
        assert np.abs(one - other).max() > 2e-3


def test_the_readers_sequence_three():
    """Both sequences joined: state carried through 3,0,1,2 and 4,0,1,2 is one sequence of eight pairs."""
    settings = {"seeds": 2, "epochs": 4, "chunk": 2, "optimizer": Adam(0.02)}
    carried = train(Conflict(), LSTM(4), Online(), protocol=Protocol(reset="epoch"), **settings)

    @dataclass(frozen=True)
    class EightPairs(Given):
        def batch(self, key):
            inputs, targets = np.array([[3, 0, 1, 2, 4, 0, 1, 2], [0, 1, 2, 3, 0, 1, 2, 4]], np.int32)
            return Batch(inputs[None], targets[None], np.ones((1, 8), bool))

        evaluation = batch

    joined = train(EightPairs(rows=((0,) * 9,)), LSTM(4), Online(), **settings)
    np.testing.assert_allclose(carried.weights, joined.weights, rtol=0, atol=1e-6)
    np.testing.assert_allclose(carried.loss, joined.loss, rtol=1e-5)
    np.testing.assert_allclose(carried.accuracy, joined.accuracy)


def test_the_readers_nine_pairs_equal_a_run_by_hand():
    """As the reader had it, with the step from the first sequence's 3 to the second's 4."""
    problem, model = Given(rows=((3, 0, 1, 2, 3, 4, 0, 1, 2, 4),)), LSTM(units=3)
    runs = train(problem, model, Online(), seeds=1, epochs=EPOCHS, optimizer=Adam(0.02), chunk=2)
    with jax.enable_x64(True):
        weights, losses, accuracies = by_hand("Online", problem, model, slow.LSTMCell(3), 0.02, 0, Protocol())
    np.testing.assert_allclose(runs.weights[0], weights, rtol=0, atol=2e-4)
    np.testing.assert_allclose(runs.loss[0], losses, rtol=1e-4)
    np.testing.assert_allclose(runs.accuracy[0], accuracies, atol=1e-6)


@pytest.mark.extended
def test_all_at_once_is_the_mean_gradient_over_sequences():
    """One epoch side by side moves along the mean of what each sequence alone asks for."""
    network = Network.of(Conflict(), LSTM(3))
    one = [
        train(Given(rows=(row,)), LSTM(3), BPTT(), epochs=1, optimizer=Plain(), chunk=2).weights[0]
        for row in ((3, 0, 1, 2, 3), (4, 0, 1, 2, 4))
    ]
    both = train(Conflict(), LSTM(3), BPTT(), epochs=1, optimizer=Plain(), chunk=2, protocol=Protocol(batch="all"))
    steps = np.stack(one) - network.draw(0)
    np.testing.assert_allclose(both.weights[0] - network.draw(0), steps.mean(axis=0), rtol=0, atol=1e-6)
    assert np.abs(steps[0] - steps[1]).max() > 1e-3


@dataclass(frozen=True)
class Plain:
    """Gradient descent with a step as long as the gradient."""

    def build(self):
        return optax.sgd(1.0)


def diaries(problem, order, epochs, seeds):
    """What each seed was shown: [seed, epoch, sequence, time]."""
    protocol = Protocol(order=order)
    runs = train(problem, MLP(units=99), Diary(), seeds=seeds, epochs=epochs, protocol=protocol, chunk=4)
    shape = (epochs, problem.n_sequences, problem.n_steps)
    return runs.weights[:, -np.prod(shape) :].reshape(-1, *shape).astype(int)


def test_fixed_order_is_the_problems_own():
    problem = Conflict(lag=1, n_sequences=5)
    assert (diaries(problem, "fixed", epochs=6, seeds=4)[..., 0] == [1, 2, 3, 4, 5]).all()


def test_shuffled_order_is_a_fresh_permutation_each_epoch_and_seed():
    problem = Conflict(lag=1, n_sequences=5)
    shown = diaries(problem, "shuffled", epochs=20, seeds=4)[..., 0]
    assert (np.sort(shown, axis=2) == [1, 2, 3, 4, 5]).all()
    flat = shown.reshape(4, -1)
    assert len({row.tobytes() for row in flat}) == 4
    assert all(len({epoch.tobytes() for epoch in seed}) > 10 for seed in shown)
    # Every symbol comes first about equally often: 80 draws, expected 16 each.
    assert np.bincount(shown[:, :, 0].ravel(), minlength=6)[1:].min() >= 6
    again = diaries(problem, "shuffled", epochs=20, seeds=[3, 0])[..., 0]
    assert np.array_equal(again, shown[[3, 0]])


def test_fresh_middles_differ_between_epochs_and_seeds_and_repeat_for_a_seed():
    problem = Conflict(lag=4, middle="fresh", n_sequences=3)
    shown = diaries(problem, "fixed", epochs=20, seeds=4)
    assert (shown[..., 0] == [3, 4, 5]).all()
    rows = shown[..., 1:].reshape(-1, 4)
    assert set(rows.ravel()) == {0, 1, 2}
    assert len(np.unique(rows, axis=0)) > 60  # of 81; 240 drawn
    assert len({seed.tobytes() for seed in shown}) == 4
    assert np.array_equal(diaries(problem, "fixed", epochs=20, seeds=[2])[0], shown[2])
