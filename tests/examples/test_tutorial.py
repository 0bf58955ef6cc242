"""The tutorial in three frameworks: the programs run, and stateful and stateless are one function of the weights."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import memspan as ms

FOLDER = Path(__file__).parents[2] / "examples" / "tutorial"
PROBLEM = ms.problems.Conflict(lag=3)
OURS = ms.train(PROBLEM, ms.models.LSTM(units=20), seeds=1, epochs=20)[0]


def started(program, *words, **variables):
    """Run a program as a person does."""
    return subprocess.run(
        [sys.executable, FOLDER / program, *words],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, **variables},
    )


def lines(program, *words):
    done = started(program, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def loaded(program):
    spec = importlib.util.spec_from_file_location(program, FOLDER / f"{program}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wanted(sequence):
    """What memspan gives with its weights."""
    return OURS.probabilities(sequence[:-1])


@pytest.mark.parametrize("form", ["stateful", "stateless"])
def test_torch_gives_our_outputs_in_both_forms(form):
    import torch

    tutorial = loaded("in_torch")
    network = tutorial.Network()
    (kernel, recurrent, bias), (dense, dense_bias) = OURS.params
    ours = [kernel.T, recurrent.T, bias, 0 * bias, dense.T, dense_bias]
    with torch.no_grad():
        for parameter, values in zip(network.parameters(), ours, strict=True):
            parameter.copy_(torch.from_numpy(np.array(values)))
    for sequence in tutorial.SEQUENCES:
        np.testing.assert_allclose(tutorial.outputs(form, network, sequence), wanted(sequence), atol=1e-5)


def test_torch_stateful_learns_what_needs_no_memory_in_sixty_epochs():
    told, rate = lines("in_torch.py", "stateful", "--epochs", "60", "--seeds", "1")
    assert re.match(r"seed 0: \[3, 0, 1, 2\] -> \[0, 1,", told), told
    assert re.fullmatch(r"solved: [01]\.00 \[.*\] \(n = 1, wilson 95 %\)", rate)


def test_torch_stateless_solves_it():
    told, rate = lines("in_torch.py", "stateless", "--seeds", "1")
    assert told == "seed 0: [3, 0, 1, 2] -> [0, 1, 2, 3], [4, 0, 1, 2] -> [0, 1, 2, 4]"
    assert rate.startswith("solved: 1.00 ")


def keras_worker(form, backend):
    """Both Keras forms with our weights, in a process of their own: there is one backend in a process."""
    (kernel, recurrent, bias), (dense, dense_bias) = OURS.params
    weights = [np.asarray(part).tolist() for part in (kernel, recurrent, bias, dense, dense_bias)]
    code = (
        "import json, sys; import numpy as np; sys.path.insert(0, sys.argv[1]); import in_keras as tutorial;"
        "form, weights = json.load(sys.stdin); model = tutorial.build(form);"
        "model.set_weights([np.array(part, 'float32') for part in weights]);"
        "print(json.dumps([tutorial.outputs(form, model, s).tolist() for s in tutorial.SEQUENCES]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(FOLDER)],
        input=json.dumps([form, weights]),
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "KERAS_BACKEND": backend},
    )
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout.splitlines()[-1]))


CASES = [
    ("stateless", "jax"),
    *(pytest.param("stateful", backend, marks=pytest.mark.extended) for backend in ("tensorflow", "torch")),
    *(pytest.param("stateless", backend, marks=pytest.mark.extended) for backend in ("tensorflow", "torch")),
]


@pytest.mark.parametrize(("form", "backend"), CASES)
def test_keras_gives_our_outputs_in_both_forms(form, backend):
    outputs = keras_worker(form, backend)
    np.testing.assert_allclose(outputs, [wanted(s) for s in PROBLEM.sequences()], atol=1e-5)


@pytest.mark.extended
def test_keras_on_jax_loses_the_state_and_the_program_refuses_it():
    """The trap itself: predict gives for each symbol what a reset network gives; so the program does not train it."""
    outputs = keras_worker("stateful", "jax")
    alone = [[OURS.probabilities([symbol])[0] for symbol in s[:-1]] for s in PROBLEM.sequences()]
    np.testing.assert_allclose(outputs, alone, atol=1e-5)
    done = started("in_keras.py", "stateful", KERAS_BACKEND="jax")
    assert done.returncode == 1
    assert "lose the state" in done.stderr.splitlines()[-1]
    assert done.stdout == ""


@pytest.mark.extended
def test_keras_stateless_learns_it_on_jax():
    done = started("in_keras.py", "stateless", "--seeds", "2", KERAS_BACKEND="jax")
    assert done.stdout.splitlines()[-1].startswith("solved: 1.00 "), done.stdout + done.stderr


@pytest.mark.extended
@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_keras_stateful_trains(backend):
    done = started("in_keras.py", "stateful", "--seeds", "1", "--epochs", "20", KERAS_BACKEND=backend)
    assert re.search(r"^solved: \d", done.stdout, re.MULTILINE), done.stderr


@pytest.mark.extended
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_what_a_program_of_2017_must_change_is_what_the_page_says(backend):
    page = (FOLDER.parents[1] / "docs" / "keras-2017.md").read_text()
    done = started("keras_2017.py", KERAS_BACKEND=backend)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| `")]
    assert len(rows) == 25
    assert [row for row in rows if row not in page] == []
