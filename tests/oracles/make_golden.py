"""Regenerate golden.npz, with TensorFlow, Keras and PyTorch: `python -m tests.oracles.make_golden`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.oracles import keras_oracle, torch_oracle
from tests.oracles.cases import CASES, GRADIENTS_AT, PARTS, draw

GOLDEN = Path(__file__).with_name("golden.npz")


def generate() -> dict[str, np.ndarray]:
    """Return all golden values, named oracle/case/fact."""
    golden: dict[str, np.ndarray] = {}
    for name, settings in CASES.items():
        case = draw(*settings)
        for part, value in zip(PARTS, case.weights, strict=True):
            golden[f"case/{name}/{part}"] = value
        for oracle, module in (("keras", keras_oracle), ("torch", torch_oracle)):
            for fact, value in module.facts(case).items():
                kept = value[list(GRADIENTS_AT)] if fact == "gradients" else value
                golden[f"{oracle}/{name}/{fact}"] = kept.astype(np.float32)
    for fact, value in keras_oracle.clipping().items():
        golden[f"keras/clipping/{fact}"] = value
    golden["keras/unclipped/values"] = keras_oracle.unclipped()
    for fact, value in keras_oracle.initial().items():
        golden[f"keras/initial/{fact}"] = np.asarray(value, np.float32)
    return golden


if __name__ == "__main__":
    np.savez_compressed(GOLDEN, **generate())
