"""The networks that every framework is given: three that solved the tutorial's problem, the rest drawn at random."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from memspan import models, problems
from memspan.engine.network import Network
from memspan.engine.trained import Trained

GOLDEN = Path(__file__).with_name("golden.npz")
CONFLICT = problems.Conflict()
PARITY, ADDING = problems.Parity(), problems.ModernAdding()  # softmax; real inputs and a linear output
UNITS = 6

# name: problem, model. Those that are solved were trained by `make_golden`; the golden file has their weights.
CASES = {
    "lstm_solved": (CONFLICT, models.LSTM(UNITS)),
    "gru_solved": (CONFLICT, models.GRU(UNITS)),
    "elman_solved": (CONFLICT, models.Elman(UNITS)),
    "lstm": (CONFLICT, models.LSTM(UNITS)),
    "gru": (CONFLICT, models.GRU(UNITS)),
    "elman": (CONFLICT, models.Elman(UNITS)),
    "elman_relu": (CONFLICT, models.Elman(UNITS, activation="relu")),
    "gru_before": (CONFLICT, models.GRU(UNITS, reset="before")),
    "lstm_hard": (CONFLICT, models.LSTM(UNITS, gate="hard_sigmoid")),
    "lstm_softmax": (PARITY, models.LSTM(UNITS)),
    "gru_linear": (ADDING, models.GRU(UNITS)),
}
# What a framework does not have.
LACKS = {"torch": ("gru_before", "lstm_hard"), "keras": ("lstm_hard",), "onnx": ()}
SYMBOLS = [name for name, (problem, _) in CASES.items() if problem is CONFLICT]
TIME = 9


def had_by(framework: str) -> list[str]:
    return [name for name in CASES if name not in LACKS[framework]]


def network(name: str) -> Network:
    return Network.of(*CASES[name])


def drawn(name: str) -> np.ndarray:
    """Weights that move the gates over their range; no bias is zero, so that none can hide."""
    size = len(network(name).draw(0))
    return np.random.default_rng([7, *name.encode()]).normal(0, 0.7, size).astype(np.float32)


def trained(name: str, weights: np.ndarray | None = None) -> Trained:
    if weights is None:
        with np.load(GOLDEN, allow_pickle=False) as golden:
            weights = golden[f"{name}/weights"]
    return Trained(CASES[name][0], network(name), weights)


def inputs(name: str) -> np.ndarray:
    """Three sequences as vectors, batch first."""
    rng, problem = np.random.default_rng(3), CASES[name][0]
    if problem is ADDING:
        return rng.normal(0, 1, (3, TIME, 2)).astype(np.float32)
    return np.eye(problem.n_inputs, dtype=np.float32)[rng.integers(0, problem.n_inputs, (3, TIME))]
