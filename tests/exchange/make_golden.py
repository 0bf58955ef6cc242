"""Regenerate golden.npz, with Keras, PyTorch and ONNX Runtime: `python -m tests.exchange.make_golden`.

It has the weights of every case, and what each framework says of it, named framework/case/fact.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from tests.exchange.cases import CASES, GOLDEN, had_by, trained
from tests.exchange.in_others import in_onnxruntime, in_torch
from tests.exchange.keras_process import keras_facts
from tests.exchange.measured import all_measured

import memspan as ms

BACKENDS = ("tensorflow", "jax", "torch")


def weights(name: str) -> np.ndarray:
    """Those of the first seed that solves the problem, or drawn ones."""
    from tests.exchange.cases import drawn

    if not name.endswith("_solved"):
        return drawn(name)
    runs = ms.train(*CASES[name], ms.rules.BPTT(), seeds=8, epochs=300, optimizer=ms.Adam(learning_rate=0.03))
    return runs.weights[int(np.argmax(runs.solved))]


def facts_of(asked) -> dict[str, np.ndarray]:
    """What every framework says today; `asked` gives a network by its name."""
    found = {}
    for framework, reader in (("torch", in_torch), ("onnx", in_onnxruntime)):
        said = all_measured(had_by(framework), lambda name, reader=reader: reader(asked(name)))
        found |= {f"{framework}/{fact}": value for fact, value in said.items()}
    for backend in BACKENDS:
        with tempfile.TemporaryDirectory() as folder:
            said = keras_facts(Path(folder), backend, asked)
        assert said.pop("backend") == backend
        found |= {f"keras_{backend}/{fact}": v for fact, v in said.items() if fact.split("/")[0] in CASES}
    return {fact: value for fact, value in found.items() if not fact.endswith("/back")}


def generate() -> dict[str, np.ndarray]:
    drawn = {name: weights(name) for name in CASES}
    facts = facts_of(lambda name: trained(name, drawn[name]))
    return {**{f"{name}/weights": vector for name, vector in drawn.items()}, **facts}


if __name__ == "__main__":
    np.savez_compressed(GOLDEN, **generate())
