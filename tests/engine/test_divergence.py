"""A seed whose loss is no longer a number ends with a status, counts as a failure, and harms no other."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tests.quick import quick

from memspan.core.status import Status
from memspan.engine.optimizers import Adam
from memspan.engine.train import train
from memspan.models import LSTM, MLP, AbstractModel
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online


@dataclass(frozen=True)
class Overflowing(AbstractModel):
    """An LSTM that a share of the draws hands out with an infinite weight."""

    units: int = 4
    share: float = 0.4

    @property
    def n_outputs(self):
        return self.units

    def init(self, rng, n_inputs):
        params = LSTM(self.units).init(rng, n_inputs)
        bad = np.float32(np.inf) if rng.random() < self.share else np.float32(1)
        return params._replace(kernel=params.kernel * bad)

    def initial_state(self, n_inputs):
        return LSTM(self.units).initial_state(n_inputs)

    def step(self, params, state, x):
        return LSTM(self.units).step(params, state, x)


@dataclass(frozen=True)
class Faulty:
    """Gradient descent that divides by zero after some updates where the first weight is negative."""

    good_updates: int

    def build(self):
        def update(gradient, count, params):
            bad = (count >= self.good_updates) & (params[0] < 0)
            return jnp.where(bad, jnp.nan, -0.01 * gradient), count + 1

        return optax.GradientTransformation(lambda params: jnp.int32(0), update)


def same(runs, others, seeds):
    for seed in seeds:
        one, other = runs.seeds.index(seed), others.seeds.index(seed)
        for name in ("weights", "loss", "accuracy", "solved_at"):
            assert getattr(runs, name)[one].tobytes() == getattr(others, name)[other].tobytes()


@pytest.mark.parametrize("rule", quick([Online(), BPTT(), RTRL()], now=[BPTT()]), ids=str)
def test_seeds_that_start_at_infinity(rule):
    runs = train(Conflict(), Overflowing(), rule, seeds=20, epochs=3, optimizer=Adam(0.01))
    good = [seed for seed in range(20) if np.isfinite(runs.network.draw(seed)).all()]
    assert 5 < len(good) < 18
    diverged = [runs.seeds[row] for row, status in enumerate(runs.status) if status is Status.DIVERGED]
    assert sorted(diverged + good) == list(range(20))
    same(runs, train(Conflict(), Overflowing(), rule, seeds=good, epochs=3, optimizer=Adam(0.01)), good)
    assert (runs.success.n, runs.ever_solved.n, len(runs)) == (20, 20, 20)
    bad = next(row for row in range(20) if row not in good)
    assert (runs.diverged_in_epoch(bad), runs.diverged_in_epoch(good[0])) == (1, None)


def test_seeds_that_diverge_on_the_way():
    """After 20 good updates, 8 an epoch, the fault strikes in the third epoch."""
    runs = train(Conflict(), MLP(window=4), seeds=20, epochs=6, optimizer=Faulty(20))
    healthy = train(Conflict(), MLP(window=4), seeds=20, epochs=6, optimizer=Faulty(1000))
    bad = [row for row in range(20) if runs.status[row] is Status.DIVERGED]
    assert 3 < len(bad) < 17
    assert [runs.diverged_in_epoch(row) for row in bad] == [3] * len(bad)
    same(runs, healthy, [seed for seed in range(20) if seed not in bad])
    assert np.array_equal(runs.loss[bad, :2], healthy.loss[bad, :2])
    assert not runs.solved[bad].any()
    assert not runs.solved_at[bad, 2:].any()


def test_a_diverged_network_answers_nothing_right():
    runs = train(Conflict(), MLP(window=4), seeds=8, epochs=4, optimizer=Faulty(0))
    bad = [row for row in range(8) if runs.status[row] is Status.DIVERGED]
    assert bad
    assert (runs.accuracy[bad] == 0).all()


def test_an_absurd_learning_rate_is_a_result_not_an_error():
    runs = train(Conflict(), MLP(), seeds=3, epochs=20, optimizer=Adam(1e38))
    assert set(runs.status) == {Status.DIVERGED}
    assert (runs.success.point, runs.success.n) == (0, 3)
