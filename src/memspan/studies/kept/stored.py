"""Runs as the store keeps them: one record a seed, in plain numbers."""

from __future__ import annotations

import functools

import jax
import numpy as np

from memspan.engine import Runs
from memspan.store import Environment, StoredRun, this_environment

__all__ = ["here", "stored"]

SPLIT = "evaluation"


@functools.cache
def here() -> Environment:
    """Return the environment of this process; the device is the one that programs are compiled for."""
    device = jax.devices()[0]
    return this_environment(None if device.platform == "cpu" else device.device_kind)


def stored(runs: Runs, seconds: float) -> list[StoredRun]:
    """Return the runs of one spec as records.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(lag=1), ms.models.LSTM(units=2), ms.rules.BPTT(), epochs=3)
        >>> record = stored(runs, seconds=2.0)[0]
        >>> record.status, record.updates, sorted(record.curves)
        ('finished', 6, ['accuracy', 'loss', 'solved', 'updates'])

    Args:
        runs: what the engine gave.
        seconds: on the wall, for all of them together; each is given its share.

    Returns:
        One record a seed, in the order of `runs`. Curves have one point an epoch; `stage` is there where the spec has a
        curriculum. The score is the last one evaluated.
    """
    name = runs.spec.problem.score_name.replace(".", " ")  # a dot divides the names of columns
    curves = {"loss": runs.loss, "accuracy": runs.accuracy, "solved": runs.solved_at, "updates": runs.updates_at}
    if runs.spec.curriculum:
        curves["stage"] = runs.stage_at
    until = runs.updates_until_solved
    return [
        StoredRun(
            seed=seed,
            status="failed" if runs.failed[row] else "finished" if runs.finite[row] else "diverged",
            solved=bool(runs.solved[row]),
            updates=int(runs.updates_at[row, -1]),
            updates_until_solved=int(until[row]) if np.isfinite(until[row]) else None,
            environment=here(),
            scores={} if runs.failed[row] else {SPLIT: {name: float(runs.accuracy[row, -1])}},
            curves={} if runs.failed[row] else {key: rows[row] for key, rows in curves.items()},
            seconds=seconds / len(runs),
            reason=runs.failures[row] if runs.failed[row] else "",
        )
        for row, seed in enumerate(runs.seeds)
    ]
