"""memspan equals an LSTM of ten lines of NumPy, in double precision, for any weights and any sequence."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.cases import draw, flat
from tests.oracles.our_network import network_of

from memspan.models import unroll

SQUASH = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
}


def lstm(case, sequence):
    squash = SQUASH[case.gate]
    w, u, b, dense, bias = (weights.astype("f8") for weights in case.weights)
    h = c = np.zeros(case.units)
    outputs = []
    for symbol in sequence:
        i, f, g, o = np.split(w[symbol] + h @ u + b, 4)
        i, f, o = map(squash, (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        outputs.append(SQUASH["sigmoid"](h @ dense + bias))
    return np.array(outputs), h, c


@cache
def compiled(units, gate):
    network = network_of(draw(units, gate, 0))
    start = network.initial_state
    return jax.jit(lambda vector, symbols: network.sequence(vector, start, symbols))


def ours(case, symbols):
    state, logits = compiled(case.units, case.gate)(flat(case.weights), np.array(symbols))
    return 1 / (1 + np.exp(-np.asarray(logits, "f8"))), np.asarray(state[0].hidden), np.asarray(state[0].cell)


@settings(max_examples=60)
@given(
    units=st.sampled_from([1, 2, 7]),
    gate=st.sampled_from(["sigmoid", "hard_sigmoid"]),
    seed=st.integers(0, 2**32 - 1),
    symbols=st.lists(st.integers(0, 4), min_size=6, max_size=6),
)
def test_outputs_and_state_equal(units, gate, seed, symbols):
    case = draw(units, gate, seed)
    for mine, theirs in zip(ours(case, symbols), lstm(case, symbols), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("gate", ["sigmoid", "hard_sigmoid"])
def test_a_thousand_steps_stay_equal(gate):
    case, symbols = draw(20, gate, seed=3), np.arange(1000) * 7 % 5
    for mine, theirs in zip(ours(case, symbols), lstm(case, symbols), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_step_by_step_and_whole_are_one_function(seed):
    case, symbols = draw(3, "sigmoid", seed), [3, 0, 1, 2]
    network, vector = network_of(case), jnp.asarray(flat(case.weights))
    state, rows = network.initial_state, []
    for symbol in symbols:
        state, logits = network.step(vector, state, jnp.int32(symbol))
        rows.append(logits)
    whole = unroll(network.stack, network.layout.unravel(vector), network.initial_state, jnp.eye(5)[jnp.array(symbols)])
    np.testing.assert_allclose(np.array(rows), whole[1], rtol=0, atol=1e-6)
    np.testing.assert_allclose(state[0].cell, whole[0][0].cell, rtol=0, atol=1e-6)
