"""The Transformer against transformers' Llama, finite differences and what a window may see."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.attention_family import (
    assert_equals_golden,
    assert_finite_differences,
    assert_forms_agree,
    drawn,
    inputs_of,
    reach,
)

from memspan.core.errors import InvalidInput
from memspan.models.rotary import rotary
from memspan.models.size import size
from memspan.models.transformer import Transformer

SMALL = Transformer(units=4, heads=2, context=4, inner_units=3)


@pytest.mark.parametrize(("case", "context"), [("transformer", 9), ("transformer", 100), ("transformer, window", 4)])
def test_equals_the_decoder_layer_of_llama(case, context):
    """A context as long as the sequence or longer, and a window of four steps in blocks, the last one not full."""
    assert assert_equals_golden(Transformer(4, 2, context, inner_units=3), case) == 12


@pytest.mark.parametrize(("context", "time", "cuts"), [(1, 4, (2,)), (4, 11, (0, 2)), (20, 11, (5,))])
def test_forms_agree(context, time, cuts):
    assert_forms_agree(Transformer(4, 2, context, inner_units=3), time, cuts)


@pytest.mark.parametrize("context", [1, 4, 30])
def test_each_output_depends_on_its_window_and_on_nothing_else(context):
    derivatives = reach(Transformer(4, 2, context, inner_units=3))
    row, column = np.indices(derivatives.shape)
    window = (column <= row) & (column > row - context)
    assert not derivatives[~window].any()
    assert (derivatives[window] > 1e-7).all()


def test_finite_differences():
    assert_finite_differences(SMALL)


READ = jax.jit(SMALL.sequence)


@settings(max_examples=20)
@given(n_before=st.integers(0, 3), seed=st.integers(0, 999))
def test_only_distances_matter(n_before, seed):
    """The same four inputs give the same output wherever they stand, in whichever block, after any past."""
    params, inputs = drawn(SMALL, seed), inputs_of(11, seed)
    _, first = READ(params, SMALL.initial_state(5), inputs)
    moved = np.concatenate([3 * inputs_of(n_before, seed + 1), inputs])[:11]
    _, second = READ(params, SMALL.initial_state(5), moved)
    np.testing.assert_allclose(second[n_before + 3 :], first[3 : 11 - n_before], rtol=0, atol=1e-5)


def test_a_far_position_is_as_exact_as_a_near_one():
    """After a hundred thousand steps, the last four inputs give what they give at the beginning, to the last digits."""
    params, inputs = drawn(SMALL), inputs_of(100_004)
    state, far = READ(params, SMALL.initial_state(5), inputs)
    _, near = READ(params, SMALL.initial_state(5), inputs[-4:])
    np.testing.assert_allclose(far[-1], near[-1], rtol=0, atol=2e-6)
    assert float(state.seen) == 3


def test_rotations_keep_lengths_and_angles_between_equal_distances():
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((2, 1, 1, 6)).astype(np.float32)
    rows = [rotary(jnp.tile(vector, (50, 1, 1)))[:, 0] for vector in (one, other)]
    np.testing.assert_allclose(np.linalg.norm(rows[0], axis=1), np.linalg.norm(one), rtol=1e-6)
    products = np.asarray(rows[0] @ rows[1].T)
    for distance in (-20, -1, 0, 1, 20):
        assert np.ptp(np.diag(products, distance)) < 1e-5
    assert np.ptp(products[0]) > 0.1
    # The same pairs as complex numbers, turned: Su et al. 2021, equation 12.
    pairs = one[0, 0, :3] + 1j * one[0, 0, 3:]
    turned = pairs * np.exp(1j * 7 * 10_000.0 ** (-np.arange(3) / 3))
    np.testing.assert_allclose(rows[0][7], np.concatenate([turned.real, turned.imag]), atol=1e-6)
    np.testing.assert_allclose(rotary(jnp.asarray(one), first=7)[0, 0], rows[0][7], atol=1e-6)


def test_memory_grows_with_time_and_not_with_its_square():
    model, params = Transformer(units=4, heads=2, context=16), drawn(Transformer(units=4, heads=2, context=16))
    gradient = jax.grad(lambda params, x: jnp.sum(model.sequence(params, model.initial_state(5), x)[1]))

    def needed(time):
        program = jax.jit(gradient).lower(params, np.zeros((time, 5), np.float32)).compile()
        return program.memory_analysis().temp_size_in_bytes

    assert needed(8192) / needed(2048) == pytest.approx(4, rel=0.05)  # with the square it would be 16


def test_starts_with_glorot_weights_and_reports_its_size():
    model = Transformer(units=100, heads=2, context=8)
    params = model.init(np.random.default_rng(0), 20)
    assert params.inner.shape == (100, 267)
    assert params.attention_norm.tolist() == params.inner_norm.tolist() == [1.0] * 100
    for name, values in params._asdict().items():
        if not name.endswith("norm"):
            assert np.abs(values).max() <= np.float32((6 / sum(values.shape)) ** 0.5), name
            assert np.var(values) == pytest.approx(2 / sum(values.shape), rel=0.05), name
    parameters = 20 * 100 + 4 * 100**2 + 3 * 100 * 267 + 2 * 100
    assert size(model, 20) == (parameters, 2 * 7 * 100 + 1, 0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"units": 6}, "units / heads must be even, .* got 6 / 2; use units=8"),
        ({"context": 0}, "context must be a whole number of at least 1"),
        ({"inner_units": 0}, "inner_units"),
    ],
)
def test_wrong_settings_are_refused(wrong, said):
    with pytest.raises(InvalidInput, match=said):
        Transformer(**wrong)
