"""XLA's loop of the LSTM: gradients by hand against those of a plain scan and finite differences in float64."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from memspan.models.activation import activation
from memspan.models.lstm_sequence import lstm_sequence
from memspan.models.shadow import shadow


def plain(recurrent, sums, hidden, cell, gate):
    """The same loop, differentiated by JAX."""
    squash = activation("gate", gate)

    def step(state, now):
        i, f, g, o = jnp.split(now + state[0] @ recurrent, 4)
        cell = squash(f) * state[1] + squash(i) * jnp.tanh(g)
        hidden = squash(o) * jnp.tanh(cell)
        return (hidden, cell), hidden

    return jax.lax.scan(step, (hidden, cell), sums)


def cost(loop, gate, recurrent, sums, hidden, cell):
    (hidden, cell), outputs = loop(recurrent, sums, hidden, cell, gate)
    return jnp.sum(jnp.sin(3 * outputs)) + jnp.sum(hidden**2) + jnp.sum(jnp.sin(cell))


def parts(seed, units, steps, *batch):
    rng = np.random.default_rng(seed)
    shapes = (units, 4 * units), (*batch, steps, 4 * units), (*batch, units), (*batch, units)
    return [jnp.asarray(rng.normal(size=shape), jnp.float32) for shape in shapes]


def batch_gradients(loop, gate):
    def total(recurrent, *rest):
        return jnp.sum(jax.vmap(lambda *one: cost(loop, gate, recurrent, *one))(*rest))

    return jax.jit(jax.value_and_grad(total, argnums=(0, 1, 2, 3)))


@pytest.mark.parametrize(
    ("units", "steps", "batch", "gate"),
    [(1, 1, 2, "sigmoid"), (4, 6, 3, "sigmoid"), (3, 5, 1, "hard_sigmoid")],
)
def test_gradients_by_hand_are_those_of_the_scan(units, steps, batch, gate):
    given_parts = parts(0, units, steps, batch)
    found = [batch_gradients(loop, gate)(*given_parts) for loop in (plain, lstm_sequence)]
    for one, other in zip(*map(jax.tree.leaves, found), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


@pytest.mark.parametrize("gate", ["sigmoid", "hard_sigmoid"])
def test_gradients_are_finite_differences(gate):
    with jax.enable_x64(True):
        wide = [jnp.asarray(np.asarray(part), jnp.float64) for part in parts(1, 3, 5)]
        value = jax.jit(lambda *wide: cost(lstm_sequence, gate, *wide))
        for number, gradient in enumerate(jax.grad(value, argnums=(0, 1, 2, 3))(*wide)):
            direction = np.random.default_rng(number).normal(size=gradient.shape)
            ends = [[p + s * 1e-6 * direction if n == number else p for n, p in enumerate(wide)] for s in (1, -1)]
            slope = (value(*ends[0]) - value(*ends[1])) / 2e-6
            assert float(slope) == pytest.approx(float(jnp.vdot(gradient, direction)), rel=1e-6, abs=1e-7)


def test_a_shadow_gives_its_gradient_to_the_weights():
    """Also where the values that it is mapped over are no numbers."""
    weights, values = parts(2, 2, 3)[0], jnp.array([[0.0], [jnp.nan], [2.0]])
    worth = jnp.arange(3.0)

    def total(weights):
        return jnp.sum(jax.vmap(lambda value, one: one * jnp.sum(shadow(weights, value)))(values, worth))

    value, gradient = jax.value_and_grad(total)(weights)
    assert float(value) == pytest.approx(float(3 * jnp.sum(weights)), rel=1e-6)
    np.testing.assert_array_equal(gradient, np.full(weights.shape, 3.0))
