"""Runs to be stored: made of their seed alone, so that any process makes the same ones."""

from __future__ import annotations

import numpy as np

from memspan.store import Environment, StoredRun
from memspan.store.identity import canonical

HERE = Environment({"python": "3.11", "jax": "0.8"}, "a processor", "0123456789abcdef")


def spec(number=0):
    """The canonical JSON of a spec of some kind."""
    model = {"type": "LSTM", "units": 4 + number, "peepholes": number % 2 == 1}
    return canonical({"type": "Spec", "model": model, "protocol": {"batch": "one" if number % 2 else 3}, "epochs": 9})


def run(seed, points=50, environment=HERE, **changes):
    """One run, of which every third solves it and every tenth diverges."""
    rng = np.random.default_rng(abs(seed))
    solved, diverged = seed % 3 == 0, seed % 10 == 7
    facts = {
        "seed": seed,
        "status": "diverged" if diverged else "finished",
        "solved": solved and not diverged,
        "updates": 500,
        "updates_until_solved": 10 + seed % 50 if solved and not diverged else None,
        "environment": environment,
        "scores": {"train": {"accuracy": float(rng.random())}, "test": {"accuracy": float("nan")}},
        "curves": {
            "loss": rng.random(points, np.float32),
            "accuracy": np.full(points, np.nan, np.float32),
            "updates": np.arange(points, dtype=np.int32),
        },
        "seconds": 0.25,
    }
    return StoredRun(**{**facts, **changes})
