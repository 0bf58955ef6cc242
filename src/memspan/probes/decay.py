"""Decay: how fast what tells two cues apart fades from the state, and how fast a push at random does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import check_range
from memspan.core.estimate import Estimate
from memspan.probes.intervals import mean
from memspan.probes.reader import Reader
from memspan.probes.trials import Trials
from memspan.probes.units import real_units

__all__ = ["Decay", "Fading", "decay"]

GONE = 1e-6  # of the first distance: what single precision can no longer tell from nothing
ROUNDING = 1e-6  # of the state: what two paths that have met may still differ by, a few units in the last place
STEADY = 1e-3  # a change by less than this over all steps is none


@dataclass(frozen=True)
class Fading:
    """How a distance between states fades.

    Attributes:
        distance: after each step, mean over the trials.
        rate: of its exponential decay, one over steps; negative where it grows.
        gone: the first step after which nothing of it is left; None where something is.
    """

    distance: tuple[float, ...]
    rate: Estimate
    gone: int | None

    @property
    def time_constant(self) -> tuple[float, float, float]:
        """Steps until the distance has fallen to 1/e, with its interval; infinite where it does not fall."""
        ends = (self.rate.point, self.rate.high, self.rate.low)
        still = STEADY / max(len(self.distance), 1)
        point, low, high = (1 / rate if rate > still else math.inf for rate in ends)
        return point, low, high

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data; an infinite time constant is null."""
        point, low, high = (value if math.isfinite(value) else None for value in self.time_constant)
        return {
            "distance": list(self.distance),
            "rate": self.rate.to_json(),
            "time_constant": {"point": point, "low": low, "high": high},
            "gone": self.gone,
        }


@dataclass(frozen=True)
class Decay:
    """What becomes of two differences in the state.

    Attributes:
        cue: between two sequences that differ in their cue alone.
        push: between a sequence and itself after a small push in a random direction.
    """

    cue: Fading
    push: Fading

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {"cue": self.cue.to_json(), "push": self.push.to_json()}


def decay(reader: Reader, trials: Trials, steps: int = 100, push: float = 0.01, seed: int = 0) -> Decay:
    """Let pairs of states read the same inputs, and measure their distance after every step.

    The inputs are those of the middle, drawn at random. A cue that is kept by an attractor stays, while a push
    fades; what leaks loses both; what adds up without a leak keeps both.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=4)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=1)[0]
        >>> found = decay(reader_of(window), trials_of(problem), steps=5)
        >>> [round(distance, 3) for distance in found.cue.distance], found.cue.gone
        ([1.414, 1.414, 0.0, 0.0, 0.0, 0.0], 3)

    Args:
        reader: the model.
        trials: sequences of the problem; those of a fixed problem are taken 16 times, each with inputs of its own.
        steps: to follow the pairs for, after the cue.
        push: its size, as a share of the distance that the cues make.
        seed: decides the inputs and the directions.

    Returns:
        Both distances, with the rates of their decay and intervals over the trials.

    Raises:
        InvalidInput: the steps are not at least 2.
    """
    check_range("steps", steps, 2)
    rng, pool, real = np.random.default_rng(seed), trials.pool, real_units(reader)
    exact = trials.complete and len(pool) == 1
    own = trials if exact or not trials.complete else trials.tiled(16)
    inputs = pool[rng.integers(len(pool), size=(len(own), steps))]
    start = np.asarray(reader.advance(reader.start(len(own)), own.inputs[:, :1], 0, 1))
    other = start[own.donors(rng)]
    first = np.sqrt(((start - other)[:, real] ** 2).sum(axis=1)).mean()
    direction = rng.standard_normal((len(own), len(real)))
    direction *= push * (first or 1.0) / np.sqrt((direction**2).sum(axis=1, keepdims=True))
    pushed = start.copy()
    pushed[:, real] += direction.astype(start.dtype)
    kept = np.asarray(reader.read(start, inputs).states, float)[:, :, real]
    paths = [np.asarray(reader.read(state, inputs).states, float)[:, :, real] for state in (other, pushed)]
    begun = [
        np.sqrt((difference[:, real].astype(float) ** 2).sum(axis=1)) for difference in (other - start, pushed - start)
    ]
    size = float(np.abs(kept).max())
    return Decay(*(_fading(b, kept, path, size, exact) for b, path in zip(begun, paths, strict=True)))


def _fading(
    begun: Float[np.ndarray, " trial"],
    kept: Float[np.ndarray, "trial time unit"],
    path: Float[np.ndarray, "trial time unit"],
    size: float,
    exact: bool,
) -> Fading:
    """Fit a straight line to the logarithm of each trial's distance, as long as there is any."""
    apart = np.concatenate([begun[:, None], np.sqrt(((kept - path) ** 2).sum(axis=2))], axis=1)
    there = apart > max(GONE * float(begun.mean()), ROUNDING * size)
    lasts = np.where(there.all(axis=1), there.shape[1], there.argmin(axis=1))
    rates = [_slope(row[:last]) for row, last in zip(apart, lasts, strict=True)]
    gone = None if there.any(axis=0).all() else int(there.any(axis=0).argmin()) + 1
    return Fading(tuple(apart.mean(axis=0).tolist()), mean(np.array(rates), exact), gone)


def _slope(distance: Float[np.ndarray, " time"]) -> float:
    """Return the rate of an exponential decay; 0 where there is too little to say."""
    if len(distance) < 2:
        return 0.0
    time = np.arange(len(distance)) - (len(distance) - 1) / 2
    return -float(time @ np.log(distance) / (time @ time))
