"""What probes found, as tables and bars of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from memspan.core.estimate import Estimate
from memspan.studies.hold.pooled import pooled
from memspan.studies.hold.result import Held
from memspan.studies.hold.sentences import percent
from memspan.studies.in_words import aligned

__all__ = ["tables"]

T = TypeVar("T")

ROWS = 16
BAR = 20
UNITS = 6


def tables(all_held: Sequence[Held]) -> list[str]:
    """Return the tables of one run, or of the medians over several.

    Args:
        all_held: one a run, of one spec.
    """
    first, found = all_held[0], pooled(all_held)
    lines: list[str] = []
    one = len(all_held) == 1
    if found.told:
        told = list(zip(first.stretch.delays, first.stretch.told, strict=True)) if one and first.stretch else found.told
        lines += ["", *_bars("delay", "cue told", _some(told))]
    columns = _by_step(first) if one else _by_step_of_several(all_held)
    if columns:
        lines += ["", *_steps(columns)]
    if one and first.freeze is not None:
        lines += ["", *_units(first)]
    return lines


def _bars(name: str, what: str, rows: Sequence[tuple[int, Estimate]]) -> list[str]:
    body = [(f"{at:,}", percent(one), "#" * round(BAR * min(max(one.point, 0), 1))) for at, one in rows]
    shown = aligned([(name, what), *(row[:2] for row in body)], left=0)
    return [shown[0], *(f"{line}  {bar}" for line, (_, _, bar) in zip(shown[1:], body, strict=True))]


def _by_step(held: Held) -> dict[str, dict[int, str]]:
    columns: dict[str, dict[int, str]] = {}
    if held.readout is not None:
        columns["read-out"] = _shares(zip(held.readout.steps, held.readout.told, strict=True))
    if held.swap is not None:
        for part, row in list(zip(held.swap.parts, held.swap.follows, strict=True))[:4]:
            columns[f"swap, {part}"] = _shares(zip(held.swap.steps, row, strict=True))
    if held.wipe is not None:
        columns["wiped"] = _shares(zip(held.wipe.steps, held.wipe.told, strict=True))
    if held.credit is not None:
        last = held.credit.back[-1] + 1
        norms = zip(held.credit.back, held.credit.norms, strict=True)
        columns["gradient"] = {last - back: f"{norm.point:.2g}" for back, norm in norms}
    return columns


def _by_step_of_several(all_held: Sequence[Held]) -> dict[str, dict[int, str]]:
    found = pooled(all_held)
    named = {"read-out": found.readout, "swap, whole state": found.follows, "wiped": found.wiped}
    columns = {name: _shares(points) for name, points in named.items() if points}
    if found.credit:
        last = found.credit[-1][0] + 1
        columns["gradient"] = {last - back: f"{one.point:.2g}" for back, one in found.credit}
    return columns


def _shares(points: Iterable[tuple[int, Estimate]]) -> dict[int, str]:
    return {step: percent(one) for step, one in points}


def _steps(columns: dict[str, dict[int, str]]) -> list[str]:
    """Return one row a step: what can be read, exchanged, wiped and credited there."""
    every = sorted({step for column in columns.values() for step in column})
    common = [step for step in every if sum(step in column for column in columns.values()) > 1] or every
    chosen = _some(common)
    body = [(f"{step:,}", *(column.get(step, "") for column in columns.values())) for step in chosen]
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


def _some(rows: Sequence[T]) -> list[T]:
    """Return the first, the last and evenly spread rows between."""
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).round().astype(int)).tolist()
    return [rows[at] for at in chosen]
