"""The tutorial in three frameworks: the programs run, and stateful and stateless are one function of the weights."""

from __future__ import annotations

import importlib.util
import os
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
    torch = pytest.importorskip("torch")
    tutorial = loaded("in_torch")
    network = tutorial.Network()
    (kernel, recurrent, bias), (dense, dense_bias) = OURS.params
    ours = [kernel.T, recurrent.T, bias, 0 * bias, dense.T, dense_bias]
    with torch.no_grad():
        for parameter, values in zip(network.parameters(), ours, strict=True):
            parameter.copy_(torch.from_numpy(np.array(values)))
    for sequence in tutorial.SEQUENCES:
        np.testing.assert_allclose(tutorial.outputs(form, network, sequence), wanted(sequence), atol=1e-5)
