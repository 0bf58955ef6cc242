"""The linear recurrence against a loop in NumPy, its gradient against a loop that JAX differentiates."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.models.linear_scan import linear_scan

KINDS = pytest.mark.parametrize("kind", ["real", "complex"])
FORMS = pytest.mark.parametrize("parallel", [False, True])


def by_hand(decay, drive, start):
    """h(t) = decay(t) h(t-1) + drive(t)."""
    states, state = [], np.asarray(start, np.complex128)
    for a, b in zip(decay, drive, strict=True):
        state = a * state + b
        states.append(state)
    return np.array(states).reshape(drive.shape)


def drawn(kind, time, shape=(3,), seed=0):
    """Decays in the unit disk, some of them exactly zero or one."""
    rng = np.random.default_rng(seed)
    decay = rng.uniform(0, 1, (time, *shape))
    drive, start = rng.standard_normal((time, *shape)), rng.standard_normal(shape)
    if kind == "complex":
        decay = decay * np.exp(1j * rng.uniform(0, 6, decay.shape))
        drive, start = drive + 1j * rng.standard_normal(drive.shape), start - 2j * start
    pick = rng.uniform(size=decay.shape)
    decay[pick < 0.1], decay[pick > 0.9] = 0, 1
    return tuple(part.astype("f4" if kind == "real" else "c8") for part in (decay, drive, start))


@KINDS
@FORMS
@settings(max_examples=10)
@given(place=st.sampled_from([0, 1, 5, 11]), seed=st.integers(0, 99))
def test_it_is_the_loop_wherever_it_is_cut(kind, parallel, place, seed):
    decay, drive, start = drawn(kind, 11, seed=seed)
    due = by_hand(decay, drive, start)
    end, states = linear_scan(decay, drive, start, parallel)
    np.testing.assert_allclose(states, due, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(end, states[-1])
    middle, early = linear_scan(decay[:place], drive[:place], start, parallel)
    last, late = linear_scan(decay[place:], drive[place:], middle, parallel)
    np.testing.assert_allclose(np.concatenate([early, late]), due, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(last, late[-1] if place < 11 else middle)


@FORMS
def test_no_steps_change_nothing(parallel):
    end, states = linear_scan(jnp.zeros((0, 2)), jnp.zeros((0, 2)), np.array([1, 2], "f4"), parallel)
    assert (end.tolist(), states.shape) == ([1, 2], (0, 2))


@FORMS
def test_decay_one_sums_and_decay_zero_forgets(parallel):
    drive = np.arange(12, dtype=np.float32).reshape(6, 2)
    start = np.array([100.0, 200.0], np.float32)
    kept = linear_scan(np.ones_like(drive), drive, start, parallel)[1]
    np.testing.assert_array_equal(kept, start + drive.cumsum(axis=0))
    np.testing.assert_array_equal(linear_scan(np.zeros_like(drive), drive, start, parallel)[1], drive)


@KINDS
@FORMS
def test_gradients_are_those_of_a_plain_loop(kind, parallel):
    """First and second derivatives, by decay, drive and start, of all states and the last one again."""
    values = drawn(kind, 7, (2,))
    weights = drawn(kind, 8, (2,), seed=1)[1]

    def plain(decay, drive, start):
        end, states = jax.lax.scan(lambda h, now: (now[0] * h + now[1],) * 2, start, (decay, drive))
        return end, states

    def cost(form):
        def value(decay, drive, start):
            end, states = form(decay, drive, start)
            return jnp.sum(jnp.abs(states - weights[:-1]) ** 2) + jnp.sum((end * weights[-1]).real)

        return value

    def first_and_second(form):
        gradient = jax.grad(cost(form), argnums=(0, 1, 2))
        second = jax.grad(lambda *at: sum(jnp.sum(jnp.abs(part) ** 2) for part in gradient(*at)), argnums=(0, 1, 2))
        return jax.jit(lambda *at: (gradient(*at), second(*at)))(*values)

    ours = jax.tree.leaves(first_and_second(lambda *at: linear_scan(*at, parallel)))
    due = jax.tree.leaves(first_and_second(plain))
    for mine, theirs in zip(ours, due, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())


@FORMS
def test_rounding_does_not_add_up_over_a_thousand_steps(parallel):
    rng = np.random.default_rng(0)
    decay, drive = rng.uniform(0.999, 1, (1000, 2)).astype("f4"), rng.standard_normal((1000, 2)).astype("f4")
    states = jax.jit(linear_scan, static_argnums=3)(decay, drive, np.zeros(2, "f4"), parallel)[1]
    due = by_hand(decay.astype("f8"), drive.astype("f8"), np.zeros(2)).real
    assert np.abs(states - due).max() < 1e-5 * np.abs(due).max()


def test_a_cpu_gets_the_loop_and_the_parallel_form_has_none():
    shown = {
        parallel: str(jax.make_jaxpr(lambda a, p=parallel: linear_scan(a, a, a[0], p))(jnp.ones((64, 2))))
        for parallel in (None, False, True)
    }
    assert jax.default_backend() == "cpu"
    assert ["scan[" in shown[parallel] for parallel in (None, False, True)] == [True, True, False]
