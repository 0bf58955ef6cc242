"""Batches between one sequence and all: at the ends the same bits, in between the mean gradient of a group."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from memspan.core.errors import InvalidInput
from memspan.core.protocol import Protocol
from memspan.engine.optimizers import Adam
from memspan.engine.train import train
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.rules import BPTT, Online

PROBLEM = Conflict(lag=3, n_sequences=4)


def trained(batch, rule=None, **protocol):
    protocol = Protocol(batch=batch, **protocol)
    return train(PROBLEM, LSTM(3), rule or BPTT(), seeds=2, epochs=3, optimizer=Adam(0.02), chunk=2, protocol=protocol)


@pytest.mark.extended
@pytest.mark.parametrize(("number", "name"), [(1, "one"), (4, "all")])
@pytest.mark.parametrize("reset", ["sequence", "never"])
def test_a_number_is_the_name_for_it_bit_by_bit(number, name, reset):
    by_number, by_name = (trained(batch, reset=reset, order="shuffled") for batch in (number, name))
    for field in ("weights", "loss", "accuracy", "updates_at"):
        np.testing.assert_array_equal(getattr(by_number, field), getattr(by_name, field))


@dataclasses.dataclass(frozen=True)
class Plain:
    """Gradient descent with a step as long as the gradient."""

    def build(self):
        return optax.sgd(1.0)


def test_an_epoch_in_two_batches_is_two_steps_along_mean_gradients():
    """By plain gradient descent on the library's own loss of each half; the sequences in order."""
    runs = train(
        PROBLEM, LSTM(3), BPTT(), epochs=1, optimizer=Plain(), chunk=1, protocol=Protocol(batch=2), evaluate_every=9
    )
    network, batch = runs.network, PROBLEM.batch(None)
    learner = network.learner(Plain(), True)

    @jax.jit
    def slope(params, inputs, targets):
        def cost(params):
            outputs = jax.vmap(lambda x: network.sequence(params, network.initial_state, x)[1])(inputs)
            return learner.loss(outputs, targets, jnp.ones(targets.shape, bool))

        return jax.grad(cost)(params)

    params = jnp.asarray(network.draw(0))
    for rows in (slice(0, 2), slice(2, 4)):
        params = params - slope(params, jnp.asarray(batch.inputs[rows]), jnp.asarray(batch.targets[rows]))
    np.testing.assert_allclose(runs.weights[0], params, rtol=0, atol=1e-6)
    assert runs.updates == 2


def test_updates_are_one_a_batch_or_one_a_step():
    assert trained(2).updates == 3 * 2
    assert trained(2, Online(), reset="never").updates == 3 * 2 * PROBLEM.n_steps


@dataclasses.dataclass(frozen=True)
class Nothing:
    """A rule that only reads: what is left is the state."""

    def learn(self, learner, memory, lesson):
        state, outputs = learner.sequence(memory.params, memory.state, lesson.inputs)
        return memory._replace(state=state), learner.loss(outputs, lesson.targets, lesson.mask)


def test_a_carried_state_stays_in_its_row():
    """Sequences 0 and 2 are one reading, 1 and 3 another, then both once more; the loss of each epoch tells."""
    runs = trained(2, Nothing(), reset="never")
    network, batch = runs.network, PROBLEM.batch(None)
    learner = network.learner(Plain(), True)

    def read(first, second):
        rows = np.tile([first, second], 3)
        outputs = network.sequence(
            jnp.asarray(runs.weights[0]), network.initial_state, jnp.asarray(batch.inputs)[rows].reshape(-1)
        )
        return outputs[1].reshape(6, PROBLEM.n_steps, -1)

    outputs = jnp.stack([read(0, 2), read(1, 3)], axis=1).reshape(3, 4, PROBLEM.n_steps, -1)
    targets = jnp.asarray(batch.targets)[np.array([0, 1, 2, 3])]
    expected = [learner.loss(epoch, targets, jnp.ones(targets.shape, bool)) for epoch in outputs]
    np.testing.assert_allclose(runs.loss[0], expected, rtol=1e-5)
    assert np.abs(np.diff(runs.loss[0])).max() > 1e-4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Protocol(batch=0), "batch must be a whole number of at least 1, but got 0"),
        (lambda: Protocol(batch=True), "batch must be a whole number of at least 1, but got True"),
        (lambda: Protocol(batch=2, reset="epoch"), "reset='epoch' carries .* but batch=2 shows them side by side"),
        (lambda: trained(3), "batch must divide the 4 sequences of an epoch, but got 3; use 2 or 4"),
        (lambda: trained(8), "batch must divide the 4 sequences of an epoch, but got 8; use 4"),
    ],
)
def test_batches_that_cannot_be_are_refused(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()


def test_one_sequence_may_carry_its_state_through_an_epoch():
    assert Protocol(batch=1, reset="epoch").rows(7) == 1
