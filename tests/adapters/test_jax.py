"""Modules of Equinox and Flax behind our door: the same numbers as the libraries' own, trained by our own engine."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from equinox.nn import GRUCell
from tests.adapters import jax_users

import memspan as ms
from memspan.adapters import Jax
from memspan.core.status import Status
from memspan.models.elman import ElmanParams

USERS = "tests.adapters.jax_users:"


@dataclass(frozen=True)
class ByHand(ms.models.AbstractModel):
    """The cell of the page on models of one's own."""

    n_outputs: int

    def init(self, rng, n_inputs):
        return jax.tree.map(np.asarray, GRUCell(n_inputs, self.n_outputs, key=jax.random.key(rng.integers(2**31))))

    def initial_state(self, n_inputs):
        return np.zeros(self.n_outputs, "float32")

    def step(self, cell, state, x):
        return (s := cell(x, state)), s


def trained(model, rule=None, epochs=8, **settings):
    return ms.train(ms.problems.Conflict(), model, rule or ms.rules.BPTT(), seeds=2, epochs=epochs, **settings)


@pytest.mark.extended
def test_every_form_of_an_equinox_module_learns_as_one_written_out_by_hand():
    expected = trained(ByHand(6))
    for name, settings in (("gru", {}), ("Stepwise", {}), ("Whole", {"whole": True})):
        found = trained(Jax(USERS + name, hidden=6, **settings))
        np.testing.assert_allclose(found.loss, expected.loss, atol=1e-6, err_msg=name)
        np.testing.assert_allclose(found.weights, expected.weights, atol=1e-5, err_msg=name)


def test_a_model_of_ours_stays_what_it_is():
    found, expected = trained(Jax(USERS + "ours", hidden=4)), trained(ms.models.GRU(4))
    assert found.weights.tobytes() == expected.weights.tobytes()


@pytest.mark.parametrize("name", ["gru", pytest.param("lstm", marks=pytest.mark.extended), "Stepwise"])
def test_it_keeps_the_contract_of_our_models(name):
    ms.testing.check_model(Jax(USERS + name, hidden=3))


def test_an_lstm_cell_shows_its_hidden_state_and_learns_under_exact_online_rules():
    model = Jax(USERS + "lstm", hidden=3)
    params = model.init(np.random.default_rng(0), 2)
    (hidden, cell), shown = model.step(params, model.initial_state(2), jnp.ones(2))
    assert shown.tolist() == hidden.tolist() != cell.tolist()
    assert np.isfinite(trained(model, ms.rules.RTRL(), epochs=1).loss).all()


@dataclass(frozen=True)
class FixedElman(ms.models.Elman):
    def init(self, rng, n_inputs):
        rng.integers(2**31)  # where theirs draws a key, so that both read-outs are drawn alike
        kernel, recurrent, bias = jax_users.elman(n_inputs, self.units)[0](None)[0].values()
        return ElmanParams(kernel, recurrent, bias)


@pytest.mark.parametrize(("name", "settings"), [("elman", {}), ("elman_whole", {"whole": True})])
def test_a_pair_of_functions_learns_as_our_elman_network_does(name, settings):
    found, expected = (trained(each) for each in (Jax(USERS + name, units=5, **settings), FixedElman(5)))
    assert found.failures == () == expected.failures
    np.testing.assert_allclose(found.loss, expected.loss, atol=1e-6)
    np.testing.assert_allclose(found.weights, expected.weights, atol=1e-5)


def test_what_reads_whole_sequences_learns_by_bptt_only():
    with pytest.raises(ms.InvalidInput, match=r"rule must be BPTT, .* reads whole sequences, but got Online"):
        trained(Jax(USERS + "Whole", whole=True), ms.rules.Online())


FAILS = {
    "hangs": "hangs was stopped at jax_users.py, line",
    "linear": "Linear of tests.adapters.jax_users:linear (jax_users.py, line",
    "Late": "KeyError: 'late'",
    "stateless": "init of tests.adapters.jax_users:stateless (jax_users.py, line",
}


@pytest.mark.parametrize("name", FAILS)
def test_a_broken_module_ends_in_one_sentence(name):
    runs = trained(Jax(USERS + name, time_limit=0.5 if name == "hangs" else 60.0))
    assert FAILS[name] in runs.failures[0]
    assert "jax_users.py, line" in runs.failures[0]
    assert runs.status == (Status.FAILED, Status.FAILED)
    assert np.isnan(runs.loss).all()


@pytest.mark.extended
@pytest.mark.parametrize("name", ["linen", "nnx"])
def test_a_cell_of_flax_gives_what_flax_gives(name):
    from flax import linen, nnx

    model, xs = Jax(USERS + name, hidden=4), np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    params = model.init(np.random.default_rng(1), 3)
    _, found = model.sequence(params, jax.tree.map(jnp.asarray, model.initial_state(3)), jnp.asarray(xs))
    key = jax.random.key(int(np.random.default_rng(1).integers(2**31)))
    if name == "linen":
        expected = linen.RNN(linen.GRUCell(features=4)).apply({"params": {"cell": params["params"]}}, xs)
    else:
        expected = nnx.RNN(jax_users.nnx(3, nnx.Rngs(key), hidden=4), rngs=nnx.Rngs(0))(xs[None])[0]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.isfinite(trained(model, epochs=2).loss).all()
    whole = Jax(USERS + "nnx_whole", hidden=4, whole=True)
    assert whole.n_outputs == 4
