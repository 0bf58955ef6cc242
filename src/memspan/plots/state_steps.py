"""The cell state of two sequences one step at a time: bars that a reader moves through the sequence."""

from __future__ import annotations

import json
from typing import Any

from memspan.plots.cell_state import MOST_UNITS, CellState
from memspan.plots.style import COLOURS, MUTED, VegaLite, complete, heading

__all__ = ["draw", "told"]


def draw(facts: CellState) -> VegaLite:
    """Return bars of the cell state after one step, which the parameter `step` chooses.

    Example:
        >>> import numpy as np
        >>> from memspan.plots.cell_state import facts
        >>> cells = np.array([[[0.1, 0.9], [0.1, 0.8]], [[0.1, -0.9], [0.2, -0.8]]])
        >>> draw(facts([[3, 0], [4, 0]], cells))["params"][0]["bind"]["max"]
        2

    Args:
        facts: as `memspan.plots.cell_state.facts` gives them.

    Returns:
        The spec; where it is drawn with Vega, a slider moves through the steps.
    """
    rows = [row for row in facts.rows(MOST_UNITS) if row["panel"] != facts.names[2]]
    largest = max((abs(row["value"]) for row in rows if row["value"] is not None), default=0.0) or 1.0
    steps = len(facts.distance)
    slider = {"input": "range", "min": 1, "max": steps, "step": 1, "name": "step "}
    panels = [_bars(rows, facts, number, largest) for number in range(2)]
    return complete(
        {
            "title": heading("The cell state, step by step", f"one trained network; steps 1 to {steps}"),
            "params": [{"name": "step", "value": 1, "bind": slider}],
            "hconcat": panels,
            "spacing": 24,
        }
    )


def told(facts: CellState) -> tuple[str, ...]:
    """Return what is seen after each step, in words.

    Example:
        >>> import numpy as np
        >>> from memspan.plots.cell_state import facts
        >>> cells = np.array([[[0.1, 0.9], [0.1, 0.8]], [[0.1, -0.9], [0.2, -0.8]]])
        >>> told(facts([[3, 0], [4, 0]], cells))[0]
        'Step 1 of 2, reading 3 and 4: the cell states differ by 0.90 a unit, most in unit 1 (0.90 and -0.90).'
    """
    first, second = facts.sequences
    lines: list[str] = []
    for step, distance in enumerate(facts.distance):
        gaps = [abs(value) if value == value else -1.0 for value in facts.difference[step].tolist()]
        most = gaps.index(max(gaps))
        values = " and ".join(f"{facts.cells[sequence, step, most]:.2f}" for sequence in range(2))
        read = first[step] if first[step] == second[step] else f"{first[step]} and {second[step]}"
        lines.append(
            f"Step {step + 1} of {len(facts.distance)}, reading {read}: the cell states differ by {distance:.2f} a "
            f"unit, most in unit {facts.units[most]} ({values})."
        )
    return tuple(lines)


def _bars(rows: list[dict[str, Any]], facts: CellState, number: int, largest: float) -> VegaLite:
    symbols = json.dumps(facts.sequences[number])
    order = [str(unit) for unit in facts.units[:MOST_UNITS]]
    shown = [
        {"step": row["step"], "unit": str(row["unit"]), "symbol": row["symbol"], "value": _rounded(row["value"])}
        for row in rows
        if row["panel"] == facts.names[number]
    ]
    x = {"type": "quantitative", "scale": {"domain": [-largest, largest]}, "axis": {"title": "cell state"}}
    y_axis = {"title": "unit" if number == 0 else None, "ticks": False, "domain": False}
    y = {"field": "unit", "type": "ordinal", "sort": order, "axis": y_axis}
    return {
        "title": {"text": {"expr": f"'Sequence {number + 1}, has read ' + join(slice({symbols}, 0, step), ' ')"}}
        | {"fontSize": 12, "anchor": "start"},
        "width": 190,
        "height": 14 * len(order),
        "data": {"values": shown},
        "transform": [{"filter": "datum.step == step"}],
        "layer": [
            {
                "mark": {"type": "bar", "color": COLOURS[number]},
                "encoding": {
                    "x": x | {"field": "value"},
                    "y": y,
                    "tooltip": [{"field": name, "type": "nominal"} for name in ("unit", "step", "symbol", "value")],
                },
            },
            {
                "data": {"values": [{"step": step} for step in range(1, len(facts.distance) + 1)]},
                "mark": {"type": "rule", "color": MUTED},
                "encoding": {"x": {"datum": 0, "type": "quantitative"}},
            },
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
