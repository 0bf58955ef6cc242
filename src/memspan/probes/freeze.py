"""Freeze: one number of the state is held at what says nothing about the cue; which are needed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.core.estimate import Estimate
from memspan.probes.reader import Clamp, Reader
from memspan.probes.trials import Trials
from memspan.probes.units import blind, real_units, unit_name

__all__ = ["Frozen", "freeze"]


@dataclass(frozen=True)
class Frozen:
    """How often the cue is told while one number of the state is held still.

    Attributes:
        units: names of the numbers, such as "cell 3", the most needed first.
        told: share of trials in which the cue is told without it.
        margin: by how much the right answer's output exceeds the others' without it, mean over the trials.
        whole: share that is told with nothing held.
        whole_margin: the margin with nothing held.
        chance: share that is told where nothing is remembered.
    """

    units: tuple[str, ...]
    told: tuple[Estimate, ...]
    margin: tuple[float, ...]
    whole: Estimate
    whole_margin: float
    chance: float

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        rows = zip(self.units, self.told, self.margin, strict=True)
        return {
            "chance": self.chance,
            "whole": self.whole.to_json(),
            "whole_margin": self.whole_margin,
            "units": [{"unit": unit, "told": told.to_json(), "margin": margin} for unit, told, margin in rows],
        }


def freeze(reader: Reader, trials: Trials, most_units: int = 256) -> Frozen:
    """Hold each number of the state by itself, at every step after the cue, at its mean over the cues at that step.

    A number that must move for other reasons (it counts the steps, say) still moves so; only what it says about the
    cue is lost. Where several numbers carry the cue, none of them is needed, and `carriers` finds what suffices.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=2)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=300)[0]
        >>> len(freeze(reader_of(window), trials_of(problem)).units)
        8

    Args:
        reader: the model.
        trials: sequences of the problem.
        most_units: numbers to hold, where there are more: those that differ most from cue to cue.

    Returns:
        Shares with intervals, and margins.
    """
    start = reader.start(len(trials))
    before = np.asarray(reader.read(start, trials.inputs).states)
    # What stands before each step is the state after the one before it; before the cue there is nothing to hold.
    still = np.concatenate([blind(start, trials)[None], blind(before, trials)[:-1]])[None]
    whole, margin = _judged(reader, trials, None, before)
    numbers = real_units(reader)
    apart = np.abs(before - blind(before, trials)).sum(axis=(0, 1))[numbers]
    judged = [
        (unit, *_judged(reader, trials, Clamp(np.arange(before.shape[2]) == unit, still), before))
        for unit in numbers[np.argsort(-apart, kind="stable")][:most_units].tolist()
    ]
    judged.sort(key=lambda row: (row[1].point, row[2]))
    names, told = tuple(unit_name(reader, unit) for unit, _, _ in judged), tuple(row[1] for row in judged)
    return Frozen(names, told, tuple(row[2] for row in judged), whole, margin, trials.chance)


def _judged(reader: Reader, trials: Trials, clamp: Clamp | None, states: Any) -> tuple[Estimate, float]:
    """Read on from after the cue."""
    outputs = np.asarray(reader.read(states[:, 0], trials.inputs, 1, None, clamp).outputs)[:, -1]
    return trials.share(trials.told(outputs) == trials.cues), float(trials.margin(outputs).mean())
