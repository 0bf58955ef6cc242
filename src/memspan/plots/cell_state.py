"""The cell state of two sequences, step by step, and where it tells them apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.plots.style import INK, VegaLite, complete, heading

__all__ = ["CellState", "draw", "facts", "panel"]

MOST_UNITS = 20  # rows of the picture
NUMBERED_STEPS = 10  # a longer sequence leaves no room for numbers


@dataclass(frozen=True, eq=False)
class CellState:
    """What the picture of the cell states shows.

    Attributes:
        sequences: the symbols that the two sequences read, as text.
        units: all units, the one that tells the sequences apart most at the last step first; those whose
            difference is not finite last.
        cells: the cell states, units in this order.
        difference: first sequence less second, units in this order.
        distance: mean over the finite units of the size of the difference, at each step.
        not_finite: units that are not finite somewhere.
    """

    sequences: tuple[tuple[str, ...], tuple[str, ...]]
    units: tuple[int, ...]
    cells: Float[np.ndarray, "sequence step unit"]
    difference: Float[np.ndarray, "step unit"]
    distance: tuple[float, ...]
    not_finite: int

    @property
    def names(self) -> tuple[str, str, str]:
        """How the panels are called: the two sequences, and their difference."""
        first, second = (_shortened(symbols) for symbols in self.sequences)
        return f"Reading {first}", f"Reading {second}", "Difference, first less second"

    @property
    def symbols(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """What is read at each step of the panels; both symbols where the sequences differ."""
        first, second = self.sequences
        both = tuple(a if a == b else f"{a}|{b}" for a, b in zip(first, second, strict=True))
        return first, second, both

    @property
    def title(self) -> str:
        """What is seen: how far apart the sequences are after the first symbol, and at the end."""
        if self.not_finite == len(self.units):
            return "No unit of the cell state is finite"
        if max(self.distance) == 0:
            return "The cell state is the same for both sequences"
        start, end = self.distance[0], self.distance[-1]
        if len(self.distance) == 1:
            return f"Cell states differ by {end:.2f} per unit"
        return f"Cell states differ by {start:.2f} per unit after the first symbol, {end:.2f} after the last"

    @property
    def values(self) -> tuple[Float[np.ndarray, "step unit"], ...]:
        """The numbers of the three panels."""
        return self.cells[0], self.cells[1], self.difference

    def rows(self, most_units: int | None = None) -> list[dict[str, Any]]:
        """Return a long table, one row a panel, step and unit; None where the state is not finite."""
        return [
            {"panel": name, "step": step + 1, "symbol": symbols[step], "unit": unit, "value": _finite(value)}
            for name, symbols, values in zip(self.names, self.symbols, self.values, strict=True)
            for step, row in enumerate(values.tolist())
            for unit, value in list(zip(self.units, row, strict=True))[:most_units]
        ]


def facts(sequences: Sequence[Sequence[object]], cells: Float[np.ndarray, "sequence step unit"]) -> CellState:
    """Compare the cell states of two sequences.

    Example:
        >>> cells = np.array([[[0.1, 0.9], [0.1, 0.8]], [[0.1, -0.9], [0.2, -0.8]]])
        >>> shown = facts([[3, 0], [4, 0]], cells)
        >>> shown.units, [round(float(gap), 2) for gap in shown.distance]
        ((1, 0), [0.9, 0.85])

    Args:
        sequences: the symbols that each of the two sequences reads, equally many.
        cells: the state after each symbol.

    Returns:
        The facts.

    Raises:
        InvalidInput: there are not two sequences, or the shapes do not agree.
    """
    read = tuple(tuple(str(symbol) for symbol in sequence) for sequence in sequences)
    steps = [len(symbols) for symbols in read]
    if len(read) != 2 or cells.shape[:2] != (2, steps[0]) or steps[0] != steps[1] or cells.size == 0:
        raise InvalidInput(
            "cells must be shaped (2, steps, units) for two sequences of that many symbols, but got "
            f"{cells.shape} for sequences of {steps}; give the symbols that were read"
        )
    difference = cells[0].astype(float) - cells[1]
    apart = np.abs(difference)
    finite = np.isfinite(cells).all(axis=(0, 1))
    # A stable sort: units that tell nothing apart stay in their own order.
    units = np.argsort(-np.where(finite, apart[-1], -1.0), kind="stable")
    distance = apart[:, finite].mean(axis=1) if finite.any() else np.full(steps[0], np.nan)
    return CellState(
        sequences=(read[0], read[1]),
        units=tuple(units.tolist()),
        cells=cells[:, :, units].astype(float),
        difference=difference[:, units],
        distance=tuple(distance.tolist()),
        not_finite=int((~finite).sum()),
    )


def panel(facts: CellState, height: int = 340) -> VegaLite:
    """Return the picture as a part of a larger one.

    Args:
        facts: what to show.
        height: of the heat maps, in pixels.

    Returns:
        Three heat maps side by side on one scale: the two sequences, and their difference.
    """
    shown, rows = min(len(facts.units), MOST_UNITS), facts.rows(MOST_UNITS)
    largest = max((abs(row["value"]) for row in rows if row["value"] is not None), default=0.0) or 1.0
    maps = [
        _heat_map([row for row in rows if row["panel"] == name], symbols, largest)
        for name, symbols in zip(facts.names, facts.symbols, strict=True)
    ]
    for view, name in zip(maps, facts.names, strict=True):
        view |= {"title": heading(name, size=12), "height": height}
    maps[0]["encoding"]["y"]["axis"] = {"title": "unit, by difference at the last step", "ticks": False}
    return {"title": heading(facts.title, _subtitle(facts, shown)), "hconcat": maps, "spacing": 16}


def draw(facts: CellState) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> cells = np.array([[[0.1, 0.9], [0.1, 0.8]], [[0.1, -0.9], [0.2, -0.8]]])
        >>> [view["title"]["text"] for view in draw(facts([[3, 0], [4, 0]], cells))["hconcat"]]
        ['Reading 3 0', 'Reading 4 0', 'Difference, first less second']

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    return complete(panel(facts))


def _subtitle(facts: CellState, shown: int) -> str:
    lost = f"; {facts.not_finite} not finite" if facts.not_finite else ""
    which = f"{shown} of {len(facts.units)} units" if shown < len(facts.units) else f"{shown} units"
    first, second = facts.sequences
    alike = first[1:] == second[1:] and first[0] != second[0]
    kept = "only the first symbol differs: what differs later was kept of it"
    return f"one trained network, {which}{lost}; {kept if alike else 'where the symbols differ, both are given'}"


def _heat_map(rows: list[dict[str, Any]], symbols: tuple[str, ...], largest: float) -> VegaLite:
    """Return one panel; where there is room each cell bears its number, for printers without colour."""
    ticks = f"{json.dumps(symbols)}[datum.value - 1]"
    axis = {"labelExpr": ticks, "labelAngle": 0, "labelOverlap": True, "ticks": False}
    return {
        "width": min(max(56 * len(symbols), 120), 400),
        "data": {"values": [_drawable(row) for row in rows]},
        "encoding": {
            "x": {
                "field": "step",
                "type": "ordinal",
                "title": f"symbol read, steps 1 to {len(symbols)}",
                "axis": axis,
            },
            "y": {"field": "unit", "type": "ordinal", "sort": None, "axis": None},
        },
        "layer": [_shades(largest), *([_numbers(largest)] if len(symbols) <= NUMBERED_STEPS else [])],
    }


def _shades(largest: float) -> VegaLite:
    scale = {"scheme": "blueorange", "domain": [-largest, largest], "domainMid": 0}
    color = {"field": "value", "type": "quantitative", "scale": scale, "legend": {"title": "cell state"}}
    return {
        "mark": {"type": "rect", "stroke": "white", "strokeWidth": 0.5, "invalid": None},
        "encoding": {"color": color},
    }


def _numbers(largest: float) -> VegaLite:
    on_dark = {"test": f"abs(datum.value) > {0.6 * largest:.4g}", "value": "white"}
    return {
        "mark": {"type": "text", "fontSize": 9},
        "encoding": {
            "text": {"field": "text", "type": "nominal"},
            "color": {"condition": on_dark, "value": INK},
        },
    }


def _drawable(row: dict[str, Any]) -> dict[str, Any]:
    value = None if row["value"] is None else float(f"{row['value']:.4g}")
    return {"step": row["step"], "unit": row["unit"], "value": value, "text": _signed(value)}


def _shortened(symbols: tuple[str, ...]) -> str:
    """Join symbols, without the middle of a long sequence."""
    shown = symbols if len(symbols) <= NUMBERED_STEPS else (*symbols[:4], "...", *symbols[-4:])
    return " ".join(shown)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _signed(value: float | None) -> str:
    if value is None:
        return "not finite"
    return "0" if abs(value) < 0.05 else f"{value:+.1f}".replace("-", "\u2212")  # a minus as wide as the plus
