"""Optimizers by name, against PyTorch's numbers; clipping against its closed form."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.quick import quick

from memspan.core.errors import InvalidInput
from memspan.core.optimizer import Optimizer
from memspan.core.protocol import Protocol
from memspan.core.rule import Memory
from memspan.core.spec import Spec, describe
from memspan.engine.annealed import Annealed
from memspan.engine.clipped import Clipped
from memspan.engine.network import Network
from memspan.engine.optax_optimizer import Optax, optax_names
from memspan.engine.optimizers import Adam
from memspan.engine.train import train
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.rules import BPTT

CURVATURE, START, UPDATES = np.array([1.0, 4.0, 0.25]), np.array([1.0, -2.0, 3.0]), 12

# Where torch.optim (PyTorch 2.13.0) is after twelve updates on half of sum(curvature * w^2), in float64; `live` below
# computes them anew and is compared in the extended tests.
GOLDEN = {
    "sgd": [0.28242953648100005, -0.004353564671999999, 2.213995037479953],
    "momentum": [-0.399745668672, 0.33215062500000053, -0.03440130674234913],
    "nesterov": [-0.09259839059937211, -0.11265087991417444, 1.5916382300821843],
    "rmsprop": [0.2366307789733136, -1.1096789605945099, 2.0742906661778506],
    "adam": [-0.05893788525500028, -0.8435153170346001, 1.8246961165517506],
    "adamw": [-0.12083157942401754, -0.5564191823689737, 1.3190291204537794],
    "adagrad": [0.0010149276325253308, -0.21009149497143648, 0.8356369061590387],
    "clipped": [-0.5013795513046632, -0.5211577145028561, 1.087365209096227],
}
PAIRS = {
    "sgd": (Optax("sgd", learning_rate=0.1), "SGD", {"lr": 0.1}),
    "momentum": (Optax("sgd", learning_rate=0.1, momentum=0.9), "SGD", {"lr": 0.1, "momentum": 0.9}),
    "nesterov": (
        Optax("sgd", learning_rate=0.05, momentum=0.8, nesterov=True),
        "SGD",
        {"lr": 0.05, "momentum": 0.8, "nesterov": True},
    ),
    "rmsprop": (
        Optax("rmsprop", learning_rate=0.05, decay=0.9, eps=1e-8, eps_in_sqrt=False),
        "RMSprop",
        {"lr": 0.05, "alpha": 0.9, "eps": 1e-8},
    ),
    "adam": (Optax("adam", learning_rate=0.1), "Adam", {"lr": 0.1}),
    "adamw": (Optax("adamw", learning_rate=0.1, weight_decay=0.2), "AdamW", {"lr": 0.1, "weight_decay": 0.2}),
    "adagrad": (
        Optax("adagrad", learning_rate=0.5, initial_accumulator_value=0.0, eps=1e-30),
        "Adagrad",
        {"lr": 0.5, "eps": 1e-30},
    ),
    "clipped": (Clipped(Optax("sgd", learning_rate=0.1, momentum=0.9), norm=2.0), "SGD", {"lr": 0.1, "momentum": 0.9}),
}


def live(name):
    """The same by PyTorch; `python tests/engine/test_optimizers.py` prints all."""
    import torch

    w = torch.tensor(START, requires_grad=True)
    _, optimizer, settings = PAIRS[name]
    optimizer = getattr(torch.optim, optimizer)([w], **settings)
    for _ in range(UPDATES):
        optimizer.zero_grad()
        (0.5 * (torch.tensor(CURVATURE) * w * w).sum()).backward()
        if name == "clipped":
            torch.nn.utils.clip_grad_norm_([w], 2.0)
        optimizer.step()
    return w.detach().numpy().tolist()


def ours(optimizer):
    with jax.enable_x64(True):
        transform = optimizer.build()

        def update(carry, _):
            w, state = carry
            change, state = transform.update(jnp.asarray(CURVATURE) * w, state, w)
            return (w + change, state), None

        w = jnp.asarray(START)
        return np.asarray(jax.lax.scan(update, (w, transform.init(w)), None, UPDATES)[0][0])


@pytest.mark.parametrize("name", PAIRS)
def test_a_trajectory_is_pytorchs(name):
    """PyTorch adds 1e-6 to a norm before it divides by it, hence the looser tolerance where gradients are clipped."""
    np.testing.assert_allclose(ours(PAIRS[name][0]), GOLDEN[name], rtol=1e-5 if name == "clipped" else 1e-7)


@pytest.mark.extended
@pytest.mark.parametrize("name", PAIRS)
def test_pytorch_still_says_so(name):
    np.testing.assert_allclose(live(name), GOLDEN[name], rtol=1e-12)


@given(st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=5), st.floats(0.01, 20))
def test_clipping_shortens_and_does_not_turn(gradient, norm):
    transform = Clipped(Optax("sgd", learning_rate=1.0), norm).build()
    gradient = np.asarray(gradient, np.float32)
    change, _ = transform.update(jnp.asarray(gradient), transform.init(jnp.zeros(len(gradient))))
    length = np.linalg.norm(gradient)
    np.testing.assert_allclose(-change, gradient * min(1.0, norm / length if length else 1.0), rtol=1e-5, atol=1e-6)


@given(st.integers(1, 40), st.floats(0.01, 20), st.integers(0, 60))
def test_annealing_scales_steps_along_half_a_cosine(updates, rate, at):
    """The closed form; beyond the last update nothing moves, whatever the optimizer has stored up."""
    transform = Annealed(Optax("sgd", learning_rate=rate, momentum=0.5), updates).build()
    plain = Optax("sgd", learning_rate=rate, momentum=0.5).build()
    weights = jnp.ones(2)
    state, other = transform.init(weights), plain.init(weights)
    for step in range(at + 1):
        gradient = jnp.array([1.0, -step])
        change, state = transform.update(gradient, state)
        full, other = plain.update(gradient, other)
    share = (1 + np.cos(np.pi * min(at / updates, 1))) / 2
    np.testing.assert_allclose(change, share * np.asarray(full), rtol=1e-5, atol=1e-5)


def test_annealing_refuses():
    with pytest.raises(InvalidInput, match="updates must be a whole number of at least 1"):
        Annealed(Adam(), 0)


@pytest.mark.parametrize("name", quick(optax_names(), now=optax_names()[::3]))
def test_every_name_updates_inside_a_compiled_loop(name):
    """In the form in which the engine uses it: an update that may be skipped, carried through a scan."""
    optimizer = Optax(name, learning_rate=0.01)
    network = Network.of(Conflict(), LSTM(1))
    learner = network.learner(optimizer, every_step_scored=False)
    params = jnp.asarray(network.draw(0))
    memory = Memory(params, jax.tree.map(np.asarray, optimizer.build().init(network.draw(0))), (), np.int32(0))

    @jax.jit
    def learn(memory):
        def step(memory, scored):
            return learner.update(memory, memory.params - 1.0, scored), None

        return jax.lax.scan(step, memory, jnp.array([True, False, True]))[0]

    after = learn(memory)
    assert after.updates == 2
    assert np.isfinite(after.params).all()
    assert not np.array_equal(after.params, params)


def test_settings_are_the_identity():
    one, same = Optax("sgd", momentum=0.9, learning_rate=0.1), Optax("sgd", learning_rate=0.1, momentum=0.9)
    assert one == same == pickle.loads(pickle.dumps(one)) == copy.deepcopy(one)
    assert hash(one) == hash(same) != hash(Optax("sgd", learning_rate=0.2, momentum=0.9))
    assert isinstance(one, Optimizer)
    clipped = Clipped(one, 2.0)
    assert describe(clipped) == {
        "type": "Clipped",
        "optimizer": {"type": "Optax", "name": "sgd", "settings": [["learning_rate", 0.1], ["momentum", 0.9]]},
        "norm": 2.0,
    }
    specs = [Spec(Conflict(), LSTM(2), BPTT(), optimizer) for optimizer in (one, clipped, Clipped(one), Adam())]
    assert len({spec.hash for spec in specs}) == 4


@pytest.mark.extended
def test_clipping_is_felt_in_training_and_a_wide_bound_is_not():
    """The last one is a bound that no gradient reaches; the same program otherwise."""
    settings = {"seeds": 2, "epochs": 4, "chunk": 2, "protocol": Protocol(batch="all")}
    sgd = Optax("sgd", learning_rate=1.0)
    plain, tight, wide = (
        train(Conflict(), LSTM(2), BPTT(), optimizer=optimizer, **settings)
        for optimizer in (sgd, Clipped(sgd, 0.01), Clipped(sgd, 1e6))
    )
    np.testing.assert_array_equal(plain.weights, wide.weights)
    moved = [np.linalg.norm(tight.weights[row] - tight.network.draw(row)) for row in (0, 1)]
    assert max(moved) <= 4 * 0.01 * 1.001
    assert np.linalg.norm(plain.weights[0] - plain.network.draw(0)) > 0.1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Optax("sdg", learning_rate=0.1), "name must be one of .* but got 'sdg'; did you mean 'sgd'"),
        (lambda: Optax("lbfgs", learning_rate=0.1), "name must be one of"),
        (
            lambda: Optax("sgd", learning_rat=0.1),
            "settings of optax.sgd must be among .* mean 'learning_rate'",
        ),
        (lambda: Optax("sgd"), "settings of optax.sgd must hold learning_rate"),
        (lambda: Optax("sgd", learning_rate=-0.1), "learning_rate must be greater than 0, but got -0.1"),
        (lambda: Optax("sgd", learning_rate=lambda step: 0.1), "learning_rate of optax.sgd must be a number"),
        (lambda: Optax("adam", learning_rate=0.1, b1="high"), "was refused by Optax"),
        (lambda: Clipped(Adam(), 0.0), "norm must be a number greater than 0, but got 0.0"),
        (lambda: Clipped(Adam), "optimizer must be an object such as memspan.Adam.., but got the class Adam"),
        (lambda: dataclasses.replace(Clipped(Adam()), norm=float("nan")), "norm must be a number greater than 0"),
    ],
)
def test_what_is_no_optimizer_is_refused(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()


if __name__ == "__main__":
    print("\n".join(f'    "{name}": {live(name)},' for name in PAIRS))  # noqa: T201
