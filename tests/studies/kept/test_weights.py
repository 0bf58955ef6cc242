"""Weights kept of runs: the network that comes back is the one that was trained, whatever it was."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.models.catalogue import MODELS
from tests.problems.test_modern_rules import CASES as MODERN
from tests.testing.test_ours import PROBLEMS

import memspan as ms
from memspan.engine.network import Network
from memspan.engine.train import run
from memspan.models import LSTM, Own
from memspan.problems import Conflict
from memspan.store import Store
from memspan.studies.kept import Beside, finish, keeping, load_trained, spec_of, tensors_of, trained_of

SPEC = ms.Spec(Conflict(2), LSTM(3), ms.rules.BPTT(), ms.Adam(0.05), epochs=6)
RULES = [ms.rules.Online(), ms.rules.RTRL(), ms.rules.SnAp(2), ms.rules.TruncatedBPTT(2, 3), ms.rules.Truncated1997()]
OPTIMIZERS = [
    ms.engine.Optax("sgd", learning_rate=0.1, momentum=0.9),
    ms.Annealed(ms.Adam(), 100),
    ms.engine.Clipped(ms.Adam(0.01), 1.0),
]


@pytest.fixture(scope="module")
def runs():
    return run(SPEC, [3, 1])


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    file = tmp_path_factory.mktemp("weights") / "runs.db"
    with keeping(file) as keeper:
        finish(SPEC, [1, 3], keeper, beside=Beside(weights=True))
        finish(SPEC, [5], keeper)
    with Store.open(file) as store:
        yield store


def test_what_comes_back_is_what_was_trained(runs, kept):
    """The whole way: engine, block, safetensors, file, and back by nothing but the beginning of a hash and a seed."""
    for row, seed in enumerate(runs.seeds):
        found = load_trained(kept, SPEC.hash[:6], seed)
        np.testing.assert_array_equal(found.vector, runs.weights[row])
        sequence = Conflict(2).sequences()[0]
        np.testing.assert_array_equal(found.probabilities(sequence), runs[row].probabilities(sequence))
        assert (found.problem, load_trained(kept, SPEC, seed).problem) == (Conflict(2), Conflict(2))


def test_an_lstm_of_weights_by_name_is_numpy_s(runs):
    """Ten lines of NumPy read the arrays under their names and answer as the network does."""
    named = tensors_of(runs)[3]
    assert list(named) == ["0.kernel", "0.recurrent", "0.bias", "1.kernel", "1.bias"]
    h = c = np.zeros(3)
    for symbol in (3, 0, 1):
        z = np.eye(4)[symbol] @ named["0.kernel"] + h @ named["0.recurrent"] + named["0.bias"]
        i, f, g, o = np.split(z, 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
    answer = 1 / (1 + np.exp(-(h @ named["1.kernel"] + named["1.bias"])))
    np.testing.assert_allclose(answer, runs[0].probabilities([3, 0, 1])[-1], atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_names_for_its_arrays_and_comes_back(name):
    spec = replace(SPEC, problem=Conflict(3), model=MODELS[name], epochs=0)
    network = Network.of(spec.problem, spec.model)
    vector = np.arange(sum(int(np.prod(shape)) for shape in network.layout.shapes), dtype=np.float32)
    empty = np.zeros((1, 0), np.float32)
    runs = ms.Runs(spec, (7,), empty, empty, empty > 0, empty.astype(int), empty.astype(int), vector[None], network)
    tensors = tensors_of(runs)[7]
    assert sum(array.size for array in tensors.values()) == len(vector)
    shuffled = {name: tensors[name] for name in sorted(tensors, reverse=True)}
    np.testing.assert_array_equal(trained_of(spec, shuffled).vector, vector)


SPECS = [
    *(replace(SPEC, model=model, problem=Conflict(3)) for model in MODELS.values()),
    *(replace(SPEC, problem=problem) for problem in [*PROBLEMS, *(problem for problem, _ in MODERN)]),
    *(replace(SPEC, rule=rule) for rule in RULES),
    *(replace(SPEC, optimizer=optimizer) for optimizer in OPTIMIZERS),
    replace(SPEC, curriculum=(Conflict(2).shorter(1),)),
    replace(SPEC, protocol=ms.Protocol(order="shuffled", reset="epoch")),
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.hash)
def test_every_spec_is_made_again_of_what_is_written_of_it(spec):
    again = spec_of(json.loads(spec.canonical_json()), spec.hash)
    assert (again, again.hash) == (spec, spec.hash)


def test_parts_that_are_not_the_library_s_are_not_made_again():
    def own(*_):
        return None

    written = json.loads(SPEC.canonical_json())
    for model in ({"type": "mine.LSTM", "units": 3}, {"type": "LSTM", "unit": 3}, {"type": "LSTM", "units": 0}):
        with pytest.raises(
            ms.InvalidInput, match="spec 1234 must be of this memspan's own parts to be made again, but"
        ):
            spec_of({**written, "model": model}, "1234")
    with pytest.raises(ms.InvalidInput, match=f"but would now be {SPEC.hash}; use the version that trained it"):
        spec_of(written, "1234")
    assert Own("mine", own, own, own, 1).name == "mine"


def test_what_is_not_there_is_one_sentence(kept):
    with pytest.raises(ms.InvalidInput, match=r"has those of 1, 3, not of seed 5; memspan span --weights keeps them"):
        load_trained(kept, SPEC, 5)
    with pytest.raises(ms.InvalidInput, match=r"has no run of seed 8; name another"):
        load_trained(kept, SPEC, 8)
    with pytest.raises(ms.InvalidInput, match=r"'0.bias' of shape \(12,\) does not fit"):
        trained_of(replace(SPEC, model=LSTM(4)), kept.weights(SPEC.hash, 1))
    with pytest.raises(ms.InvalidInput, match="weights=True must come with a store"):
        ms.span(LSTM(2), Conflict(), lags=[1], seeds=1, epochs=1, weights=True)


def test_runs_kept_without_weights_get_them_when_they_are_asked_for(tmp_path):
    with keeping(tmp_path / "runs.db") as keeper:
        finish(SPEC, [0, 1], keeper)
        assert keeper.missing(SPEC, [0, 1, 2], Beside(weights=True)) == [0, 1, 2]
        assert keeper.missing(SPEC, [0, 1, 2]) == [2]
        finish(SPEC, [0, 1, 2], keeper, beside=Beside(weights=True))
        assert keeper.missing(SPEC, [0, 1, 2], Beside(weights=True)) == []
        assert (keeper.store.with_weights(SPEC.hash), keeper.differing) == ({0, 1, 2}, [])
