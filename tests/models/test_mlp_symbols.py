"""The MLP reads symbols as it reads their vectors, without making these vectors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.models.attention_family import assert_finite_differences, assert_forms_agree, drawn

from memspan.models import MLP


@pytest.mark.parametrize("window", [1, 3, 12])
def test_symbols_are_their_vectors(window):
    model, symbols = MLP(units=3, window=window), np.random.default_rng(0).integers(5, size=9)
    params, vectors = drawn(model), np.eye(5, dtype=np.float32)[symbols]
    read = jax.jit(model.sequence)
    for cut in (2, 9):
        by_symbol = read(params, model.initial_state(5), symbols[:cut])
        by_vector = read(params, model.initial_state(5), vectors[:cut])
        for one, other in zip(by_symbol, by_vector, strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("window", "cuts"), [(1, (3,)), (4, (0, 2))])
def test_forms_agree(window, cuts):
    assert_forms_agree(MLP(units=3, window=window), 7, cuts)


def test_finite_differences():
    assert_finite_differences(MLP(units=3, window=3))


def test_long_sequences_of_symbols_are_never_spread_out():
    """Ten thousand one-hot vectors of ten thousand numbers would be 400 megabytes."""
    model, many = MLP(units=3, window=2), 10_000
    params = jax.eval_shape(lambda: jax.tree.map(jnp.asarray, model.init(np.random.default_rng(0), many)))
    gradient = jax.grad(lambda p, s, x: jnp.sum(model.sequence(p, s, x)[1]))
    program = jax.jit(gradient).lower(params, model.initial_state(many), jnp.zeros(many, jnp.int32)).compile()
    assert program.memory_analysis().temp_size_in_bytes < 4e6
