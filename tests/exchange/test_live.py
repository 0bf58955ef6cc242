"""PyTorch and Keras on three backends run here and now: golden.npz is what they say today."""

from __future__ import annotations

import copy
import zipfile

import numpy as np
import pytest
from tests.exchange.cases import CASES, GOLDEN, had_by, inputs, trained
from tests.exchange.in_others import in_torch
from tests.exchange.make_golden import facts_of

from memspan import exchange
from memspan.core.errors import InvalidInput

pytestmark = pytest.mark.extended


def test_the_golden_values_are_those_of_today():
    with np.load(GOLDEN, allow_pickle=False) as stored:
        golden = {name: value for name, value in stored.items() if not name.endswith("/weights")}
    fresh = facts_of(trained)
    assert set(fresh) == set(golden)
    for name, values in fresh.items():
        np.testing.assert_allclose(golden[name], values, rtol=0, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("name", had_by("torch"))
def test_a_state_dict_comes_back_bit_for_bit(name, tmp_path):
    asked, model = trained(name), CASES[name][1]
    exchange.save(asked, tmp_path / "network.pt")
    module = exchange.to_torch(asked)
    for state in (module.state_dict(), exchange.torch_state(asked)):
        np.testing.assert_array_equal(exchange.from_torch(CASES[name][0], state, model).vector, asked.vector)
    loaded = exchange.load(CASES[name][0], tmp_path / "network.pt", model)
    np.testing.assert_array_equal(loaded.vector, asked.vector)


def test_a_module_of_pytorchs_own_is_read():
    """Fresh from PyTorch, with two biases that are not zero and names of the user's choice."""
    import torch

    torch.manual_seed(1)
    for layer, model in ((torch.nn.LSTM, None), (torch.nn.GRU, None), (torch.nn.RNN, CASES["elman"][1])):
        module = torch.nn.ModuleDict({"rnn": layer(5, 6, batch_first=True), "fc": torch.nn.Linear(6, 5)})
        loaded = exchange.from_torch(CASES["lstm"][0], module.state_dict(), model)
        with torch.no_grad():
            theirs = torch.sigmoid(module["fc"](module["rnn"](torch.from_numpy(inputs("lstm")))[0])).numpy()
        np.testing.assert_allclose(in_torch(loaded)(inputs("lstm")), theirs, rtol=0, atol=1e-6)
        rows = [loaded.probabilities(row.argmax(-1).tolist()) for row in inputs("lstm")]
        np.testing.assert_allclose(np.stack(rows), theirs, rtol=0, atol=1e-5)


def test_a_module_of_ours_goes_on_from_its_state():
    import torch

    module, x = exchange.to_torch(trained("gru")), torch.from_numpy(inputs("gru"))
    with torch.no_grad():
        whole, _ = module(x)
        first, state = module(x[:, :5])
        rest, _ = module(x[:, 5:], state)
    np.testing.assert_allclose(torch.cat([first, rest], 1).numpy(), whole.numpy(), rtol=0, atol=1e-6)


class Bomb:
    """What a pickle can do: run anything where it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_no_code_in_a_file_of_pytorch_is_run(tmp_path):
    import torch

    file, mark = tmp_path / "bomb.pt", tmp_path / "it-went-off"
    torch.save({"recurrent.weight_ih_l0": Bomb(mark)}, file)
    with pytest.raises(InvalidInput, match=r"must be a state_dict that torch.save wrote, tensors and nothing else"):
        exchange.load(CASES["lstm"][0], file)
    assert not mark.exists()
    torch.load(file, weights_only=False)["recurrent.weight_ih_l0"].close()  # it would have
    assert mark.exists()


def test_what_is_no_state_dict_is_refused(tmp_path):
    import torch

    problem, module = CASES["lstm"][0], exchange.to_torch(trained("lstm"))
    torch.save([torch.zeros(2)], tmp_path / "list.pt")
    with zipfile.ZipFile(tmp_path / "zip.pt", "w") as archive:
        archive.writestr("data.pkl", b"no pickle")
    double = copy.deepcopy(module).double().state_dict()
    deep = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(5, 6, num_layers=2), "fc": torch.nn.Linear(6, 5)}).state_dict()
    for path in ("list.pt", "zip.pt"):
        with pytest.raises(InvalidInput, match=f"{path} must "):
            exchange.load(problem, tmp_path / path)
    with pytest.raises(InvalidInput, match="must be float32, but got float64"):
        exchange.from_torch(problem, double)
    with pytest.raises(InvalidInput, match=r"but got rnn\.weight_ih_l1; more layers, directions or other kinds"):
        exchange.from_torch(problem, deep)


@pytest.mark.filterwarnings("ignore")  # the exporter that needs no further library is the older one, and says so
def test_pytorch_exports_to_onnx_what_is_read_here(tmp_path):
    """The graph that PyTorch itself writes of its LSTM, with its own shapes and names."""
    import torch

    torch.manual_seed(2)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.fc = torch.nn.LSTM(5, 6), torch.nn.Linear(6, 5)

        def forward(self, x):
            return self.fc(self.rnn(x)[0])

    module, x = Network().eval(), torch.from_numpy(inputs("lstm").transpose(1, 0, 2).copy())
    torch.onnx.export(module, (x,), str(tmp_path / "theirs.onnx"), dynamo=False)
    loaded = exchange.load(CASES["lstm"][0], tmp_path / "theirs.onnx")
    np.testing.assert_array_equal(
        np.concatenate([loaded.params[0].kernel.ravel(), loaded.params[1].kernel.ravel()]),
        np.concatenate(
            [module.rnn.weight_ih_l0.detach().numpy().T.ravel(), module.fc.weight.detach().numpy().T.ravel()]
        ),
    )
