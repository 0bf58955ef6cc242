"""Keras and PyTorch run here and now: memspan equals them, and golden.npz is what they give today."""

from __future__ import annotations

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from tests.oracles import keras_oracle, our_network, torch_oracle
from tests.oracles.cases import CASES, draw, flat, met
from tests.oracles.make_golden import generate

pytestmark = pytest.mark.extended


ORACLES = {"keras": keras_oracle, "torch": torch_oracle}


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize("settings", [*CASES.values(), (1, "sigmoid", 5), (33, "hard_sigmoid", 6)])
def test_equals_live(oracle, settings):
    case = draw(*settings)
    theirs, ours = ORACLES[oracle].facts(case), our_network.facts(case)
    theirs["online_losses"] = met(theirs["online_losses"])
    assert set(ours) == set(theirs)
    for fact, wanted in theirs.items():
        np.testing.assert_allclose(ours[fact], wanted, rtol=0, atol=1e-5, err_msg=fact)


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize("seed", [0, 7])
def test_equals_live_from_our_own_initial_weights(oracle, seed):
    network = our_network.network_of(draw(20, "sigmoid", 0))
    lstm, dense = network.layout.unravel(jnp.asarray(network.draw(seed)))
    case = our_network.Case(20, "sigmoid", *map(np.asarray, (*lstm, *dense)))
    np.testing.assert_array_equal(flat(case.weights), network.draw(seed))
    theirs, ours = ORACLES[oracle].facts(case), our_network.facts(case)
    for fact in ("outputs", "gradients", "online_weights", "bptt_weights"):
        np.testing.assert_allclose(ours[fact], theirs[fact], rtol=0, atol=1e-5, err_msg=fact)


def test_the_golden_values_are_those_of_today():
    with np.load(Path(__file__).with_name("golden.npz"), allow_pickle=False) as stored:
        golden = dict(stored)
    fresh = generate()
    assert set(fresh) == set(golden)
    for name, values in fresh.items():
        np.testing.assert_allclose(golden[name], values, rtol=0, atol=1e-5, err_msg=name)


def test_pytorch_adds_epsilon_elsewhere():
    # Why KerasAdam exists: PyTorch's own defaults move a weight with a tiny gradient more than Keras does.
    import torch

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.full((1,), 1e-7)
    torch.optim.Adam([weight]).step()
    gradient, epsilon = 1e-7, 1e-7
    keras = -0.001 * gradient / (gradient + epsilon / (1 - 0.999) ** 0.5)
    assert weight.item() == pytest.approx(-0.001 * gradient / (gradient + 1e-8), rel=1e-4)
    assert weight.item() / keras > 10
