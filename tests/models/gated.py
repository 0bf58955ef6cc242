"""What the tests of the gated models share: two forms that are one function, gradients, and golden values."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from tests.oracles.make_golden_gated import GOLDEN

from memspan.models import unroll

TIME, FEATURES = 7, 5

with np.load(GOLDEN, allow_pickle=False) as stored:
    VALUES = dict(stored)


def golden(case):
    """All facts of one case, by name."""
    return {name.removeprefix(f"{case}/"): value for name, value in VALUES.items() if name.startswith(f"{case}/")}


def shaken(tree, seed, scale=0.5):
    """Every number moved at random, so that no zero can hide a mistake."""
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: (leaf + rng.normal(0, scale, np.shape(leaf))).astype(leaf.dtype), tree)


def arbitrary(model, seed=0):
    """Parameters, state and inputs of a model, none of them special."""
    params = shaken(model.init(np.random.default_rng(seed), FEATURES), seed + 1)
    state = shaken(model.initial_state(FEATURES), seed + 2)
    return params, state, np.random.default_rng(seed + 3).normal(0, 1, (TIME, FEATURES)).astype(np.float32)


def largest_difference(one, other):
    assert jax.tree.structure(one) == jax.tree.structure(other)
    flat = [ravel_pytree(tree)[0] for tree in (one, other)]
    assert all(np.shape(a) == np.shape(b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))
    return np.abs(flat[0] - flat[1]).max()


def check_forms(model):
    """Step by step and as a whole, for vectors and for symbols."""
    params, state, inputs = arbitrary(model)
    steps = jax.jit(lambda *given: unroll(model, *given))
    whole = jax.jit(lambda *given: model.sequence(*given))
    assert largest_difference(steps(params, state, inputs), whole(params, state, inputs)) < 1e-5
    if model.reads_symbols:
        symbols = np.array([3, 0, 1, 2, 4, 0, 3])
        vectors = np.eye(FEATURES, dtype=np.float32)[symbols]
        assert largest_difference(steps(params, state, vectors), whole(params, state, symbols)) < 1e-5


def check_empty(model):
    """A sequence without steps leaves the state as it is, and with it its gradient."""
    params, state, inputs = arbitrary(model)

    def total(params, state):
        end, outputs = model.sequence(params, state, jnp.asarray(inputs[:0]))
        assert outputs.shape == (0, model.n_outputs)
        return sum(map(jnp.sum, end)), end

    (d_params, d_state), end = jax.jit(jax.grad(total, argnums=(0, 1), has_aux=True))(params, state)
    assert largest_difference(end, state) == 0
    assert all((part == 1).all() for part in d_state)
    assert all((part == 0).all() for part in d_params)


def check_gradients(model, nudge=1e-6):
    """Central differences, one number at a time, of all that goes in; what is weighed is all that comes out."""
    with jax.enable_x64(True):
        given = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), arbitrary(model))
        flat, unravel = ravel_pytree(given)
        end, outputs = jax.eval_shape(lambda given: model.sequence(*given), given)
        rng = np.random.default_rng(9)
        weightings = jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), (end, outputs))

        def loss(vector):
            products = jax.tree.map(lambda a, b: jnp.sum(a * b), model.sequence(*unravel(vector)), weightings)
            return sum(jax.tree.leaves(products))

        exact = np.asarray(jax.jit(jax.grad(loss))(flat))
        many = jax.jit(jax.vmap(loss))
        nudges = nudge * jnp.eye(len(flat))
        numeric = np.asarray(many(flat + nudges) - many(flat - nudges)) / (2 * nudge)
    np.testing.assert_allclose(exact, numeric, rtol=1e-5, atol=1e-7)
    assert np.abs(numeric).max() > 1e-1


def facts(model, params, state, given):
    """Outputs, and gradients of sum(outputs * weighting) by parameters, state and inputs."""

    def loss(params, state, inputs):
        outputs = model.sequence(params, state, inputs)[1]
        return jnp.sum(outputs * given["weighting"]), outputs

    found, outputs = jax.jit(jax.grad(loss, argnums=(0, 1, 2), has_aux=True))(params, state, given["inputs"])
    return outputs, *found


def close(mine, theirs, atol=1e-5):
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=atol)


def check_golden(model, params, state, given, wanted):
    """Equality with a framework, whose weight gradients are given laid out as ours."""
    outputs, d_params, d_state, d_inputs = facts(model, params, state, given)
    close(outputs, given["outputs"])
    assert jax.tree.structure(d_params) == jax.tree.structure(wanted)
    for mine, theirs in zip(d_params, wanted, strict=True):
        assert mine.shape == theirs.shape
        close(mine, theirs, 2e-5)
    for name in d_state._fields:
        close(getattr(d_state, name), given[f"d_start_{name}"])
    close(d_inputs, given["d_inputs"])
