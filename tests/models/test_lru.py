"""The LRU against LRU-pytorch (golden values), the code of its paper, closed forms, and its initial values."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.models.lru import LRU

with np.load(Path(__file__).parents[1] / "oracles" / "golden_linear.npz", allow_pickle=False) as stored:
    GOLDEN = {name.removeprefix("lru/"): values for name, values in stored.items() if name.startswith("lru/")}

# A gate that is open and a value that is what came in: what is left is the linear layer.
OPEN = {
    "glu_kernel": np.concatenate([np.eye(3), np.zeros((3, 3))], axis=1).astype("f4"),
    "glu_bias": np.repeat([0, 50], 3).astype("f4"),
}


def test_the_linear_layer_is_that_of_lru_pytorch():
    weights = {name.removeprefix("weights/"): values for name, values in GOLDEN.items()}
    model = LRU(units=3, states=4)
    params = model.init(np.random.default_rng(0), 5)._replace(
        **{name: weights[name] for name in ("nu_log", "theta_log", "gamma_log")},
        input=np.concatenate([weights["B_re"], weights["B_im"]]).T,
        output=np.concatenate([weights["C_re"], weights["C_im"]], axis=1).T,
        skip=weights["D"].T,
        **OPEN,
    )
    outputs = model.sequence(params, model.initial_state(5), jnp.asarray(GOLDEN["inputs"]))[1]
    np.testing.assert_allclose(outputs, GOLDEN["outputs"], rtol=0, atol=1e-5)


def by_hand(p, inputs, h):
    """Orvieto et al. 2023, appendix A (forward), then the GLU of Dauphin et al. 2017, equation 1."""
    n = len(p.nu_log)
    lam = np.exp(-np.exp(p.nu_log) + 1j * np.exp(p.theta_log))
    b = (p.input[:, :n] + 1j * p.input[:, n:]).T * np.exp(p.gamma_log)[:, None]
    c = (p.output[:n] + 1j * p.output[n:]).T
    shown = []
    for x in inputs:
        h = lam * h + b @ x
        y = (c @ h).real + p.skip.T @ x
        value, gate = np.split(y @ p.glu_kernel + p.glu_bias, 2)
        shown.append(value / (1 + np.exp(-gate)))
    return np.array(shown), h


def test_it_is_its_equations():
    rng = np.random.default_rng(1)
    model = LRU(units=3, states=4, r_min=0.3, r_max=0.99)
    params = model.init(rng, 5)._replace(glu_bias=rng.standard_normal(6).astype("f4"))
    state = type(model.initial_state(5))(*rng.standard_normal((2, 4)).astype("f4"))
    inputs = rng.standard_normal((12, 5)).astype("f4")
    end, outputs = model.sequence(params, state, jnp.asarray(inputs))
    due, last = by_hand(params, inputs, state.real + 1j * state.imag)
    np.testing.assert_allclose(outputs, due, rtol=0, atol=1e-5)
    np.testing.assert_allclose(end.real + 1j * np.asarray(end.imag), last, rtol=0, atol=1e-5)


def test_what_is_left_of_an_impulse_is_a_power_of_the_eigenvalues():
    """Re(C lambda^k gamma B x) after k steps, a closed form."""
    model = LRU(units=3, states=2, r_min=0.9, r_max=0.999)
    params = model.init(np.random.default_rng(0), 4)._replace(**OPEN)
    inputs = np.zeros((200, 4), np.float32)
    inputs[0, 1] = 1
    outputs = model.sequence(params, model.initial_state(4), jnp.asarray(inputs))[1]
    lam = np.exp(-np.exp(np.float64(params.nu_log)) + 1j * np.exp(np.float64(params.theta_log)))
    drive = np.exp(params.gamma_log) * (params.input[1, :2] + 1j * params.input[1, 2:])
    states = lam ** np.arange(200)[:, None] * drive
    due = (states @ (params.output[:2] + 1j * params.output[2:])).real
    np.testing.assert_allclose(outputs[1:], due[1:], rtol=0, atol=2e-5)


@settings(max_examples=10)
@given(low=st.floats(0, 0.98), width=st.floats(0.01, 1), phase=st.floats(0.01, 6.28))
def test_eigenvalues_start_uniform_on_their_ring(low, width, phase):
    high = min(1.0, low + width)
    model = LRU(units=1, states=2000, r_min=low, r_max=high, max_phase=phase)
    params = model.init(np.random.default_rng(0), 1)
    values = np.asarray(model.eigenvalues(params), np.complex128)
    assert low - 1e-5 <= np.abs(values).min()
    assert np.abs(values).max() <= high + 1e-5
    even, bound = np.linspace(0, 1, 2000), 1.63 / np.sqrt(2000)  # Kolmogorov, one per cent
    share = (np.sort(np.abs(values)) ** 2 - low**2) / (high**2 - low**2)
    assert np.abs(share - even).max() < bound
    assert np.abs(np.sort(np.exp(params.theta_log)) / phase - even).max() < bound


def test_states_start_with_the_variance_of_their_drive():
    """What gamma is for: white noise of variance one gives every state number the variance of B x, here one."""
    model = LRU(units=2, states=50, r_min=0.5, r_max=0.98)
    params = model.init(np.random.default_rng(0), 30)
    moduli = np.abs(np.asarray(model.eigenvalues(params)))
    np.testing.assert_allclose(np.exp(2 * params.gamma_log), 1 - moduli**2, rtol=1e-4)
    noise = np.random.default_rng(1).standard_normal((4000, 30)).astype("f4")
    drive = np.asarray(model._drive(params, jnp.asarray(noise)))
    spread = np.var(drive, axis=0) / (1 - moduli**2)
    assert np.mean(spread) == pytest.approx(1, abs=0.08)
    variances = [np.var(part) for part in (params.input, params.output, params.skip)]
    np.testing.assert_allclose(variances, [0.5 / 30, 1 / 50, 1 / 30], rtol=0.25)


@settings(max_examples=20)
@given(nu=st.floats(-8, 4), theta=st.floats(-20, 3))
def test_no_weights_make_it_unstable(nu, theta):
    model = LRU(units=1, states=1)
    params = model.init(np.random.default_rng(0), 1)._replace(nu_log=np.float32([nu]), theta_log=np.float32([theta]))
    assert float(np.abs(model.eigenvalues(params))[0]) < 1


@pytest.mark.parametrize("seed", range(3))
def test_the_extreme_ring_has_finite_gradients(seed):
    model = LRU(units=2, states=400, r_min=0.0, r_max=1.0)
    params = model.init(np.random.default_rng(seed), 2)
    assert all(np.isfinite(leaf).all() for leaf in params)
    step = jax.jit(jax.grad(lambda p: jnp.sum(model.step(p, model.initial_state(2), jnp.ones(2))[1])))
    assert all(np.isfinite(leaf).all() for leaf in step(params))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"r_min": 0.9, "r_max": 0.5}, "r_min and r_max must satisfy"),
        ({"r_max": 1.5}, "r_min and r_max must satisfy"),
        ({"max_phase": 0.0}, "max_phase must be a number above 0"),
        ({"states": 0}, "states must be a whole number of at least 1"),
    ],
)
def test_settings_are_checked(wrong, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        LRU(**wrong)
