"""Models of other frameworks judged on longer lags: what they say outside of memspan, and what cannot be judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.adapters import torch_users

import memspan as ms
from memspan.adapters import Keras, Predict, Torch
from memspan.core.errors import InvalidInput, RunFailed
from memspan.engine.judge import judge
from memspan.engine.outside import check_reads
from memspan.engine.train import run
from memspan.studies.kept import beside
from memspan.studies.kept.beside import Beside, Longer, kept_of
from memspan.studies.kept.stored import stored
from memspan.studies.kept.weights import tensors_of, trained_of

END = ms.problems.Conflict(2, middle="random", scored="end")
FRESH = ms.problems.Conflict(2, middle="fresh", scored="end", alphabet="abxy")
USERS = "tests.adapters.torch_users:"


def spec_of(name, problem=END, **settings):
    defaults = {"epochs": 24, "evaluate_every": 8, "protocol": ms.Protocol(batch="all")}
    return ms.Spec(problem, Torch(USERS + name, hidden=6), ms.rules.BPTT(), ms.Adam(0.05), **(defaults | settings))


def torch_says(name, seed, vector, inputs, n=5):
    """The user's module, made and called here, without anything of memspan."""
    torch.manual_seed(seed)
    kind = getattr(torch_users, name)
    module = kind(n, n, seed) if issubclass(kind, torch_users.Explicit) else kind(n, n)
    torch.nn.utils.vector_to_parameters(
        torch.as_tensor(vector.copy()), [p for p in module.parameters() if p.requires_grad]
    )
    said = module(torch.nn.functional.one_hot(torch.as_tensor(np.array(inputs)).long(), n).float())
    return (said[0] if isinstance(said, tuple) else said).argmax(dim=-1).numpy()


@pytest.mark.parametrize("name", ["Explicit", "Whole", pytest.param("Projected", marks=pytest.mark.extended)])
def test_a_module_called_by_hand_comes_to_the_same_verdicts(name):
    """With a state that is handed on, without any, and with weights that are drawn but not kept."""
    spec = spec_of(name, epochs=60 if name == "Projected" else 24)
    runs = run(spec, [0, 3, 4, 7])
    own = judge(spec, END, runs.weights, runs.seeds)
    np.testing.assert_array_equal(own.accuracy, runs.accuracy[:, -1])
    seen = set()
    for lag in (3, 9, 40):
        problem = END.with_lag(lag)
        found = judge(spec, problem, runs.weights, runs.seeds)
        batch = problem.evaluation(None)
        right = [
            torch_says(name, seed, vector, batch.inputs)[:, -1] == np.asarray(batch.targets)[:, -1]
            for seed, vector in zip(runs.seeds, runs.weights, strict=True)
        ]
        np.testing.assert_allclose(found.accuracy, [each.mean() for each in right], atol=1e-6)
        assert found.solved.tolist() == [bool(each.all()) for each in right]
        alone = judge(spec, problem, runs.weights[[2]], [runs.seeds[2]])
        assert (alone.accuracy[0], alone.solved[0]) == (found.accuracy[2], found.solved[2])
        seen |= set(found.accuracy.tolist())
    assert len(seen) > 1  # the lags tell them apart


@pytest.mark.extended
def test_drawn_sequences_are_those_that_a_seed_is_judged_on_after_training():
    spec = spec_of("Whole", FRESH, epochs=6)
    runs = run(spec, [5, 2])
    np.testing.assert_array_equal(judge(spec, FRESH, runs.weights, runs.seeds).accuracy, runs.accuracy[:, -1])


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("Short", {}, r"generalise must be left out at .*lag 9.* failed at torch_users.py, line \d+: IndexError"),
        ("Buffered", {"reset": "reset"}, r"changes norm.running_mean in training, and only weights are kept"),
    ],
)
def test_what_cannot_be_judged_is_refused_before_it_is_trained(name, settings, sentence):
    parts = Torch(USERS + name, hidden=6, **settings), ms.rules.BPTT(), ms.Adam(0.05), ms.Protocol(batch="all")
    spec = ms.Spec(END, *parts, epochs=1)
    with pytest.raises(InvalidInput, match=sentence):
        check_reads(spec, END.with_lag(9))
    if name == "Short":
        check_reads(spec, END.with_lag(5))


def test_a_model_that_cannot_be_made_is_left_to_its_runs_to_say():
    spec = ms.Spec(END, Torch(USERS + "raises"), ms.rules.BPTT(), ms.Adam(0.05), epochs=1)
    assert check_reads(spec, END.with_lag(9)) is None


@pytest.mark.extended
def test_runs_are_failed_where_code_fails_only_after_training(monkeypatch):
    """Those that did not solve it were asked for nothing, and keep their record and weights."""

    def fails(*_):
        raise RunFailed("mymodel:lstm failed at mymodel.py, line 3: OSError: no more")

    monkeypatch.setattr(beside, "judge", fails)
    fresh = ms.problems.Conflict(2, middle="fresh", scored="end")
    spec = ms.Spec(fresh, Predict("tests.adapters.jax_users:short", steps=5), ms.rules.BPTT(), ms.Adam(), epochs=1)
    runs = run(spec, 4)
    assert runs.solved.all()
    runs = replace(runs, solved_at=runs.solved_at & (np.arange(4) % 2 == 0)[:, None])
    kept, weights = kept_of(runs, stored(runs, 1.0), Beside(True, (Longer(9, fresh.with_lag(9)),)))
    assert [one.status for one in kept] == ["failed" if solved else "finished" for solved in runs.solved]
    assert {one.reason for one in kept} == {
        "",
        "judged at lag 9 after training: mymodel:lstm failed at mymodel.py, line 3: OSError: no more",
    }
    assert weights == {1: {}, 3: {}}  # it shows none


def test_a_function_is_judged_directly():
    """It remembers the first symbol of at most four steps."""
    spec = ms.Spec(END, Predict("tests.adapters.jax_users:short", steps=5), ms.rules.BPTT(), ms.Adam(), epochs=1)
    runs = run(spec, 1)
    verdicts = [judge(spec, END.with_lag(lag), runs.weights, runs.seeds) for lag in (3, 4, 5)]
    assert [bool(one.solved[0]) for one in verdicts] == [True, True, False]
    assert [float(one.accuracy[0]) for one in verdicts] == [1.0, 1.0, 0.0]
    assert trained_of(spec, tensors_of(runs)[0]).predict([3, 0, 1]) == [3, 3, 3]


@pytest.mark.extended
@pytest.mark.parametrize(
    ("backend", "name", "rule", "settings"),
    [
        ("jax", "sequences", ms.rules.BPTT(), {}),
        ("jax", "sequences", ms.rules.BPTT(), {"compiled": False}),
        ("tensorflow", "tutorial", ms.rules.Online(), {}),
    ],
)
def test_a_keras_model_is_judged_as_in_training_and_beyond(backend, name, rule, settings):
    """Its weights, read by our own engine, come to the same verdicts."""
    model = Keras(f"tests.adapters.keras_users:{name}", backend=backend, units=6, **settings)
    spec = ms.Spec(END, model, rule, ms.Adam(0.05), epochs=24, evaluate_every=8)
    runs = run(spec, 3)
    np.testing.assert_array_equal(judge(spec, END, runs.weights, runs.seeds).accuracy, runs.accuracy[:, -1])
    for lag in (3, 12):
        # In the same order: kernel, recurrent, bias, and those of the read-out.
        ours = ms.Spec(END, ms.models.LSTM(6), rule, ms.Adam(0.05), epochs=24)
        expected = judge(ours, END.with_lag(lag), runs.weights, runs.seeds)
        found = judge(spec, END.with_lag(lag), runs.weights, runs.seeds)
        np.testing.assert_allclose(found.accuracy, expected.accuracy, atol=1e-6)
        assert found.solved.tolist() == expected.solved.tolist()
