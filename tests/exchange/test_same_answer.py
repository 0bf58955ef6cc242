"""The same weights give the same answers, through the engine, PyTorch, Keras on three backends and ONNX Runtime.

golden.npz has what the others said when it was made; what runs here and now is asked again: ONNX Runtime, and Keras on
JAX in a process of its own.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.exchange.cases import CASES, GOLDEN, SYMBOLS, drawn, had_by, inputs, trained
from tests.exchange.in_others import in_onnxruntime
from tests.exchange.keras_process import keras_facts
from tests.exchange.measured import measured, ours

from memspan import exchange

with np.load(GOLDEN, allow_pickle=False) as _stored:
    STORED = dict(_stored)
FRAMEWORKS = ("torch", "onnx", "keras_tensorflow", "keras_jax", "keras_torch")
CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(scope="module")
def keras(tmp_path_factory):
    """The folder in which Keras left its files, and what it said; `exchange.save` wrote one of the files."""
    folder = tmp_path_factory.mktemp("keras")
    exchange.save(trained("lstm_solved"), folder / "written_here.keras")
    return folder, keras_facts(folder, "jax")


@pytest.fixture(scope="module")
def found():
    return {fact: value for name in CASES for fact, value in ours(name).items()}


def of(framework):
    """What a framework said, by case and fact."""
    return {
        fact.removeprefix(f"{framework}/"): value for fact, value in STORED.items() if fact.startswith(f"{framework}/")
    }


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_engine_answers_as_the_others_did(framework, found):
    said = of(framework)
    assert {fact.split("/")[0] for fact in said} == set(had_by(framework.split("_")[0]))
    for fact, value in said.items():
        np.testing.assert_allclose(found[fact], value, err_msg=fact, **CLOSE)


def test_the_cases_can_tell_networks_apart(found):
    """Some are solved and some are not, no two are alike, and drawn weights are those of the file."""
    solved = {name: bool(found[f"{name}/solved"]) for name in SYMBOLS}
    assert all(solved[name] == name.endswith("_solved") for name in SYMBOLS)
    assert len({float(found[f"{name}/accuracy"]) for name in SYMBOLS}) > 2
    outputs = [found[f"{name}/outputs"] for name in SYMBOLS]
    assert min(np.abs(a - b).max() for i, a in enumerate(outputs) for b in outputs[:i]) > 0.1
    assert found["lstm_solved/generated"].tolist()[0][:4] == [0, 1, 2, 3]
    np.testing.assert_array_equal(STORED["gru/weights"], drawn("gru"))


@pytest.mark.parametrize("name", CASES)
def test_onnx_runtime_here_and_now(name, found):
    for fact, value in measured(name, in_onnxruntime(trained(name))).items():
        np.testing.assert_allclose(found[fact], value, err_msg=fact, **CLOSE)
    logits = in_onnxruntime(trained(name), "logits")(inputs(name))
    named = {"lstm_softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True), "gru_linear": lambda x: x}
    squash = named.get(name, lambda x: 1 / (1 + np.exp(-x)))
    np.testing.assert_allclose(squash(logits), found[f"{name}/outputs"], **CLOSE)


def test_a_state_handed_on_in_onnx_runtime_goes_on():
    """Cut anywhere, with the state handed over, a sequence gives the outputs of the whole."""
    import onnxruntime

    asked = trained("lstm")
    session = onnxruntime.InferenceSession(exchange.to_onnx(asked).SerializeToString())
    x, zeros = inputs("lstm"), np.zeros((1, 3, 6), np.float32)
    whole = session.run(None, {"inputs": x, "hidden": zeros, "cell": zeros})
    first = session.run(None, {"inputs": x[:, :4], "hidden": zeros, "cell": zeros})
    rest = session.run(None, {"inputs": x[:, 4:], "hidden": first[2], "cell": first[3]})
    np.testing.assert_allclose(np.concatenate([first[0], rest[0]], axis=1), whole[0], rtol=0, atol=1e-6)
    for late, all_at_once in zip(rest[2:], whole[2:], strict=True):
        np.testing.assert_allclose(late, all_at_once, rtol=0, atol=1e-6)


@pytest.mark.extended
def test_keras_on_jax_here_and_now(keras, found):
    _, facts = keras
    assert facts["backend"] == "jax"
    for name in had_by("keras"):
        for fact in (fact for fact in found if fact.startswith(f"{name}/")):
            np.testing.assert_allclose(found[fact], facts[fact], err_msg=fact, **CLOSE)


@pytest.mark.extended
def test_keras_files_come_back_bit_for_bit(keras):
    folder, facts = keras
    for name in had_by("keras"):
        loaded = exchange.load(CASES[name][0], folder / f"{name}.keras", CASES[name][1])
        np.testing.assert_array_equal(loaded.vector, trained(name).vector, err_msg=name)
        np.testing.assert_array_equal(facts[f"{name}/back"], trained(name).vector, err_msg=name)


@pytest.mark.extended
def test_a_keras_file_of_ours_is_what_keras_would_have_saved(keras, found):
    folder, facts = keras
    np.testing.assert_allclose(facts["written_here/lstm_solved/outputs"], found["lstm_solved/outputs"], **CLOSE)
    loaded = exchange.load(CASES["lstm_solved"][0], folder / "written_here.keras")
    np.testing.assert_array_equal(loaded.vector, trained("lstm_solved").vector)


@pytest.mark.extended
@pytest.mark.parametrize("name", ["own_functional", "own_stateful", "own_plain"])
def test_a_model_that_keras_users_built_is_read(keras, name):
    folder, facts = keras
    loaded = exchange.load(CASES["lstm"][0], folder / f"{name}.keras")
    weights, start = jnp.asarray(loaded.vector), loaded.network.initial_state
    logits = jax.vmap(lambda x: loaded.network.sequence(weights, start, x)[1])(jnp.asarray(inputs("lstm")))
    outputs = jax.nn.sigmoid(logits) if name == "own_functional" else logits
    np.testing.assert_allclose(outputs, facts[f"{name}/outputs"], **CLOSE)
