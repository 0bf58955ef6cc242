"""What is read off a trace, against Jacobians computed at random points."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from memspan.engine.network import Network
from memspan.models import LSTM, MLP, Stack
from memspan.problems import Conflict
from memspan.rules.dependence import dependence

SHAPE = jax.ShapeDtypeStruct((4,), jnp.float32)
GRID = jax.ShapeDtypeStruct((2, 3), jnp.float32)

ON_FOUR = {
    "moved": lambda x: jnp.concatenate([x[::-1][:2], jnp.roll(x, 1)[2:], jnp.split(x, 2)[1]]),
    "indexed": lambda x: x[jnp.array([2, 0, 0])],
    "one index": lambda x: x[np.int32(3)] * x,
    "summed": lambda x: jnp.sum(x[:2]) + x[2:],
    "largest": lambda x: jax.nn.softmax(x[:3]),
    "cumulative": lambda x: jnp.cumsum(x)[3:],
    "cut": lambda x: x + jax.lax.stop_gradient(x[::-1]),
    "rounded": lambda x: x * jnp.round(x[::-1]) + jnp.where(x[::-1] > 0, 1.0, x),
    "whole numbers": lambda x: x + jax.nn.one_hot(jnp.argmax(x), 4) + x[::-1].astype(int),
    "smooth": lambda x: jax.nn.softplus(x) + jax.nn.silu(x) + jax.nn.gelu(x) + jax.nn.sigmoid(x) ** 2,
    "masked": lambda x: jnp.tril(jnp.ones((4, 4)))[:, 0] * x,
    "remembered": jax.checkpoint(lambda x: jnp.sin(x) + x[0]),
    "complex": lambda x: jnp.real(jax.lax.complex(x, x[::-1]) * jnp.exp(1j * x)),
    "stacked": lambda x: jnp.stack([x, x[::-1]]).sum(axis=1)[:1] + jnp.tile(x, 2)[:1] + sum(jnp.unstack(x)[:2]),
    "nothing": lambda x: jnp.zeros(3) + jnp.arange(3.0),
}
ON_GRID = {
    "reshaped": lambda x: x.reshape(3, 2)[:, 1],
    "transposed": lambda x: x.T[:, :1],
    "rows": lambda x: jnp.sum(x, axis=1),
    "columns": lambda x: jnp.prod(x, axis=0),
    "padded": lambda x: jax.lax.pad(x, jnp.float32(0), [(1, 0, 1), (-1, 2, 0)]),
    "padded with one": lambda x: jax.lax.pad(x, x[0, 0], [(1, 0, 0), (0, 0, 0)]),
    "product": lambda x: x @ jnp.ones((3, 2)),
    "product from the left": lambda x: jnp.ones((4, 2)) @ x,
    "product of both": lambda x: x[:1] @ x[1:].T + x[0, 0],
    "batched": lambda x: jnp.einsum("bi,bij->bj", x, jnp.ones((2, 3, 2))),
    "batched from the right": lambda x: jnp.einsum("bji,ib->bj", jnp.ones((3, 2, 2)), x),
    "outer": lambda x: x[0][:, None] * x[1][None],
    "empty": lambda x: jnp.zeros((2, 0)) @ x[:0] + x,
}


def numeric(function, shapes, points=4):
    """Where Jacobians at random points are not zero."""
    found = False
    for seed in range(points):
        rng = np.random.default_rng(seed)
        x = [jnp.asarray(rng.normal(size=shape.shape), shape.dtype) for shape in shapes]
        jacobians = jax.jacobian(lambda *x: ravel_pytree(function(*x))[0], tuple(range(len(x))))(*x)
        found = found | (np.concatenate([np.asarray(j).reshape(len(j), -1) for j in jacobians], axis=1) != 0)
    return found


@pytest.mark.parametrize(
    ("shape", "function"),
    [*((SHAPE, f) for f in ON_FOUR.values()), *((GRID, f) for f in ON_GRID.values())],
    ids=[*ON_FOUR, *ON_GRID],
)
def test_known_operations_are_followed_exactly(shape, function):
    read = dependence(function, [shape]).toarray()
    np.testing.assert_array_equal(read, numeric(function, [shape]))


def test_what_is_not_known_depends_on_everything():
    assert dependence(lambda x: jnp.sort(x[:3]), [SHAPE]).toarray().tolist() == [[True, True, True, False]] * 3
    looped = dependence(lambda x: jax.lax.fori_loop(0, 2, lambda _, y: y * x, x), [SHAPE])
    assert looped.toarray().all()


def test_a_place_known_only_later_may_be_any():
    """Jacobians at points where the counter is small would miss most of the places."""
    counter = jax.ShapeDtypeStruct((1,), jnp.float32)

    def write(cache, x, counter):
        return cache.at[counter[0].astype(int)].set(x[0])

    read = dependence(write, [SHAPE, SHAPE, counter]).toarray()
    np.testing.assert_array_equal(read[:, :4], np.eye(4, dtype=bool))
    assert read[:, 4].all()
    assert not read[:, 8].any()
    assert dependence(lambda x, i: x[i[0].astype(int)], [SHAPE, counter]).toarray()[0, :4].all()


def test_a_derivative_given_by_hand_is_not_lost():
    """Straight through: the sign has no derivative, the rule says it has."""

    @jax.custom_jvp
    def sign(x):
        return jnp.sign(x)

    sign.defjvp(lambda primals, tangents: (sign(*primals), tangents[0]))
    np.testing.assert_array_equal(dependence(lambda x: sign(x), [SHAPE]).toarray(), np.eye(4, dtype=bool))
    assert not dependence(jnp.sign, [SHAPE]).toarray().any()


@pytest.mark.parametrize("model", [LSTM(3), MLP(3, window=3), Stack((LSTM(2), MLP(2, window=2)))], ids=str)
def test_a_networks_step_is_followed_exactly(model):
    """That nothing is missed in any model is shown where all of them learn forward in time."""
    network = Network.of(Conflict(), model)
    flat, unravel = ravel_pytree(network.initial_state)

    def step(params, state, x):
        after, output = network.step(params, unravel(state), x)
        return jnp.concatenate([ravel_pytree(after)[0], output])

    shapes = [jax.ShapeDtypeStruct((size,), jnp.float32) for size in (network.draw(0).size, flat.size)]
    read = dependence(step, shapes, [jax.ShapeDtypeStruct((), jnp.int32)]).toarray()
    met = numeric(jax.jit(lambda *given: step(*given, jnp.ones(5))), shapes)
    np.testing.assert_array_equal(met, read)
