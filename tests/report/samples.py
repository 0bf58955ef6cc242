"""Stores to report on: real specs, invented runs, so that no test waits for training."""

from __future__ import annotations

import dataclasses

import numpy as np

import memspan as ms
from memspan.store import Environment, Store, StoredRun
from memspan.studies.noted import NotedCell, note_of

HERE = Environment({"python": "3.11.7", "memspan": "0.1", "jax": "0.10"}, "a processor", "0123456789abcdef")
HOSTILE = "</script><b onmouseover=alert(1)>&amp;`|*_$x$"
EPOCHS = 20


def spec_of(lag, number, **changes):
    """A spec whose learning rate tells the recipes apart."""
    spec = ms.Spec(
        ms.problems.Conflict(lag=lag),
        ms.models.LSTM(units=2),
        ms.rules.BPTT(),
        ms.Adam(0.01 * (number + 1)),
        epochs=EPOCHS,
    )
    return dataclasses.replace(spec, **changes)


def invented(seed, rate, lag, epochs=EPOCHS):
    """A run that is solved where its seed lies in the first `rate` of ten."""
    solved = seed % 10 < 10 * rate
    until = 40 + seed if solved else None
    loss = np.linspace(0.7, 0.01 if solved else 0.3, epochs).astype(np.float32) + np.float32(seed * 1e-3)
    score = {"evaluation": {"accuracy": 1.0 if solved else 0.875 - 0.01 * lag}}
    return StoredRun(seed, "finished", solved, 200, until, HERE, score, {"loss": loss}, 0.25)


def diverged(seed):
    curve = np.array([0.7] * 5 + [np.nan] * (EPOCHS - 5), np.float32)
    return StoredRun(
        seed, "diverged", False, 50, None, HERE, {"evaluation": {"accuracy": np.nan}}, {"loss": curve}, 0.1
    )


def failed(seed, reason="its process was killed"):
    return StoredRun(seed, "failed", False, 0, None, HERE, reason=reason)


def put(path, rates, lags=(3, 5), seeds=10, name="a study", extra=(), asked=None, cells_seeds=None, table=None):
    """Make a store with one study; `rates` gives each recipe's rate at each lag. Return the study's hash.

    `extra` are further runs, by recipe, lag and run, in place of those invented.
    """
    cells = []
    with Store.open(path) as store, store.writer() as writer:
        for number, (recipe, at) in enumerate(rates.items()):
            for lag, rate in zip(lags, at, strict=True):
                if rate is None:
                    continue
                spec = spec_of(lag, number)
                other = {run.seed: run for name, where, run in extra if (name, where) == (recipe, lag)}
                runs = [other.get(seed) or invented(seed, rate, lag) for seed in range(seeds)]
                writer.add(spec.canonical_json(), runs)
                cells.append(NotedCell(recipe, lag, spec.hash, 0, cells_seeds or seeds))
        return writer.note(
            note_of("span", name, asked or {"target": "mine.toml", "lags": list(lags)}, table or {}, cells)
        )
