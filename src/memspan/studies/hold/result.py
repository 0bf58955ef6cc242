"""What probes found in one model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memspan.probes import (
    Carriers,
    Credit,
    Decay,
    Frozen,
    ReadOut,
    Shaken,
    Spectrum,
    Stretched,
    Swapped,
    Wiped,
)

__all__ = ["FOUND", "Held"]

FOUND = (
    "stretch",
    "swap",
    "wipe",
    "freeze",
    "carriers",
    "readout",
    "credit",
    "untrained",
    "decay",
    "noise",
    "spectrum",
)


@dataclass(frozen=True)
class Held:
    """What one trained model holds; None where a probe was not asked for, or refused.

    Attributes:
        seed: the seed that it was trained from; None where it has none.
        solved: whether it solved its problem; None where that is not known.
        delay: the delay that it was trained with, in steps.
        cues: what the cues are called.
        complete: whether the trials are all the sequences there are.
        stretch: longer delays.
        swap: exchanged states.
        wipe: reset states.
        freeze: numbers held still.
        carriers: the numbers that carry the cue.
        readout: decoded cues.
        credit: the gradient's way back.
        untrained: the same, before training.
        decay: how differences fade.
        noise: shaken states.
        spectrum: eigenvalues.
        refused: why a probe could not be asked, by its name.
        said: all of it in sentences.
    """

    seed: int | None
    solved: bool | None
    delay: int
    cues: tuple[object, ...]
    complete: bool
    stretch: Stretched | None = None
    swap: Swapped | None = None
    wipe: Wiped | None = None
    freeze: Frozen | None = None
    carriers: Carriers | None = None
    readout: ReadOut | None = None
    credit: Credit | None = None
    untrained: Credit | None = None
    decay: Decay | None = None
    noise: Shaken | None = None
    spectrum: Spectrum | None = None
    refused: Mapping[str, str] = field(default_factory=dict[str, str])
    said: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data; probes that found nothing are left out."""
        found = {name: getattr(self, name) for name in FOUND}
        return {
            "seed": self.seed,
            "solved": self.solved,
            "delay": self.delay,
            "cues": list(self.cues),
            "complete": self.complete,
            "refused": dict(self.refused),
            **{name: result.to_json() for name, result in found.items() if result is not None},
        }

    def __str__(self) -> str:
        return "\n".join(self.said)
