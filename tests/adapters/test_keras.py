"""A Keras model learns as our own models do: against our engine, and against a plain Keras loop; and the traps."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.cli.commands import command as command

import memspan as ms
from memspan.adapters import Keras, OwnLoop
from memspan.adapters.process import close_idle
from memspan.core.status import Status
from memspan.models.dense import DenseParams
from memspan.models.lstm import LSTMParams

ROOT = Path(__file__).parents[2]
USERS = "tests.adapters.keras_users:"
UNITS, EPOCHS = 6, 3
HEAVY = pytest.mark.extended  # each case starts Keras in a process of its own; continuous integration tries JAX


@pytest.fixture(scope="module", autouse=True)
def _end_processes():
    yield
    close_idle()


def fixed_weights():
    """The same as in `keras_users`, which this process must not import: it has no backend."""
    rng = np.random.default_rng(12)
    shapes = [(5, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), (UNITS, 5), (5,)]
    return [rng.normal(0, 0.4, shape).astype("float32") for shape in shapes]


@dataclass(frozen=True)
class FixedLSTM(ms.models.LSTM):
    def init(self, rng, n_inputs):
        return LSTMParams(*fixed_weights()[:3])


@dataclass(frozen=True)
class FixedDense(ms.models.Dense):
    def init(self, rng, n_inputs):
        return DenseParams(*fixed_weights()[3:])


OURS = ms.models.Stack((FixedLSTM(units=UNITS), FixedDense(5)))
PROBLEM = ms.problems.Conflict(lag=3)


def theirs(name, backend="jax", **settings):
    return Keras(USERS + name, backend=backend, **settings)


def trained(model, rule=None, **settings):
    return ms.train(PROBLEM, model, rule or ms.rules.BPTT(), **{"seeds": 1, "epochs": EPOCHS, **settings})


def line_of(text):
    """Where something is written in the users' file."""
    lines = ROOT.joinpath(*USERS.rstrip(":").split(".")).with_suffix(".py").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def check_same(found, expected):
    assert found.failures == ("",)
    np.testing.assert_allclose(found.loss, expected.loss, atol=1e-5)
    np.testing.assert_array_equal(found.updates_at, expected.updates_at)
    np.testing.assert_allclose(found.accuracy, expected.accuracy, atol=1e-6)
    np.testing.assert_allclose(found.weights, expected.weights, atol=2e-5)


RULES = {
    "sequences": [ms.rules.BPTT()],
    "explicit": [ms.rules.Online(), ms.rules.TruncatedBPTT(2, 3), ms.rules.BPTT()],
    "tutorial": [ms.rules.Online()],
}
CASES = [
    pytest.param(backend, kind, rule, marks=() if (backend, kind) == ("jax", "sequences") else HEAVY)
    for kind, rules in RULES.items()
    for rule in rules
    for backend in ("jax", "torch", "tensorflow")
]


@pytest.mark.parametrize(("backend", "kind", "rule"), CASES, ids=str)
def test_learns_and_tells_what_our_own_model_does(backend, kind, rule):
    """The same weights, rule and optimizer; a stateful model is refused on JAX, see below."""
    if (kind, backend) == ("tutorial", "jax"):
        assert "lost" in trained(theirs("fixed", backend, kind=kind), rule).failures[0]
        return
    found = trained(theirs("fixed", backend, kind=kind, compiled=False), rule)
    check_same(found, trained(OURS, rule))


@pytest.mark.extended
@pytest.mark.parametrize("rule", [ms.rules.TruncatedBPTT(2, 3), ms.rules.RTRL()], ids=str)
def test_compiled_it_does_too(rule):
    check_same(trained(theirs("fixed", kind="explicit"), rule), trained(OURS, rule))


ASKED = [
    ("sequences", "jax"),
    *(pytest.param("explicit", backend, marks=HEAVY) for backend in ("jax", "torch", "tensorflow")),
    ("tutorial", "torch"),
    pytest.param("tutorial", "tensorflow", marks=HEAVY),
]


@pytest.mark.extended
@pytest.mark.parametrize(("kind", "backend"), ASKED)
def test_trained_it_gives_the_same_outputs_step_by_step(kind, backend):
    rule = ms.rules.BPTT() if kind == "sequences" else ms.rules.Online()
    found, expected = trained(theirs("fixed", backend, kind=kind), rule), trained(OURS, rule)
    for sequence in PROBLEM.sequences():
        ours, given = (runs[0].probabilities(sequence[:-1]) for runs in (expected, found))
        np.testing.assert_allclose(given, ours, atol=1e-5)


LOOPS = [
    ("sequences", "jax"),
    ("tutorial", "torch"),
    *(pytest.param(kind, "tensorflow", marks=HEAVY) for kind in ("sequences", "tutorial")),
]


@pytest.mark.extended
@pytest.mark.parametrize(("kind", "backend"), LOOPS)
def test_equals_a_plain_loop_of_train_on_batch(kind, backend):
    done = subprocess.run(
        [sys.executable, "-m", "tests.adapters.keras_loop", kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": backend},
    )
    assert done.returncode == 0, done.stderr
    loop = json.loads(done.stdout.splitlines()[-1])
    rule = ms.rules.Online() if kind == "tutorial" else ms.rules.BPTT()
    found = trained(theirs("fixed", backend, kind=kind), rule)
    wanted = np.concatenate([np.ravel(part) for part in loop["weights"]])
    np.testing.assert_allclose(found.weights[0], wanted, atol=2e-5)
    np.testing.assert_allclose(found.loss[0], np.reshape(loop["losses"], (EPOCHS, -1)).mean(axis=1), atol=1e-5)
    assert found.updates == len(loop["losses"])


@pytest.mark.extended
@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_a_gradient_reaches_as_far_as_in_our_own_model(backend):
    """Ours is held to finite differences elsewhere; between two calls of a stateful layer none is handed on."""
    check = {"checks": ["has_credit_for_the_cue"], "problem": PROBLEM, "steps": 6}
    (expected,) = ms.testing.examine_adapter(OURS, **check)
    for kind in ("sequences", "explicit"):
        (found,) = ms.testing.examine_adapter(theirs("fixed", backend, kind=kind), **check)
        np.testing.assert_allclose(found.norms, expected.norms, rtol=1e-4)
    if backend != "jax":
        (cut,) = ms.testing.examine_adapter(theirs("fixed", backend, kind="tutorial"), **check)
        assert "reaches 0 steps back and no further" in cut.sentence


SGD = ms.Optax("sgd", learning_rate=0.5)
OWN = [
    ("sequences", "fits", ms.rules.BPTT(), ms.Adam()),
    ("sequences", "by_hand", ms.rules.BPTT(), SGD),
    ("explicit", "by_hand", ms.rules.BPTT(), SGD),
    ("tutorial", "steps_through", ms.rules.Online(), ms.Adam()),
]
IN_CI = ("fits", "jax")
OWN = [
    pytest.param(backend, *case, marks=() if (case[1], backend) == IN_CI else HEAVY)
    for case in OWN
    for backend in ("jax", "torch", "tensorflow")
    if (case[0], backend) != ("tutorial", "jax")
]


@pytest.mark.parametrize(("backend", "kind", "loop", "rule", "optimizer"), OWN)
def test_the_users_own_loop_gives_the_numbers_of_our_rule(backend, kind, loop, rule, optimizer):
    """Its loss is that before each sequence; the tutorial changes the weights between its steps, too."""
    found = trained(theirs("fixed", backend, kind=kind, compiled=False), OwnLoop(USERS + loop), optimizer=ms.Adam(7.0))
    expected = trained(OURS, rule, optimizer=optimizer)
    assert found.failures == ("",)
    np.testing.assert_allclose(found.loss, expected.loss, atol=2e-3 if kind == "tutorial" else 1e-5)
    np.testing.assert_array_equal(found.updates_at, expected.updates_at)
    np.testing.assert_allclose(found.accuracy, expected.accuracy, atol=1e-6)
    np.testing.assert_allclose(found.weights, expected.weights, atol=2e-5)


@pytest.mark.extended
def test_the_users_own_loop_trains_a_read_out_of_ours_too():
    model = theirs("no_read_out", "torch", units=4)
    found, expected = trained(model, OwnLoop(USERS + "by_hand")), trained(model, optimizer=SGD)
    check_same(found, expected)
    assert np.abs(found.weights - trained(model, epochs=0).weights)[0, -30:].min() > 0


@pytest.mark.extended
@pytest.mark.parametrize(
    ("kind", "loop", "protocol", "sentence"),
    [
        ("sequences", "leaves_early", ms.Protocol(), "must go on as long as there are batches, but it returned"),
        ("sequences", "breaks", ms.Protocol(), f"keras_users.py, line {line_of('targets[:, :, :2]')}: "),
        ("explicit", "by_hand", ms.Protocol(reset="epoch"), "protocol must have reset='sequence' for the model of"),
    ],
)
def test_the_faults_of_a_loop_are_named(kind, loop, protocol, sentence):
    model = theirs("fixed", "torch", kind=kind)
    (said,) = trained(model, OwnLoop(USERS + loop), protocol=protocol).failures
    assert sentence in said


@pytest.mark.extended
def test_nothing_is_left_on_another_device(monkeypatch):
    """Of two devices the one that is not asked for holds no data (torch), or is looked for (JAX)."""
    close_idle()
    monkeypatch.setenv("KERAS_TORCH_DEVICE", "meta")
    for kind, rule in (("sequences", ms.rules.BPTT()), ("explicit", ms.rules.TruncatedBPTT(2, 3))):
        model = theirs("fixed", "torch", kind=kind)
        runs = trained(model, rule)
        check_same(runs, trained(OURS, rule))
        assert runs[0].predict([3, 0])
    for kind, loop in (("sequences", "fits"), ("tutorial", "steps_through")):
        assert trained(theirs("fixed", "torch", kind=kind), OwnLoop(USERS + loop)).failures == ("",)
    ms.testing.check_adapter(theirs("explicit", "torch"), steps=6)
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    second = theirs("sequences", device="cpu:1", units=4, compiled=False)
    assert trained(second, OwnLoop(USERS + "stays_put")).failures == ("",)
    (said,) = trained(theirs("sequences", "torch", device="gpu:7")).failures
    assert "device must be one that Keras finds here, but got 'gpu:7' (" in said
    close_idle()


@pytest.mark.extended
def test_a_seed_is_the_same_alone_among_others_and_one_by_one():
    """Compiled side by side to the last bit; one by one in another program, whose rounding may differ."""
    alone = trained(theirs("sequences", units=4), seeds=[5])
    among = trained(theirs("sequences", units=4), seeds=[2, 5, 9])
    apart = trained(theirs("sequences", units=4, compiled=False), seeds=[5])
    np.testing.assert_array_equal(among.weights[1], alone.weights[0])
    np.testing.assert_array_equal(among.loss[1], alone.loss[0])
    np.testing.assert_allclose(apart.weights, alone.weights, atol=1e-5)
    assert not np.allclose(among.weights[0], among.weights[1])


@pytest.mark.extended
@pytest.mark.parametrize("name", ["unbuilt", "embedded"])
def test_learns_whatever_its_form(name):
    settings = {"inputs": "symbols"} if name == "embedded" else {}
    runs = trained(theirs(name, **settings), epochs=150, optimizer=ms.Adam(0.03), seeds=4)
    assert runs.accuracy[:, -1].min() >= PROBLEM.floor


def test_the_state_lost_on_jax_is_named_and_nothing_is_trained():
    runs = trained(theirs("tutorial"), ms.rules.Online(), seeds=3)
    assert set(runs.status) == {Status.FAILED}
    (said,) = set(runs.failures)
    assert "keras_users.py, line " in said
    assert "lost in fit and predict on Keras' JAX backend" in said
    assert "use backend='tensorflow'" in said


@pytest.mark.extended
def test_what_torch_cannot_train_is_named():
    (said,) = trained(theirs("tutorial", "torch"), ms.rules.Online()).failures
    assert "modified by an inplace operation" in said
    assert "use_cudnn=False" in said


REFUSED = [
    ("last_only", {}, ms.rules.BPTT(), "use return_sequences=True"),
    ("not_a_model", {}, ms.rules.BPTT(), "must return a keras.Model, but returned 'LSTM'"),
    ("sequences", {}, ms.rules.Online(), "keeps no state, so it can be trained on whole sequences only"),
    ("dropped", {}, ms.rules.BPTT(), "pass compiled=False"),
    ("frozen", {}, ms.rules.BPTT(), "draws weights that are not trained, which seeds compiled together would share"),
    ("sequences", {"unit": 3}, ms.rules.BPTT(), "takes n_inputs, n_outputs, units, but got the setting unit"),
]


@pytest.mark.extended
@pytest.mark.parametrize(("name", "settings", "rule", "sentence"), REFUSED, ids=lambda value: str(value)[:20])
def test_what_cannot_be_done_is_one_sentence(name, settings, rule, sentence):
    (said,) = trained(theirs(name, **settings), rule).failures
    assert sentence in said
    assert "keras_users.py, line " in said


@pytest.mark.extended
@pytest.mark.parametrize(
    ("rule", "sentence"), [(ms.rules.BPTT(), "use Online"), (ms.rules.TruncatedBPTT(1, 2), "k1 = k2")]
)
def test_credit_that_cannot_pass_between_two_calls_is_not_pretended(rule, sentence):
    (said,) = trained(theirs("fixed", "torch", kind="tutorial"), rule).failures
    assert sentence in said


@pytest.mark.extended
def test_what_behaves_otherwise_in_training_learns_one_by_one():
    assert trained(theirs("dropped", compiled=False)).failures == ("",)


@pytest.mark.extended
def test_settings_that_cannot_be(monkeypatch):
    with pytest.raises(ms.InvalidInput, match="backend must be one of tensorflow, jax, torch, but got 'theano'"):
        theirs("sequences", "theano")
    with pytest.raises(ms.InvalidInput, match="compiled must be left out for backend='torch'"):
        theirs("sequences", "torch", compiled=True)
    with pytest.raises(ms.InvalidInput, match=r"compiled must be False for .* under your own loop"):
        trained(theirs("sequences"), OwnLoop(USERS + "fits"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None)
    with pytest.raises(ms.InvalidInput, match=r"run: pip install 'memspan\[keras\]'"):
        theirs("sequences")


@pytest.mark.extended
def test_the_command_takes_it(command, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import keras\n\n"
        "def gru(n_inputs, units):\n"
        "    layers = [keras.Input((None, n_inputs)), keras.layers.GRU(units, return_sequences=True)]\n"
        "    return keras.Sequential(layers)\n"
    )
    model = 'keras:mine:gru(backend="jax", units=8)'
    words = ("--model", model, "--rule", "bptt", "--lags", "1", "--seeds", "2", "--epochs", "300", "--quiet")
    done = command("span", *words, "--optimizer", "Adam(learning_rate=0.03)")
    assert done.code == 0, done.err
    assert any("2/2" in line for line in done.out.splitlines()), done.out
