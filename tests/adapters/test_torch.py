"""A PyTorch module learns as our own models do: against our engine, and against a loop written by hand."""

from __future__ import annotations

import inspect
import threading

import numpy as np
import pytest
import torch
from tests.adapters import torch_users
from tests.quick import quick
from torch import nn

import memspan as ms
from memspan.adapters import OwnLoop, Torch
from memspan.adapters.loop import Loop
from memspan.adapters.process import close_idle
from memspan.adapters.torch_loop import LoopBatch
from memspan.adapters.torch_model import TorchModel
from memspan.adapters.tutor import Tutor
from memspan.adapters.user_code import UserCode
from memspan.core.batch import Batch
from memspan.core.status import Status

HIDDEN = 6
USERS = "tests.adapters.torch_users:"


def theirs(name="Explicit", **settings):
    return Torch(USERS + name, hidden=HIDDEN, **settings)


def trained(model, rule=None, problem=None, **settings):
    settings = {"seeds": 1, "epochs": 6, "optimizer": ms.Adam(0.01), **settings}
    return ms.train(problem or ms.problems.Conflict(), model, rule or ms.rules.BPTT(), **settings)


def check_same(found, expected, tolerance=1e-4):
    assert found.status == expected.status
    np.testing.assert_allclose(found.loss, expected.loss, atol=tolerance, rtol=tolerance)
    np.testing.assert_array_equal(found.updates_at, expected.updates_at)
    np.testing.assert_array_equal(found.stage_at, expected.stage_at)
    np.testing.assert_allclose(found.accuracy, expected.accuracy, atol=1e-6)


EQUAL = {
    "shuffled, state carried over": (ms.rules.BPTT(), {"protocol": ms.Protocol(order="shuffled", reset="never")}),
    "online, reset each epoch": (ms.rules.Online(), {"protocol": ms.Protocol(reset="epoch"), "evaluate_every": 4}),
    "side by side, drawn, masked, clipped": (
        ms.rules.TruncatedBPTT(3, 7),
        {
            "problem": ms.problems.CopyMemory(lag=3, n_items=2, n_sequences=4),
            "protocol": ms.Protocol(batch=2),
            "optimizer": ms.Clipped(ms.Optax("rmsprop", learning_rate=0.01), norm=0.5),
        },
    ),
    "real numbers": (ms.rules.BPTT(), {"problem": ms.problems.ModernAdding(length=6, n_sequences=4)}),
    "curriculum": (
        ms.rules.BPTT(),
        {
            "problem": ms.problems.Conflict(lag=3),
            "curriculum": (ms.problems.Conflict(lag=3).shorter(1),),
            "epochs": 40,
            "optimizer": ms.Adam(0.1),
        },
    ),
}


@pytest.mark.parametrize("case", quick(EQUAL, now=list(EQUAL)[:1]))
def test_the_learning_curve_is_that_of_our_engine(case):
    rule, settings = EQUAL[case]
    check_same(trained(theirs(), rule, **settings), trained(ms.models.LSTM(HIDDEN), rule, **settings))


def test_every_form_of_a_module_learns_the_same():
    explicit = trained(theirs(), ms.rules.BPTT())
    for other in (theirs("Kept", reset="forget"), theirs("Whole")):
        np.testing.assert_allclose(trained(other, ms.rules.BPTT()).loss, explicit.loss, atol=1e-6)
    truncated = ms.rules.TruncatedBPTT(2, 3)
    for stepwise, whole in (("ByStep", "Explicit"), ("cell", "lstm")):
        found, expected = (trained(theirs(name), truncated) for name in (stepwise, whole))
        np.testing.assert_allclose(found.loss, expected.loss, atol=1e-6)
        np.testing.assert_allclose(found.weights, expected.weights, atol=1e-5)
    kept = trained(theirs("Kept", reset="forget"), truncated)
    np.testing.assert_allclose(kept.loss, trained(theirs(), truncated).loss, atol=1e-6)


def test_a_loop_written_by_hand_gives_the_same_numbers():
    runs = trained(Torch(USERS + "Explicit", hidden=4), optimizer=ms.Optax("sgd", learning_rate=0.5), seeds=1)
    problem = ms.problems.Conflict()
    module = torch_users.Explicit(problem.n_inputs, problem.n_outputs, 0, hidden=4)
    weights = [each for each in module.parameters() if each.requires_grad]
    optimizer = torch.optim.SGD(weights, lr=0.5)
    for epoch in range(runs.loss.shape[1]):
        met = []
        for sequence in problem.sequences():
            one_hot = torch.eye(5)[sequence]
            loss = nn.functional.binary_cross_entropy_with_logits(module(one_hot[None, :-1])[0][0], one_hot[1:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            met.append(float(loss.detach()))
        assert runs.loss[0, epoch] == pytest.approx(np.mean(met), abs=1e-6)
    found = np.concatenate([each.detach().numpy().ravel() for each in weights])
    np.testing.assert_allclose(runs.weights[0], found, atol=1e-5)


def test_the_users_own_loop_gives_the_same_numbers_and_its_faults_are_named():
    mine = trained(theirs(), OwnLoop(USERS + "sgd"), optimizer=ms.Adam(7.0))
    check_same(mine, trained(theirs(), optimizer=ms.Optax("sgd", learning_rate=0.5)), 1e-6)
    early = trained(theirs(), OwnLoop(USERS + "leaves_early"), seeds=1)
    assert "must go on as long as there are batches, but it returned" in early.failures[0]


def test_a_loop_that_is_no_longer_needed_runs_out_of_batches():
    loop = Loop(UserCode("train", USERS + "tells_its_end"), torch.tensor(2.0))
    ones = torch.ones(1, 1, 1)
    batch = LoopBatch(ones, 3 * ones, torch.ones(1, 1, dtype=torch.bool), "mean_squared_error")
    loop.show(batch)
    assert batch.met == pytest.approx([1.0])
    (thread,) = (each for each in threading.enumerate() if "(_run)" in each.name)
    assert not torch_users.ended
    del loop
    thread.join(60)
    assert torch_users.ended == [2.0]


@pytest.mark.extended
def test_a_model_that_hangs_is_named_beside_a_loop_that_waits():
    close_idle()
    assert trained(theirs(), OwnLoop(USERS + "sgd"), epochs=1).failures[0] == ""
    lost = trained(Torch(USERS + "hangs", time_limit=1.0))
    line = inspect.getsourcelines(torch_users.hangs)[1] + 2
    assert f"hangs was stopped at torch_users.py, line {line}, for making the model" in lost.failures[0]


@pytest.mark.parametrize(
    ("name", "reset", "rule"),
    [
        ("lstm", "", ms.rules.TruncatedBPTT(2, 3)),
        ("Kept", "forget", ms.rules.Online()),
        ("Explicit", "", OwnLoop(USERS + "sgd")),
    ],
)
def test_nothing_is_left_on_another_device(name, reset, rule):
    """Tensors of which nobody says where they are lie on a device without data here."""
    problem, model = ms.problems.Conflict(), Torch(USERS + "on_the_cpu", reset=reset, name=name)
    spec = ms.Spec(problem, model, rule, ms.Adam(), epochs=1)
    lessons = Batch(*(np.asarray(part)[:, None] for part in problem.batch(None)))
    try:
        with torch.device("meta"):
            tutor = Tutor(TorchModel, model.task(problem, spec))
            assert np.isfinite(tutor.learn(lessons).loss)
            before, whole = tutor.weights(), tutor.read(lessons.inputs[:, 0])
            half, _ = tutor.go_on(before, 0, [], lessons.inputs[0, 0, :2])
            rest = tutor.go_on(before, 2, half, lessons.inputs[0, 0, 2:])[1]
            assert tutor.operate("sensitivity", lessons.inputs[0], 3).all()
        np.testing.assert_allclose(rest, whole[0, 2:], atol=1e-6)
        assert tutor.weights().tobytes() == before.tobytes()
    finally:
        torch.set_deterministic_debug_mode("default")


@pytest.mark.extended
def test_a_seed_depends_on_no_other_and_on_no_process():
    model = Torch(USERS + "lstm", hidden=5)
    together = trained(model, seeds=3, epochs=3)
    close_idle()
    alone = trained(model, seeds=[2], epochs=3)
    assert together.weights[2].tobytes() == alone.weights[0].tobytes()
    assert together.loss[2].tobytes() == alone.loss[0].tobytes()
    assert len({row.tobytes() for row in together.weights}) == 3


@pytest.mark.parametrize(
    ("name", "settings"),
    [("Explicit", {}), ("Kept", {"reset": "forget"}), ("Whole", {}), ("Embedding", {"inputs": "symbols"})],
)
def test_what_was_trained_can_be_asked_step_by_step(name, settings):
    problem = ms.problems.Conflict(lag=2)
    runs = trained(theirs(name, **settings), problem=problem, epochs=80, optimizer=ms.Adam(0.05))
    assert runs.status == (Status.SOLVED,)
    network = runs[0]
    for sequence in problem.sequences():
        assert network.predict(sequence[:-1]) == sequence[1:]
        assert network.generate(sequence[:1], 3) == sequence[1:]
        state, steps = network.network.initial_state, []
        ids = np.array(network.ids(sequence), np.int32)
        for each in ids:
            state, said = network.network.step(runs.weights[0], state, each)
            steps.append(said)
        np.testing.assert_allclose(
            steps, network.network.sequence(runs.weights[0], network.network.initial_state, ids)[1], atol=1e-6
        )
    by_vectors = network.network.sequence(runs.weights[0], network.network.initial_state, np.eye(4)[ids])[1]
    np.testing.assert_allclose(by_vectors, steps, atol=1e-6)
    assert runs.weights.shape[1] == sum(each.size for each in network.params.values())


def test_a_state_in_buffers_is_a_state_and_a_running_mean_is_none():
    network = trained(Torch(USERS + "Buffered", reset="reset"), epochs=1, seeds=1)[0].network
    assert [each.shape for each in network.initial_state[1]] == [(1, 6)]


def test_rules_that_need_more_than_a_gradient_are_refused_before_anything_runs():
    for rule in (ms.rules.RTRL(), ms.rules.SnAp(1)):
        with pytest.raises(ms.InvalidInput, match=r"rule must be BPTT, .* but got \w+, which needs the derivatives"):
            trained(theirs(), rule)
    lost = trained(theirs("Whole"), ms.rules.Online())
    assert lost.status == (Status.FAILED,)
    assert "forward of Whole (torch_users.py, line" in lost.failures[0]


def test_the_file_is_part_of_the_identity(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hashes = []
    for hidden in (3, 4):
        source = f"from torch import nn\ndef lstm(n_inputs): return nn.LSTM(n_inputs, {hidden}, batch_first=True)\n"
        (tmp_path / "mine.py").write_text(source)
        spec = ms.Spec(ms.problems.Conflict(), Torch("mine:lstm"), ms.rules.BPTT(), ms.Adam(), epochs=1)
        hashes.append(spec.hash)
    assert len(set(hashes)) == 2
    assert Torch("mine:lstm", time_limit=5.0) == Torch("mine:lstm")
    assert Torch("mine:lstm", device="cuda") != Torch("mine:lstm")


def test_a_module_may_lie_in_folders_that_nobody_has_imported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outer" / "inner").mkdir(parents=True)
    (tmp_path / "outer" / "inner" / "mine.py").write_text("def lstm(n_inputs): ...\n")
    assert UserCode("factory", "outer.inner.mine:lstm").place == "mine.py, line 1"
    with pytest.raises(ms.InvalidInput, match=r"'outer\.inner\.other' is neither in"):
        UserCode("factory", "outer.inner.other:lstm")


FAILS = {
    "raises": "raises failed at torch_users.py, line {line}: KeyError: 'hidden'",
    "hangs": "hangs was stopped at torch_users.py, line {line}, for making the model took more than the 1 s",
    "dies": "dies ended by itself, with code 7, during making the model",
    "elsewhere": "elsewhere failed at torch_users.py, line {line}: ",
    "nothing": "nothing (torch_users.py, line {line}) must return an nn.Module, but returned [5]",
    "time_first": "time_first (torch_users.py, line {line}) must read [batch, time, feature]; pass batch_first=True",
    "Flat": "forward of Flat (torch_users.py, line {line}) must return outputs of shape (batch, time, output)",
    "NotANumber": "forward of NotANumber (torch_users.py, line {line}) must return finite numbers, but returned NaN",
}
LINES = {
    "raises": 'return {}["hidden"]',
    "hangs": "time.sleep(0.05)",
    "elsewhere": 'return lstm(n_inputs).to("cuda:5")',
    "nothing": "def nothing",
    "time_first": "def time_first",
    "Flat": "return self.out(x).sum(dim=1)",
    "NotANumber": 'return super().forward(x) * float("nan")',
}


@pytest.mark.parametrize("name", FAILS)
def test_a_broken_model_ends_in_one_sentence_that_names_the_line(name):
    runs = trained(Torch(USERS + name, time_limit=1.0 if name == "hangs" else 60.0))
    with open(torch_users.__file__) as file:
        source = file.read().splitlines()
    line = next((n for n, text in enumerate(source, 1) if name in LINES and LINES[name] in text), 0)
    line -= LINES.get(name, "").startswith("return self.out(x).sum") or "nan" in LINES.get(name, "")  # its def
    assert FAILS[name].format(line=line) in runs.failures[0]
    assert "\n" not in runs.failures[0]
    assert runs.status == (Status.FAILED,)
    assert runs.success.point == 0


def test_a_device_that_is_not_there_and_settings_that_are_not_taken_are_sentences():
    assert (
        "device must be one that PyTorch finds here, but got 'cuda:7'" in trained(theirs(device="cuda:7")).failures[0]
    )
    assert "did you mean 'hidden'?" in trained(Torch(USERS + "lstm", hiden=3)).failures[0]
    with pytest.raises(ms.InvalidInput, match="did you mean 'lstm'"):
        Torch(USERS + "lsmt")
    with pytest.raises(ms.InvalidInput, match="'nowhere' is neither in"):
        Torch("nowhere:lstm")


def test_one_seed_that_breaks_or_diverges_takes_no_other_with_it():
    runs = trained(theirs("BreaksLater"), seeds=3)
    assert runs.status[1] is Status.FAILED
    assert "line" in runs.failures[1]
    assert "RuntimeError: the fuse blew" in runs.failures[1]
    np.testing.assert_array_equal(np.delete(runs.loss, 1, axis=0), trained(theirs("Whole"), seeds=[0, 2]).loss)
    exploded = trained(theirs("Explodes"), seeds=3)
    assert exploded.status[1] is Status.DIVERGED
    assert exploded.failures == ("", "", "")
    assert np.isfinite(exploded.loss[[0, 2]]).all()
