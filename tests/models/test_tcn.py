"""The TCN against convolutions of PyTorch, finite differences and its receptive field."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from tests.models.attention_family import (
    assert_equals_golden,
    assert_finite_differences,
    assert_forms_agree,
    drawn,
    inputs_of,
    reach,
)

from memspan.core.errors import InvalidInput
from memspan.models.size import size
from memspan.models.tcn import TCN

SMALL = TCN(units=4, kernel=2, dilations=(1, 3))


def test_equals_convolutions_of_pytorch():
    assert assert_equals_golden(SMALL, "tcn") == 12


@pytest.mark.parametrize(
    ("model", "cuts"), [(SMALL, (0, 2)), (TCN(3, kernel=3, dilations=(2, 1)), (5,)), (TCN(3, 1, (1,)), (2,))]
)
def test_forms_agree(model, cuts):
    assert_forms_agree(model, 11, cuts)


@pytest.mark.parametrize(("kernel", "dilations"), [(2, (1, 3)), (3, (1, 2)), (1, (4,))])
def test_each_output_depends_on_its_receptive_field_and_on_nothing_else(kernel, dilations):
    """With as many units as here, some path of open ReLUs reaches its end."""
    model = TCN(units=16, kernel=kernel, dilations=dilations)
    derivatives = reach(model)
    row, column = np.indices(derivatives.shape)
    field = (column <= row) & (column > row - model.receptive_field)
    assert model.receptive_field == 1 + 2 * (kernel - 1) * sum(dilations)
    assert not derivatives[~field].any()
    assert (np.diag(derivatives) > 0).all()
    assert np.diag(derivatives, 1 - model.receptive_field).any()


def test_finite_differences():
    assert_finite_differences(SMALL, time=7)


def test_symbols_are_their_vectors():
    params, symbols = drawn(SMALL), np.random.default_rng(0).integers(5, size=9)
    vectors = np.eye(5, dtype=np.float32)[symbols]
    read = jax.jit(SMALL.sequence)
    for cut in (2, 9):
        by_symbol = read(params, SMALL.initial_state(5), symbols[:cut])
        by_vector = read(params, SMALL.initial_state(5), vectors[:cut])
        for one, other in zip(*map(jax.tree.leaves, (by_symbol, by_vector)), strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


def test_the_state_is_the_inputs_that_convolutions_still_see():
    assert size(SMALL, 5) == (2 * 5 * 4 + 4 + 3 * (2 * 16 + 4) + 5 * 4 + 4, (1 * 5 + 1 * 4) + 2 * (3 * 4), 0)
    inputs = inputs_of(6)
    state, _ = jax.jit(SMALL.sequence)(drawn(SMALL), SMALL.initial_state(5), inputs)
    np.testing.assert_array_equal(state[0].first, inputs[-1:])


def test_starts_as_convolutions_of_pytorch_start():
    params = TCN(units=50, kernel=3, dilations=(1, 2)).init(np.random.default_rng(0), 20)
    assert params[1].skip is None
    assert params[1].skip_bias is None
    for block, width in zip(params, (20, 50), strict=True):
        for kernel, bias, fan_in in (
            (block.first, block.first_bias, 3 * width),
            (block.second, block.second_bias, 150),
            (block.skip, block.skip_bias, width),
        ):
            for values in (kernel, bias) if kernel is not None else ():
                assert np.abs(values).max() <= np.float32(fan_in**-0.5)
                assert np.var(values) == pytest.approx(1 / (3 * fan_in), rel=0.06 if values.size > 50 else 0.5)


@pytest.mark.parametrize(
    ("wrong", "said"), [({"dilations": ()}, "dilations"), ({"kernel": 0}, "kernel"), ({"dilations": (1, 0)}, "dilat")]
)
def test_wrong_settings_are_refused(wrong, said):
    with pytest.raises(InvalidInput, match=said):
        TCN(**wrong)
