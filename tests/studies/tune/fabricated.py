"""A problem whose truth is known: when a configuration solves it is drawn from a known distribution."""

from __future__ import annotations

import functools
import math
import threading

import numpy as np

import memspan as ms
from memspan.store import Environment, StoredRun
from memspan.studies.tune import Range, Tuning

HERE = Environment({}, "cpu", "")
PROBLEM = ms.problems.Conflict(lag=1)
ENOUGH = 3  # units; fewer never get beyond nine runs in ten
SPACE = {"units": Range(1, 12), "rate": Range(0.001, 1.0, log=True), "epochs": Range(1, 200, log=True)}


def spec(settings):
    return ms.Spec(
        PROBLEM,
        ms.models.LSTM(settings["units"]),
        ms.rules.BPTT(),
        ms.Adam(settings["rate"]),
        epochs=settings["epochs"],
    )


def plan(**changes):
    defaults = {"target": 0.95, "trials": 72, "seeds": 60, "fresh": 200}
    return Tuning(**{"space": SPACE, "spec": spec, **defaults, **changes})


def slowest(units, rate):
    """Epochs after which every run that ever solves it has: 10 at best, with 12 units at a rate of 0.1."""
    return 4 + 72 / units * (1 + 4 * abs(math.log10(rate / 0.1)))


def truth(units, rate, epochs):
    """The chance that a run succeeds."""
    ever = 1.0 if units >= ENOUGH else 0.9
    return ever * min(max((epochs - 4) / (slowest(units, rate) - 4), 0.0), 1.0)


@functools.cache
def record(seed, solved, updates, until):
    return StoredRun(seed, "finished", solved, updates, until, HERE)


def one(spec, seed):
    """A run: the same whenever it is made, and that of fewer epochs is the beginning of that of more."""
    units, rate = spec.model.units, spec.optimizer.learning_rate
    ever, when = np.random.default_rng([seed, units, round(1e6 * rate)]).random(2)
    epoch = max(1, math.ceil(4 + when * (slowest(units, rate) - 4)))
    solved = (units >= ENOUGH or ever < 0.9) and epoch <= spec.epochs
    return record(seed, bool(solved), 2 * spec.epochs, 2 * epoch if solved else None)


class Runner:
    """Makes runs, and keeps them; an `allowance` of runs that may be made before the power fails."""

    def __init__(self, allowance=math.inf):
        self.kept, self.made, self.allowance, self._lock = {}, [], allowance, threading.Lock()

    def __call__(self, spec, seeds):
        with self._lock:
            for seed in seeds:
                if (spec, seed) not in self.kept:
                    if len(self.made) >= self.allowance:
                        raise KeyboardInterrupt
                    self.made.append((spec, seed))
                    self.kept[spec, seed] = one(spec, seed)
            return tuple(self.kept[spec, seed] for seed in seeds)
