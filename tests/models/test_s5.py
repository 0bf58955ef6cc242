"""S5 against s5-pytorch (golden values), a matrix exponential, and HiPPO-N with its real state."""

from __future__ import annotations

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.models.s5 import S5, hippo_normal

with np.load(Path(__file__).parents[1] / "oracles" / "golden_linear.npz", allow_pickle=False) as stored:
    GOLDEN = {name.removeprefix("s5/"): values for name, values in stored.items() if name.startswith("s5/")}


def gated(y, gate):
    """Smith et al. 2023, appendix G.1: GELU(y) sigmoid(W GELU(y)); GELU in its tanh form, as in their code."""
    y = np.asarray(y, np.float64)
    shown = 0.5 * y * (1 + np.tanh(np.sqrt(2 / np.pi) * (y + 0.044715 * y**3)))
    return shown / (1 + np.exp(-shown @ gate))


def test_the_state_space_is_that_of_s5_pytorch_which_keeps_whole_pairs():
    weights = {name.removeprefix("weights/"): values for name, values in GOLDEN.items()}
    model = S5(units=4, states=3)
    drawn = model.init(np.random.default_rng(0), 4)
    params = drawn._replace(
        log_decay=np.log(-weights["rate_real"]),
        frequency=weights["rate_imag"],
        log_step=weights["log_step"],
        input=np.concatenate([weights["input_real"], weights["input_imag"]]).T,
        output=np.concatenate([weights["output_real"], weights["output_imag"]], axis=1).T,
        skip=np.diag(weights["skip"]),
    )
    outputs = model.sequence(params, model.initial_state(4), jnp.asarray(GOLDEN["inputs"]))[1]
    np.testing.assert_allclose(outputs, gated(GOLDEN["outputs"], params.gate), rtol=1e-5, atol=1e-5)
    assert np.abs(GOLDEN["outputs"]).max() > 1


def test_it_starts_with_the_eigenvalues_of_s5_pytorch():
    params = S5(units=2, states=3).init(np.random.default_rng(0), 2)
    np.testing.assert_allclose(np.exp(params.log_decay), -GOLDEN["initial/decays"][:3], rtol=1e-5)
    np.testing.assert_allclose(params.frequency, GOLDEN["initial/frequencies"][3:], rtol=1e-5)


@given(size=st.integers(1, 12))
def test_hippo_normal_is_hippo_plus_its_low_rank_part(size):
    """Gu et al. 2020, equation 2 (LegS), plus P P^T with P(n) = sqrt(n + 1/2); its eigenvalues lie at -1/2."""
    n = np.arange(size)[:, None]
    k = n.T
    legs = -np.where(n > k, np.sqrt((2 * n + 1) * (2 * k + 1)), np.where(n == k, n + 1, 0))
    np.testing.assert_allclose(hippo_normal(size), legs + np.sqrt((n + 0.5) * (k + 0.5)), atol=1e-9)
    np.testing.assert_allclose(np.linalg.eigvals(hippo_normal(size)).real, -0.5, atol=1e-9)


def test_it_starts_as_a_real_hippo_system():
    """With one step for all, h(t) = e^(A d) h(t-1) + A^-1 (e^(A d) - 1) B x(t) with A real, from the same draws."""
    step, states, n_inputs = 0.07, 3, 4
    model = S5(units=2, states=states, shortest_step=step, longest_step=step)
    params = model.init(np.random.default_rng(3), n_inputs)
    rng = np.random.default_rng(3)
    b = rng.standard_normal((n_inputs, 2 * states)).T / np.sqrt(n_inputs)
    c = rng.standard_normal((2, 2 * states)) / np.sqrt(2 * states)
    a = hippo_normal(2 * states)
    decay = scipy.linalg.expm(a * step)
    gain = np.linalg.solve(a, decay - np.eye(2 * states)) @ b
    inputs = np.random.default_rng(4).standard_normal((40, n_inputs)).astype("f4")
    h, due = np.zeros(2 * states), []
    for x in inputs:
        h = decay @ h + gain @ x
        due.append(c @ h + x @ params.skip)
    outputs = model.sequence(params, model.initial_state(n_inputs), jnp.asarray(inputs))[1]
    np.testing.assert_allclose(outputs, gated(due, params.gate), rtol=0, atol=2e-5)


@settings(max_examples=20)
@given(decay=st.floats(-5, 5), frequency=st.floats(-20, 20), step=st.floats(-7, 2))
def test_zero_order_hold_is_exact_and_never_unstable(decay, frequency, step):
    """The gain is what a constant input adds during a step: here by a matrix exponential of input and state."""
    model = S5(units=1, states=1)
    params = model.init(np.random.default_rng(0), 1)._replace(
        log_decay=np.float32([decay]), frequency=np.float32([frequency]), log_step=np.float32([step])
    )
    kept, gain = (complex(value[0]) for value in model.discrete(params))
    rate = -np.exp(np.float64(np.float32(decay))) + 1j * np.float64(np.float32(frequency))
    whole = scipy.linalg.expm(np.array([[rate, 1], [0, 0]]) * np.exp(np.float64(np.float32(step))))
    assert abs(kept) <= 1
    assert abs(kept - whole[0, 0]) < 1e-4
    assert abs(gain - whole[0, 1]) < 1e-3 * abs(whole[0, 1]) + 1e-5


def test_initial_steps_and_variances():
    params = S5(units=40, states=100).init(np.random.default_rng(0), 30)
    spread = np.log(np.sort(np.exp(params.log_step)) / 0.001) / np.log(100)  # log-uniform
    assert np.abs(spread - np.linspace(0, 1, 100)).max() < 1.63 / 10  # Kolmogorov, one per cent
    assert (params.frequency > 0).all()
    # Eigenvectors have length one, so that the variance of the real and imaginary part sum to that of the draw.
    variances = [2 * np.var(params.input), 2 * np.var(params.output), np.var(params.skip), np.var(params.gate)]
    np.testing.assert_allclose(variances, [1 / 30, 1 / 200, 1 / 30, 1 / 40], rtol=0.15)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"shortest_step": 0.2}, "shortest_step and longest_step must satisfy"),
        ({"shortest_step": 0.0}, "shortest_step and longest_step must satisfy"),
        ({"states": 0}, "states must be a whole number of at least 1"),
    ],
)
def test_settings_are_checked(wrong, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        S5(**wrong)
