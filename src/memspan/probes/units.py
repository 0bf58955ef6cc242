"""The numbers of a state, one by one: what each is called, and what it is when it says nothing about the cue."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from memspan.core.errors import InvalidInput
from memspan.probes.reader import Reader
from memspan.probes.trials import Trials

__all__ = ["blind", "real_units", "unit_name"]


def unit_name(reader: Reader, unit: int) -> str:
    """Return the name of a number of the state, such as "cell 3", counted from 0 within its part."""
    part = next(part for part in reader.parts if part.first <= unit < part.last)
    return f"{part.name} {unit - part.first}"


def real_units(reader: Reader) -> Int[np.ndarray, " unit"]:
    """Return which numbers of the state are real numbers.

    Raises:
        InvalidInput: none is.
    """
    real = [np.arange(part.first, part.last) for part in reader.parts if part.is_real]
    if not real:
        raise InvalidInput(
            "this probe must be given a state with real numbers, but it holds whole numbers only, such as what was "
            "read; leave the probe out"
        )
    return np.concatenate(real)


def blind(states: Float[np.ndarray, "trial ..."], trials: Trials) -> Float[np.ndarray, "..."]:
    """Return the mean state, each cue counting the same: it says nothing about the cue."""
    cues = np.unique(trials.cues)
    return np.mean([states[trials.cues == cue].mean(axis=0) for cue in cues], axis=0)
