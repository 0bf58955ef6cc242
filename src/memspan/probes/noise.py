"""Noise: how hard the state can be shaken before the cue is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np

from memspan.core.errors import InvalidInput, check_range
from memspan.core.estimate import Estimate
from memspan.probes.reader import Reader
from memspan.probes.steps import middle_step
from memspan.probes.trials import Trials
from memspan.probes.units import real_units
from memspan.stats import wilson

__all__ = ["Shaken", "noise"]

SIZES = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Shaken:
    """How often the cue is told after the state was shaken once.

    Attributes:
        step: after which step.
        sizes: standard deviation of the noise on every number, as a share of the distance between the cues' states.
        told: share of trials in which the cue is told.
        chance: share that is told where nothing is remembered.
        level: the share that counts as held.
    """

    step: int
    sizes: tuple[float, ...]
    told: tuple[Estimate, ...]
    chance: float
    level: float

    @property
    def tolerated(self) -> float | None:
        """The largest size up to which the cue is held; None where the smallest is too much."""
        held = takewhile(lambda pair: pair[1].point >= self.level, zip(self.sizes, self.told, strict=True))
        return max((size for size, _ in held), default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "step": self.step,
            "chance": self.chance,
            "level": self.level,
            "tolerated": self.tolerated,
            "sizes": [{"size": s, "told": t.to_json()} for s, t in zip(self.sizes, self.told, strict=True)],
        }


def noise(
    reader: Reader,
    trials: Trials,
    sizes: Sequence[float] = SIZES,
    *,
    step: int | None = None,
    level: float = 0.9,
    repeats: int = 256,
    seed: int = 0,
) -> Shaken:
    """Add Gaussian noise to every number of the state once, half-way, and let the model read on.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=2)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=300)[0]
        >>> noise(reader_of(window), trials_of(problem), sizes=[0.01]).tolerated
        0.01

    Args:
        reader: the model.
        trials: sequences of the problem.
        sizes: of the noise, as shares of the mean distance between states of different cues.
        step: after which step; by default half-way.
        level: the share of trials that counts as held.
        repeats: trials of each size, at least; the sequences are taken over and over.
        seed: decides the noise.

    Returns:
        Shares with intervals.

    Raises:
        InvalidInput: a size is negative, or the step is out of range.
    """
    if not sizes or any(not 0 <= size < np.inf for size in sizes):
        raise InvalidInput(f"sizes must be numbers from 0, one or more, but got {list(sizes)}; 0.1 is usual")
    after = middle_step(trials) if step is None else check_range("step", step, 1, trials.delay)
    rng, real = np.random.default_rng(seed), real_units(reader)
    own = trials.tiled(max(repeats, len(trials)))
    states = np.asarray(reader.advance(reader.start(len(own)), own.inputs, 0, after))
    distance = float(np.sqrt(((states - states[own.donors(rng)])[:, real] ** 2).sum(axis=1)).mean())
    told: list[Estimate] = []
    for size in sorted(sizes):
        shaken = states.copy()
        shaken[:, real] += (size * distance * rng.standard_normal((len(own), len(real)))).astype(states.dtype)
        outputs = np.asarray(reader.read(shaken, own.inputs, after).outputs)[:, -1]
        told.append(wilson(int((own.told(outputs) == own.cues).sum()), len(own)))
    return Shaken(after, tuple(sorted(sizes)), tuple(told), own.chance, level)
