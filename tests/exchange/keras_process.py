"""Keras in a process of its own, for its backend belongs to a whole process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from tests.exchange.cases import had_by, trained

from memspan import exchange

ROOT = Path(__file__).parents[2]


def keras_facts(folder: Path, backend: str, trained=trained) -> dict[str, np.ndarray]:
    """Hand Keras all networks that it can have, and return what it says of them."""
    for name in had_by("keras"):
        exchange.save(trained(name), folder / f"{name}.safetensors")
    settings = {
        "KERAS_BACKEND": backend,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    command = [sys.executable, "-m", "tests.exchange.in_keras", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(folder / "facts.npz", allow_pickle=False) as facts:
        return dict(facts)
