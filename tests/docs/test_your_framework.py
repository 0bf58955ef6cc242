"""The page about models of other frameworks: its code is run as the user's file, its command prints what it says."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import numpy as np
import pytest
from tests.cli.commands import command as command

import memspan as ms
from memspan.adapters import Jax, Keras, OwnLoop, Predict, Torch
from memspan.studies.span.names import build
from memspan.studies.span.notation import table_of
from memspan.studies.tune import tuning_of

PAGE = (Path(__file__).parents[2] / "docs" / "your-framework.md").read_text()
IMPORTS = "import equinox\nimport jax\nimport numpy as np\nimport torch\n"


def test_its_code_runs_and_its_command_prints_what_it_says(command, tmp_path):
    (tmp_path / "mymodel.py").write_text(IMPORTS + "".join(re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL)))
    shown, other, _ = re.findall(r"```console\n\$ (.*?)```", PAGE, re.DOTALL)
    words, *lines = shown.splitlines()
    done = command(*shlex.split(words)[1:])
    assert done.code == 0, done.err
    assert done.out.startswith("\n".join(lines).removesuffix("..."))
    # What the page names otherwise is there and can be made; training with it is tested elsewhere.
    assert f"--rule OwnLoop:{OwnLoop('mymodel:train').user.name} " in other
    assert Jax("mymodel:gru", hidden=3).n_outputs == 3
    pair = "jax:mymodel:elman(units=8)"
    assert f"`{pair}`" in PAGE
    model = build("model", table_of("model", pair, "--model"), "--model")
    found = ms.train(ms.problems.Conflict(lag=1), model, ms.rules.RTRL(), optimizer=ms.Adam(0.03), epochs=150)
    assert found.solved.all()
    assert Torch("mymodel:lstm", hidden=12).settings == (("hidden", 12),)
    problem = ms.problems.Conflict()
    found = ms.train(problem, Predict("mymodel:remembers", returns="symbols"), ms.rules.BPTT(), epochs=1)
    assert found.solved.all()
    assert np.isfinite(ms.train(problem, Torch("mymodel:lstm"), OwnLoop("mymodel:train"), epochs=1).loss).all()
    (recipe,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    tuning = {"lag": 1, "problem": {"name": "Conflict"}, **tomllib.loads(recipe)}
    assert list(tuning_of(tuning, "the page").space) == ["model.hidden"]
    (call,) = re.findall(r"`(ms\.span\(.*?\], problem\))`", PAGE)
    asked = call.replace(", problem)", ", problem, lags=[1], seeds=1, epochs=1)").replace("LSTM(12)", "MLP(2)")
    found = eval(asked, {"ms": ms, "problem": problem})
    assert found.names == ("torch:mymodel:lstm(hidden=12)", "MLP")


@pytest.mark.extended
def test_its_keras_loop_trains_its_keras_model(tmp_path, monkeypatch):
    code = "".join(block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if ">>>" not in block)
    (tmp_path / "mine.py").write_text("import keras\n" + code)
    monkeypatch.chdir(tmp_path)
    model = Keras("mine:tagger", backend="jax", compiled=False, units=4)
    rules = (OwnLoop("mine:train"), ms.rules.BPTT())
    mine, ours = (ms.train(ms.problems.Conflict(1), model, rule, epochs=3) for rule in rules)
    assert mine.failures == ("",)
    np.testing.assert_allclose(mine.loss, ours.loss, atol=1e-5)
