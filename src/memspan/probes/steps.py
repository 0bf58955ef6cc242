"""At which steps of a delay a probe looks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from memspan.core.errors import InvalidInput, check_range
from memspan.probes.trials import Trials

__all__ = ["middle_step", "spread"]

POINTS = 40


def spread(trials: Trials, steps: Sequence[int] | None = None) -> tuple[int, ...]:
    """Return steps of the delay, from 1 (after the cue was read) to the one before the last.

    Example:
        >>> from memspan.probes import trials_of
        >>> from memspan.problems import Conflict
        >>> spread(trials_of(Conflict(lag=4))), len(spread(trials_of(Conflict(lag=900))))
        ((1, 2, 3, 4), 40)

    Args:
        trials: sequences.
        steps: those asked for; by default all, or 40 spread evenly.

    Raises:
        InvalidInput: one is out of range.
    """
    if steps is not None:
        if not steps:
            raise InvalidInput("steps must be one or more, but got none; leave them out for all")
        return tuple(sorted({check_range("steps", step, 1, trials.delay) for step in steps}))
    return tuple(np.unique(np.linspace(1, trials.delay, min(trials.delay, POINTS)).round().astype(int)).tolist())


def middle_step(trials: Trials) -> int:
    """Return the step half-way between the cue and the end.

    Example:
        >>> from memspan.probes import trials_of
        >>> from memspan.problems import Conflict
        >>> middle_step(trials_of(Conflict(lag=4)))
        2
    """
    return (trials.delay + 1) // 2
