"""Fewer epochs for a configuration that holds: its runs tell when they had solved it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.space import Range
from memspan.studies.tune.trial import Trial

__all__ = ["EPOCHS", "epochs_within", "lengthened", "solved_by"]

EPOCHS = "epochs"
FACTOR = 1.2  # from a number of epochs to the next larger one that is worth a trial


def epochs_within(plan: Tuning) -> Range | None:
    """Return the range of epochs; None where they are not searched."""
    within = plan.space.get(EPOCHS)
    return within if isinstance(within, Range) else None


def solved_by(trial: Trial, target: float) -> int:
    """Return after how many epochs as many of a trial's runs as the target asks had solved it once.

    Args:
        trial: one that holds.
        target: the rate that is asked for.
    """
    times = sorted(one.updates_until_solved for one in trial.runs if one.updates_until_solved is not None)
    last = times[math.ceil(target * len(trial.runs)) - 1]
    return max(1, math.ceil(last * trial.spec.epochs / trial.updates))


def lengthened(settings: Mapping[str, Any], plan: Tuning) -> dict[str, Any] | None:
    """Return settings with a fifth more epochs, or None where that is too many."""
    within = epochs_within(plan)
    if within is None or settings[EPOCHS] >= within.high:
        return None
    return {**settings, EPOCHS: min(int(within.high), math.ceil(FACTOR * settings[EPOCHS]))}
