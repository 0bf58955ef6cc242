"""Files of weights: bit for bit there and back, what they say of themselves, and what is refused in one sentence."""

from __future__ import annotations

import importlib
import json
import pickle
import sys
import zipfile

import numpy as np
import onnx
import pytest
import safetensors
import safetensors.numpy
from tests.exchange.cases import CASES, CONFLICT, trained

import memspan as ms
from memspan import exchange, models
from memspan.core.errors import InvalidInput
from memspan.engine.network import Network
from memspan.engine.trained import Trained
from memspan.exchange.keras_layout import KerasLayer, from_layers, keras_layers
from memspan.store import Store


def fresh(model, problem=CONFLICT, seed=0):
    network = Network.of(problem, model)
    return Trained(problem, network, network.draw(seed))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("suffix", ["safetensors", "onnx"])
def test_files_come_back_bit_for_bit(name, suffix, tmp_path):
    problem, model = CASES[name]
    exchange.save(trained(name), tmp_path / f"n.{suffix}")
    for expected in (None, model):
        loaded = exchange.load(problem, tmp_path / f"n.{suffix}", expected)
        np.testing.assert_array_equal(loaded.vector, trained(name).vector)


@pytest.mark.parametrize("name", ["lstm", "gru", "elman", "elman_relu"])
def test_safetensors_as_pytorch_names_them(name, tmp_path):
    """Written with PyTorch's names; and as a user of PyTorch would write it, without a header."""
    problem, model = CASES[name]
    exchange.save(trained(name), tmp_path / "n.safetensors", layout="torch")
    assert np.array_equal(exchange.load(problem, tmp_path / "n.safetensors").vector, trained(name).vector)
    safetensors.numpy.save_file(exchange.torch_state(trained(name)), tmp_path / "theirs.safetensors")
    assert np.array_equal(exchange.load(problem, tmp_path / "theirs.safetensors", model).vector, trained(name).vector)


@pytest.mark.parametrize("name", ["lstm", "gru", "gru_before", "elman_relu"])
def test_keras_layers_come_back_bit_for_bit(name):
    loaded = from_layers(CASES[name][0], keras_layers(trained(name)), CASES[name][1])
    np.testing.assert_array_equal(loaded.vector, trained(name).vector)


@pytest.mark.parametrize(
    "model", [models.MLP(3, window=2), models.Mamba(2), models.Stack((models.LSTM(2), models.GRU(3))), models.S5(2)]
)
def test_any_model_is_held_by_a_safetensors_file_and_by_a_store(model, tmp_path):
    asked = fresh(model)
    exchange.save(asked, tmp_path / "n.safetensors")
    assert np.array_equal(exchange.load(CONFLICT, tmp_path / "n.safetensors").vector, asked.vector)
    assert np.array_equal(exchange.from_tensors(CONFLICT, model, exchange.tensors(asked)).vector, asked.vector)
    with pytest.raises(InvalidInput, match=r"other frameworks to have it too, but got .*; a \.safetensors file"):
        exchange.save(asked, tmp_path / "n.onnx")


def test_the_store_keeps_what_a_file_holds(tmp_path):
    from tests.store.samples import run, spec

    from memspan.store.identity import hash_of

    asked = trained("gru")
    with Store.open(tmp_path / "runs.db") as store:
        with store.writer() as writer:
            writer.add(spec(), [run(0)], weights={0: exchange.tensors(asked)})
        kept = store.weights(hash_of(spec()), 0)
    assert np.array_equal(exchange.from_tensors(CONFLICT, CASES["gru"][1], kept).vector, asked.vector)


def test_a_file_says_what_it_is_of(tmp_path):
    """Read by the library that nobody here wrote: layout, version, spec hash, model; in ONNX as metadata."""
    runs = ms.train(CONFLICT, models.Elman(2), ms.rules.BPTT(), seeds=[3], epochs=1)
    exchange.save(runs[0], tmp_path / "n.safetensors")
    exchange.save(runs[0], tmp_path / "n.onnx")
    with safetensors.safe_open(tmp_path / "n.safetensors", "numpy") as file:
        said = file.metadata()
    props = {prop.key: prop.value for prop in onnx.load(tmp_path / "n.onnx").metadata_props}
    assert props == {**said, "layout": "onnx"}
    assert (said["layout"], said["version"], said["spec"], said["seed"]) == ("memspan", "1", runs.spec.hash, "3")
    assert json.loads(said["model"])["units"] == 2
    assert exchange.load(CONFLICT, tmp_path / "n.safetensors").network.stack.layers[0] == models.Elman(2)
    onnx.checker.check_model(str(tmp_path / "n.onnx"), full_check=True)
    assert [one.version for one in onnx.load(tmp_path / "n.onnx").opset_import] == [21]


@pytest.mark.parametrize("layout", ["memspan", "torch"])
def test_a_file_of_ours_keeps_spec_and_seed(layout, tmp_path):
    """So that a probe may compare with the network that it began as; another model would begin elsewhere."""
    runs = ms.train(
        CONFLICT, models.LSTM(2), ms.rules.Online(), seeds=[3], epochs=1, optimizer=ms.Optax("sgd", learning_rate=0.1)
    )
    path = tmp_path / "n.safetensors"
    exchange.save(runs[0], path, layout)
    loaded = exchange.load(CONFLICT, path)
    assert (loaded.spec, loaded.seed) == (runs.spec, 3)
    other = exchange.load(CONFLICT, path, models.LSTM(2, forget_bias=3.0))
    assert (other.spec, other.seed) == (None, None)
    for said in ({"settings": '{"type": "Spec"'}, {"spec": "0" * 16}, {"settings": "[" * 100_000}):
        assert exchange.load(CONFLICT, _rewritten(path, **said)).spec is None


def _rewritten(path, **said):
    """A file with other words in its header."""
    with safetensors.safe_open(path, "numpy") as file:
        words, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    safetensors.numpy.save_file(arrays, path, {**words, **said})
    return path


def _refused(tmp_path, name, content, match):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=match) as told:
        exchange.load(CONFLICT, path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"version": "2"}, "must be of layout version 1, but got '2'; read it with the memspan that wrote it"),
        ({"layout": "mine"}, "must be one of memspan, torch, but got 'mine'"),
        ({"alphabet": '["a"]'}, r'must have the symbols of the file, \["a"\], but got \[0, 1, 2, 3, 4\]'),
        ({"model": '{"type": "Own", "name": "x"}'}, "'Own' is not in memspan.models.*; pass model="),
        ({"model": '{"type": "InvalidInput"}'}, "'InvalidInput' is not in memspan.models"),
        ({"model": '{"type": "LSTM", "units": 99}'}, "0.kernel must be of shape 5 x 396, but got"),
        ({"model": '{"type": "MLP", "units": 9, "window": 2}'}, "'0.recurrent' is of no part of it"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(said, match, tmp_path):
    exchange.save(trained("lstm"), tmp_path / "n.safetensors")
    with pytest.raises(InvalidInput, match=match):
        exchange.load(CONFLICT, _rewritten(tmp_path / "n.safetensors", **said))


def test_damaged_files_are_refused(tmp_path):
    exchange.save(trained("lstm"), tmp_path / "n.safetensors")
    whole = (tmp_path / "n.safetensors").read_bytes()
    for cut in (b"", whole[:5], whole[:60], whole[:-4], b"\xff" * 64):
        _refused(tmp_path, "cut.safetensors", cut, "must be a safetensors file, but .*; write it again")
    _refused(tmp_path, "n.onnx", b"\x08\x0anot a graph", "must be an ONNX model, but")
    _refused(tmp_path, "n.keras", b"PK", "must be a file that Keras 3 saved, but")
    with zipfile.ZipFile(tmp_path / "z.keras", "w") as archive:
        archive.writestr("config.json", "[]")
    with pytest.raises(InvalidInput, match="must be a file that Keras 3 saved"):
        exchange.load(CONFLICT, tmp_path / "z.keras")
    with pytest.raises(InvalidInput, match="must be a file that exists, but"):
        exchange.load(CONFLICT, tmp_path / "none.onnx")
    with pytest.raises(InvalidInput, match=r"must be one of \.safetensors, \.pt, \.keras, \.onnx, but got '\.pkl'"):
        exchange.load(CONFLICT, tmp_path / "n.pkl")
    with pytest.raises(InvalidInput, match="could not be written, for"):
        exchange.save(trained("lstm"), tmp_path / "no folder" / "n.onnx")


class Bomb:
    """What a pickle can do: run anything where it is read."""

    def __reduce__(self):
        return (sys.exit, ("it went off",))


@pytest.mark.parametrize("suffix", ["safetensors", "onnx", "keras"])
def test_a_pickle_is_never_loaded(suffix, tmp_path):
    _refused(tmp_path, f"n.{suffix}", pickle.dumps({"0.kernel": Bomb()}), "must be a")


@pytest.mark.parametrize(
    ("save", "said"),
    [
        (lambda: exchange.torch_state(trained("gru_before")), r"GRU\(reset='after'\) for PyTorch .* reset='before'"),
        (lambda: exchange.torch_state(trained("lstm_hard")), r"LSTM\(gate='sigmoid'\) for PyTorch"),
        (lambda: exchange.keras_weights(trained("lstm_hard")), "Keras 3's hard_sigmoid has another slope"),
        (lambda: exchange.keras_weights(fresh(models.PeepholeLSTM(2))), "but got PeepholeLSTM and Dense"),
        (lambda: exchange.to_onnx(fresh(models.Stack((models.LSTM(2), models.Dense(5, bias=False))))), "without"),
        (lambda: exchange.save(trained("lstm"), "n.onnx", layout="torch"), "layout must be left out but for"),
        (lambda: exchange.save(trained("lstm"), "n.safetensors", layout="keras"), "layout must be one of memspan"),
    ],
)
def test_what_a_format_lacks_is_one_sentence(save, said):
    with pytest.raises(InvalidInput, match=said) as told:
        save()
    assert "\n" not in str(told.value)


ZEROS = np.zeros((2, 8), np.float32)


@pytest.mark.parametrize(
    ("layer", "settings", "dense", "said"),
    [
        ("LSTM", {"activation": "relu"}, {}, "activation of LSTM must be 'tanh'"),
        ("LSTM", {"recurrent_activation": "hard_sigmoid"}, {}, "recurrent_activation of LSTM must be 'sigmoid'"),
        ("LSTM", {"go_backwards": True}, {}, "go_backwards of LSTM must be False"),
        ("LSTM", {}, {"activation": "softmax"}, "must be sigmoid or linear, .*, but got 'softmax'"),
        ("Bidirectional", {}, {}, "and a Dense read-out to be read, but got Bidirectional, Dense"),
        ("GRU", {}, {}, "must be of shape 2 x 6, but got"),
    ],
)  # fmt: skip
def test_what_keras_has_and_we_have_not_is_one_sentence(layer, settings, dense, said):
    weights = [np.zeros((5, 8), np.float32), ZEROS, np.zeros(8, np.float32)]
    if layer == "GRU":
        weights = [np.zeros((5, 6), np.float32), ZEROS, np.zeros((2, 6), np.float32)]
    layers = [
        KerasLayer(layer, settings, weights),
        KerasLayer("Dense", dense, [np.zeros((2, 5), np.float32), np.zeros(5, np.float32)]),
    ]
    with pytest.raises(InvalidInput, match=said):
        from_layers(CONFLICT, layers)


def test_a_model_that_was_not_meant_is_refused(tmp_path):
    exchange.save(trained("gru"), tmp_path / "n.onnx")
    for other in (models.GRU(6, reset="before"), models.GRU(5), models.LSTM(6)):
        with pytest.raises(InvalidInput, match=r"the weights are of, GRU\(units=6, reset='after'\), but got"):
            exchange.load(CONFLICT, tmp_path / "n.onnx", other)
    with pytest.raises(InvalidInput, match=r"3 inputs and 2 outputs for parity .*, but got 5 and 5; name the problem"):
        exchange.from_torch(ms.problems.Parity(), exchange.torch_state(trained("gru")))


def test_an_onnx_graph_of_something_else_is_refused():
    good = exchange.to_onnx(trained("lstm"))
    for change, said in (
        (lambda g: g.node[4].input.__setitem__(0, "inputs"), "its output is made by MatMul, Add, Sigmoid"),
        (lambda g: setattr(g.node[6], "op_type", "Softmax"), "must end in sigmoid or in nothing, .* but got Softmax"),
        (lambda g: setattr(g.node[6], "op_type", "Relu"), "made by LSTM, MatMul, Add, Relu"),
        (lambda g: g.node[1].attribute.append(onnx.helper.make_attribute("clip", 1.0)), "clip of LSTM must be left"),
        (lambda g: g.node[1].input.extend(["P"]), "must have no peepholes"),
    ):
        other = onnx.ModelProto.FromString(good.SerializeToString())
        change(other.graph)
        with pytest.raises(InvalidInput, match=said):
            exchange.from_onnx(CONFLICT, other)


@pytest.mark.parametrize(
    ("missing", "use", "install"),
    [
        ("onnx", lambda: exchange.to_onnx(trained("lstm")), r"pip install 'memspan\[onnx\]'"),
        ("torch", lambda: exchange.to_torch(trained("lstm")), "pip install torch"),
        ("keras", lambda: exchange.to_keras(trained("lstm")), r"pip install 'memspan\[keras\]'"),
    ],
)
def test_a_missing_library_is_one_sentence(missing, use, install, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InvalidInput, match=f"must have {missing}, but .*; install it with {install}"):
        use()
    importlib.invalidate_caches()
