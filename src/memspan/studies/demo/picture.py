"""The picture of the demonstration: losses, success rates, and the cell state in which the cue persists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.engine import Trained
from memspan.plots import cell_state, demo_page, loss_curves, save, success, text
from memspan.studies.demo.measure import Measured
from memspan.studies.demo.plan import RECIPES, RECOMMENDED, Settings

__all__ = ["Drawn", "cells", "picture"]

MOST_STEPS = 40  # a heat map with more columns than this shows nothing; the last ones are drawn


@dataclass(frozen=True)
class Drawn:
    """A picture, as a file and as text.

    Attributes:
        path: the file written.
        texts: what rich can print in a terminal.
    """

    path: Path
    texts: tuple[Any, ...]


def cells(trained: Trained, sequence: list[object]) -> Float[np.ndarray, "step unit"]:
    """Return the LSTM's cell state after each symbol of a sequence."""
    lstm, _ = trained.states(sequence)
    return lstm.cell


def picture(settings: Settings, done: Mapping[str, Measured], path: Path) -> Drawn:
    """Draw the demonstration.

    Args:
        settings: what was asked for.
        done: the measured lines by name.
        path: where the picture goes; its suffix decides the format.

    Returns:
        The picture.

    Raises:
        InvalidInput: the file cannot be written.
    """
    taught = {name: row for name, row in done.items() if RECIPES[name].control is None}
    best = RECOMMENDED if RECOMMENDED in taught else next(iter(taught))
    first, second = (sequence[:-1] for sequence in settings.problem.sequences()[:2])
    states = np.stack([cells(taught[best].runs[0], sequence) for sequence in (first, second)])
    shown = cell_state.facts([first[-MOST_STEPS:], second[-MOST_STEPS:]], states[:, -MOST_STEPS:])
    order = [name for name in RECIPES if name in done]
    losses = loss_curves.facts({name: done[name].runs.loss for name in order if name in taught})
    rates = success.facts([(name, done[name].runs.success) for name in order])
    page = demo_page.facts(
        f"Memory over {settings.lag} steps: what the learning rule makes of the same network",
        losses,
        rates,
        shown,
        note=f"cell state: seed {settings.seed}, {best}",
    )
    return Drawn(save(demo_page.draw(page), path), (text.loss_curves(losses), text.cell_state(shown)))
