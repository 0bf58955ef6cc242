"""What probes found, as tables and bars of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from memspan.core.bars import bars
from memspan.core.estimate import Estimate
from memspan.studies.hold.pooled import Pooled, pooled
from memspan.studies.hold.result import Held
from memspan.studies.hold.sentences import percent
from memspan.studies.in_words import aligned

__all__ = ["tables"]

T = TypeVar("T")
Column = dict[int, Estimate]

ROWS = 16
BAR = 20
UNITS = 6
COLUMNS = 48
GRADIENT = "gradient"
DECADES = 6  # below the largest gradient; what is smaller is drawn as the lowest bar


def tables(all_held: Sequence[Held], ascii_only: bool = False) -> list[str]:
    """Return the tables of one run, or of the medians over several.

    Args:
        all_held: one a run, of one spec.
        ascii_only: whether the output knows no block characters.
    """
    first, found = all_held[0], pooled(all_held)
    lines: list[str] = []
    one = len(all_held) == 1
    if found.told:
        told = list(zip(first.stretch.delays, first.stretch.told, strict=True)) if one and first.stretch else found.told
        lines += ["", *_bars("delay", "cue told", _some(told))]
    columns = _by_step(first) if one else _by_step_of_several(found)
    if columns:
        lines += ["", *_along(columns, ascii_only), "", *_steps(columns)]
    if one and first.freeze is not None:
        lines += ["", *_units(first)]
    return lines


def _bars(name: str, what: str, rows: Sequence[tuple[int, Estimate]]) -> list[str]:
    body = [(f"{at:,}", percent(one), "#" * round(BAR * min(max(one.point, 0), 1))) for at, one in rows]
    shown = aligned([(name, what), *(row[:2] for row in body)], left=0)
    return [shown[0], *(f"{line}  {bar}" for line, (_, _, bar) in zip(shown[1:], body, strict=True))]


def _by_step(held: Held) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    if held.readout is not None:
        columns["read-out"] = dict(zip(held.readout.steps, held.readout.told, strict=True))
    if held.swap is not None:
        for part, row in list(zip(held.swap.parts, held.swap.follows, strict=True))[:4]:
            columns[f"swap, {part}"] = dict(zip(held.swap.steps, row, strict=True))
    if held.wipe is not None:
        columns["wiped"] = dict(zip(held.wipe.steps, held.wipe.told, strict=True))
    if held.credit is not None:
        last = held.credit.back[-1] + 1
        norms = zip(held.credit.back, held.credit.norms, strict=True)
        columns[GRADIENT] = {last - back: norm for back, norm in norms}
    return columns


def _by_step_of_several(found: Pooled) -> dict[str, Column]:
    named = {"read-out": found.readout, "swap, whole state": found.follows, "wiped": found.wiped}
    columns = {name: dict(points) for name, points in named.items() if points}
    if found.credit:
        last = found.credit[-1][0] + 1
        columns[GRADIENT] = {last - back: one for back, one in found.credit}
    return columns


def _along(columns: dict[str, Column], ascii_only: bool) -> list[str]:
    """Return one line of bars a column: at a glance, where along the delay the cue is."""
    steps = _some(_common(columns), COLUMNS)
    largest = max((one.point for one in columns.get(GRADIENT, {}).values()), default=0.0)

    def share(name: str, one: Estimate | None) -> float:
        if one is None:
            return math.nan
        if name != GRADIENT:
            return one.point
        return 1 + math.log10(one.point / largest) / DECADES if one.point > 0 else 0.0

    lines = [
        (name, bars((share(name, column.get(step)) for step in steps), ascii_only)) for name, column in columns.items()
    ]
    scale = f"; of the gradient {DECADES} decades" if GRADIENT in columns else ""
    head = f"after steps {steps[0]:,} to {steps[-1]:,}, shares from 0 to 100 % as bars{scale}"
    return [head, *(f"  {line}" for line in aligned(lines, left=2))]


def _common(columns: dict[str, Column]) -> list[int]:
    """Return the steps that more than one column knows, or all."""
    every = sorted({step for column in columns.values() for step in column})
    return [step for step in every if sum(step in column for column in columns.values()) > 1] or every


def _steps(columns: dict[str, Column]) -> list[str]:
    """Return one row a step: what can be read, exchanged, wiped and credited there."""

    def told(name: str, one: Estimate | None) -> str:
        return "" if one is None else f"{one.point:.2g}" if name == GRADIENT else percent(one)

    chosen = _some(_common(columns))
    body = [(f"{step:,}", *(told(name, column.get(step)) for name, column in columns.items())) for step in chosen]
    return aligned([("after step", *columns), *body], left=0)


def _units(held: Held) -> list[str]:
    """Return the numbers of the state that are needed most."""
    assert held.freeze is not None
    found = held.freeze
    kept = {unit.name: unit.kept for unit in held.spectrum.units} if held.spectrum is not None else {}
    rows = list(zip(found.units, found.told, found.margin, strict=True))[:UNITS]
    body = [
        (unit, percent(told), f"{margin:.2f}", f"{kept[unit]:.3f}" if unit in kept else "")
        for unit, told, margin in rows
    ]
    body.append(("nothing", percent(found.whole), f"{found.whole_margin:.2f}", ""))
    return aligned([("held still", "cue told", "margin", "kept a step"), *body])


def _some(rows: Sequence[T], most: int = ROWS) -> list[T]:
    """Return the first, the last and evenly spread rows between."""
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), most)).round().astype(int)).tolist()
    return [rows[at] for at in chosen]
