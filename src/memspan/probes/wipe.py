"""Wipe: the state is reset in the middle of a sequence; what the model still knows was not in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.core.estimate import Estimate
from memspan.probes.reader import Reader
from memspan.probes.steps import spread
from memspan.probes.trials import Trials

__all__ = ["Wiped", "wipe"]


@dataclass(frozen=True)
class Wiped:
    """How often the cue is told after the state was reset.

    Attributes:
        steps: after which step (from 1, the cue) it was reset.
        told: share of trials in which the cue is told.
        whole: the same, with nothing reset.
        chance: share that is told where nothing is remembered.
    """

    steps: tuple[int, ...]
    told: tuple[Estimate, ...]
    whole: Estimate
    chance: float

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "chance": self.chance,
            "whole": self.whole.to_json(),
            "steps": [{"step": s, "told": t.to_json()} for s, t in zip(self.steps, self.told, strict=True)],
        }


def wipe(reader: Reader, trials: Trials, steps: Sequence[int] | None = None) -> Wiped:
    """Reset the whole state to that before the first step, after a step, and let the model read on.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=2)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=300)[0]
        >>> wiped = wipe(reader_of(window), trials_of(problem))
        >>> wiped.whole.point, wiped.told[0].point
        (1.0, 0.5)

    Args:
        reader: the model.
        trials: sequences of the problem.
        steps: after which steps to reset it, from 1 to the one before the last; by default all, or 40 spread evenly.

    Returns:
        Shares with intervals.

    Raises:
        InvalidInput: a step is out of range.
    """
    chosen, start = spread(trials, steps), reader.start(len(trials))

    def told(first: int) -> Estimate:
        outputs = np.asarray(reader.read(start, trials.inputs, first).outputs)[:, -1]
        return trials.share(trials.told(outputs) == trials.cues)

    return Wiped(chosen, tuple(told(step) for step in chosen), told(0), trials.chance)
