"""What the gates do while two sequences are read: heat maps, one row of panels a gate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.plots.style import VegaLite, complete, heading

__all__ = ["GateActivity", "draw", "facts"]

MOST_UNITS = 20
QUIET = {"ticks": False, "domain": False}


@dataclass(frozen=True, eq=False)
class GateActivity:
    """What the picture shows.

    Attributes:
        sequences: the symbols that the two sequences read, as text.
        gates: by name, how open each unit's gate is, from 0 to 1.
        units: those shown, in order.
    """

    sequences: tuple[tuple[str, ...], tuple[str, ...]]
    gates: Mapping[str, Float[np.ndarray, "sequence step unit"]]
    units: tuple[int, ...]

    @property
    def title(self) -> str:
        """What is seen: how open each gate is on the average."""
        means = ", ".join(f"{name} gates {gate.mean():.0%}" for name, gate in self.gates.items())
        return f"On the average {means} open"

    def rows(self, gate: str, sequence: int) -> list[dict[str, Any]]:
        """Return a table of one panel, one row a step and unit."""
        return [
            {"step": step + 1, "symbol": symbol, "unit": unit, "open": float(f"{value:.4g}")}
            for step, symbol in enumerate(self.sequences[sequence])
            for unit, value in zip(self.units, self.gates[gate][sequence, step, list(self.units)].tolist(), strict=True)
        ]


def facts(
    sequences: Sequence[Sequence[object]],
    gates: Mapping[str, Float[np.ndarray, "sequence step unit"]],
    units: Sequence[int] | None = None,
) -> GateActivity:
    """Gather the gates of two sequences.

    Example:
        >>> shown = facts([[3, 0], [4, 0]], {"forget": np.full((2, 2, 3), 0.75)})
        >>> shown.title, len(shown.rows("forget", 0))
        ('On the average forget gates 75% open', 6)

    Args:
        sequences: the symbols that each of the two sequences reads, equally many.
        gates: by name, how open, from 0 to 1, after each symbol.
        units: those to show, in order; by default the first.

    Returns:
        The facts.

    Raises:
        InvalidInput: there are not two sequences, the shapes do not agree, or a gate is not between 0 and 1.
    """
    read = tuple(tuple(str(symbol) for symbol in sequence) for sequence in sequences)
    steps = [len(symbols) for symbols in read]
    shapes = {gate.shape for gate in gates.values()}
    if len(read) != 2 or len(shapes) != 1 or next(iter(shapes))[:2] != (2, steps[0]) or steps[0] != steps[1]:
        raise InvalidInput(
            f"gates must be shaped (2, steps, units) for two sequences of that many symbols, but got {sorted(shapes)} "
            f"for sequences of {steps}; give the symbols that were read"
        )
    for name, gate in gates.items():
        if not ((gate >= 0) & (gate <= 1)).all():
            raise InvalidInput(f"gates must be between 0 and 1, but '{name}' is not; give activations")
    shown = tuple(range(next(iter(shapes))[2])) if units is None else tuple(units)
    return GateActivity((read[0], read[1]), dict(gates), shown[:MOST_UNITS])


def draw(facts: GateActivity) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> shown = facts([[3, 0], [4, 0]], {"forget": np.full((2, 2, 3), 0.75)})
        >>> draw(shown)["vconcat"][0]["hconcat"][1]["title"]["text"]
        'forget gate, reading 4 0'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    rows = [{"hconcat": [_map(facts, gate, sequence) for sequence in range(2)], "spacing": 16} for gate in facts.gates]
    note = f"one trained network, {len(facts.units)} units; white: shut, dark: open"
    return complete({"title": heading(facts.title, note), "vconcat": rows, "spacing": 12})


def _map(facts: GateActivity, gate: str, sequence: int) -> VegaLite:
    symbols = facts.sequences[sequence]
    shown = " ".join(symbols if len(symbols) <= 8 else (*symbols[:3], "...", *symbols[-3:]))
    axis = {
        "labelExpr": f"{json.dumps(symbols)}[datum.value - 1]",
        "labelAngle": 0,
        "labelOverlap": True,
        "ticks": False,
    }
    told = [{"field": name, "type": "nominal"} for name in ("symbol", "step", "unit", "open")]
    return {
        "title": heading(f"{gate} gate, reading {shown}", size=12),
        "width": min(max(48 * len(symbols), 120), 400),
        "height": 6 * len(facts.units) + 20,
        "data": {"values": facts.rows(gate, sequence)},
        "mark": {"type": "rect", "stroke": "white", "strokeWidth": 0.5},
        "encoding": {
            "x": {"field": "step", "type": "ordinal", "title": "symbol read", "axis": axis},
            "y": {
                "field": "unit",
                "type": "ordinal",
                "sort": None,
                "axis": {"title": "unit", "labels": False, **QUIET},
            },
            "color": {
                "field": "open",
                "type": "quantitative",
                "scale": {"scheme": "greys", "domain": [0, 1]},
                "legend": None,
            },
            "tooltip": told,
        },
    }
