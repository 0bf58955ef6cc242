"""Mamba against the Mixer of transformers (golden values), the paper's equations, and its initial values."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from memspan.core.errors import InvalidInput
from memspan.models.mamba import BLOCK, Mamba, MambaParams

with np.load(Path(__file__).parents[1] / "oracles" / "golden_linear.npz", allow_pickle=False) as stored:
    GOLDEN = dict(stored)

CASES = {"mamba": Mamba(units=4, states=3), "mamba, two ranks": Mamba(units=17, states=2, expand=1, kernel=3)}


def stored_params(case, kind="weights"):
    """The reference's arrays as ours: its kernels are transposed, its convolution has an axis of one."""
    get = {name.split("/")[-1]: values for name, values in GOLDEN.items() if name.startswith(f"{case}/{kind}/")}
    return MambaParams(
        input=get["in_proj.weight"].T,
        conv_kernel=get["conv1d.weight"][:, 0].T,
        conv_bias=get["conv1d.bias"],
        select=get["x_proj.weight"].T,
        step_kernel=get["dt_proj.weight"].T,
        step_bias=get["dt_proj.bias"],
        log_decay=get["A_log"],
        skip=get["D"],
        output=get["out_proj.weight"].T,
    )


@pytest.mark.parametrize("case", CASES)
def test_outputs_and_gradients_are_those_of_transformers(case):
    model, params = CASES[case], stored_params(case)
    inputs, weights = jnp.asarray(GOLDEN[f"{case}/inputs"]), GOLDEN[f"{case}/loss_weights"]
    state = model.initial_state(model.units)

    def cost(params, inputs):
        outputs = model.sequence(params, state, inputs)[1]
        return jnp.sum(outputs * weights), outputs

    (_, outputs), (by_params, by_inputs) = jax.jit(jax.value_and_grad(cost, argnums=(0, 1), has_aux=True))(
        params, inputs
    )
    np.testing.assert_allclose(outputs, GOLDEN[f"{case}/outputs"], rtol=1e-5, atol=1e-5)
    due = {**stored_params(case, "gradients")._asdict(), "inputs": GOLDEN[f"{case}/gradients/inputs"]}
    for name, mine in {**by_params._asdict(), "inputs": by_inputs}.items():
        largest = np.abs(due[name]).max()
        np.testing.assert_allclose(mine, due[name], rtol=0, atol=1e-5 * largest, err_msg=name)
        assert largest > 1e-3, name


def silu(x):
    return x / (1 + np.exp(-x))


def by_hand(params, inputs, states):
    """Gu and Dao 2023, figure 3 and algorithm 2 with equations 2 and 4, a loop over channels and states."""
    p = MambaParams(*(np.asarray(part, np.float64) for part in params))
    kernel, channels = p.conv_kernel.shape
    rank, past = p.step_kernel.shape[0], [np.zeros(channels)] * kernel
    memory, shown = np.zeros((channels, states)), []
    for x in inputs.astype(np.float64):
        u, z = np.split(x @ p.input, 2)
        past = [*past[1:], u]
        u = silu(sum(w * old for w, old in zip(p.conv_kernel, past, strict=True)) + p.conv_bias)
        low, b, c = np.split(u @ p.select, [rank, rank + states])
        step = np.log1p(np.exp(low @ p.step_kernel + p.step_bias))
        y = np.zeros(channels)
        for d in range(channels):
            for n in range(states):
                memory[d, n] = np.exp(-step[d] * np.exp(p.log_decay[d, n])) * memory[d, n] + step[d] * b[n] * u[d]
            y[d] = c @ memory[d] + p.skip[d] * u[d]
        shown.append((y * silu(z)) @ p.output)
    return np.array(shown), memory


def test_it_is_its_equations_where_inputs_and_outputs_differ_in_number():
    rng = np.random.default_rng(0)
    model = Mamba(units=3, states=2)
    params = MambaParams(*(rng.standard_normal(part.shape).astype("f4") for part in model.init(rng, 5)))
    inputs = rng.standard_normal((9, 5)).astype("f4")
    end, outputs = jax.jit(model.sequence)(params, model.initial_state(5), jnp.asarray(inputs))
    due, memory = by_hand(params, inputs, 2)
    np.testing.assert_allclose(outputs, due, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(end.memory, memory, rtol=1e-5, atol=1e-4)


def test_blocks_change_nothing():
    """A sequence of three blocks, none of them full, has the outputs and gradients of its steps."""
    rng = np.random.default_rng(0)
    model = Mamba(units=2, states=2)
    params, state = model.init(rng, 3), jax.tree.map(lambda leaf: leaf + 0.5, model.initial_state(3))
    inputs = jnp.asarray(rng.standard_normal((2 * BLOCK + 9, 3)).astype("f4"))

    def by_steps(params, state, inputs):
        return jax.lax.scan(lambda before, x: model.step(params, before, x), state, inputs)

    def facts(form):
        def cost(params, state):
            end, outputs = form(params, state, inputs)
            return jnp.sum(outputs**2) + jnp.sum(end.memory), (end, outputs)

        return jax.jit(jax.grad(cost, argnums=(0, 1), has_aux=True))(params, state)

    for mine, due in zip(jax.tree.leaves(facts(model.sequence)), jax.tree.leaves(facts(by_steps)), strict=True):
        np.testing.assert_allclose(mine, due, rtol=1e-4, atol=1e-5 * max(1, np.abs(due).max()))


def test_initial_values_are_those_of_the_reference():
    params = Mamba(units=200, states=4).init(np.random.default_rng(0), 5)
    steps = np.sort(np.log1p(np.exp(params.step_bias.astype(np.float64))))
    assert 0.000999 < steps[0] < steps[-1] < 0.1001
    spread = np.log(steps / 0.001) / np.log(100)  # log-uniform
    assert np.abs(spread - np.linspace(0, 1, 400)).max() < 1.63 / 20  # Kolmogorov, one per cent
    np.testing.assert_allclose(np.exp(params.log_decay), np.tile([1, 2, 3, 4], (400, 1)), rtol=1e-6)
    assert (params.skip == 1).all()
    assert not params.conv_bias.any()
    for kernel, fan in ((params.input, 5), (params.conv_kernel, 4), (params.select, 400), (params.step_kernel, 13)):
        assert 0.95 * fan**-0.5 < np.abs(kernel).max() <= np.float32(fan**-0.5)


def test_the_reference_starts_alike():
    """Deterministic initial values of the Mixer itself, and the range of its drawn steps."""
    for case, model in CASES.items():
        np.testing.assert_allclose(
            model.init(np.random.default_rng(0), 3).log_decay, GOLDEN[f"{case}/initial/A_log"], rtol=1e-6
        )
        assert (GOLDEN[f"{case}/initial/D"] == 1).all()
        steps = np.log1p(np.exp(GOLDEN[f"{case}/initial/dt_proj.bias"].astype(np.float64)))
        assert ((steps > 0.000999) & (steps < 0.1001)).all()
        assert np.abs(GOLDEN[f"{case}/initial/dt_proj.weight"]).max() <= model.rank**-0.5


def test_settings_are_checked():
    with pytest.raises(InvalidInput, match="kernel must be a whole number of at least 1, but got 0"):
        Mamba(kernel=0)
