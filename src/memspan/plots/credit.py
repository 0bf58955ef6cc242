"""Credit against delay: the gradient at every earlier input, and the horizon of the learning rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, DASHES, MUTED, VegaLite, complete, heading

__all__ = ["CreditOverDelay", "draw", "facts", "panel"]

SMALLEST = 1e-30  # nothing is drawn below it


@dataclass(frozen=True)
class CreditOverDelay:
    """What the picture shows.

    Attributes:
        lines: by label, steps back from the scored step and the size of the gradient there.
        horizon: inputs that the rule's credit reaches; None where it reaches all.
        rule: what it is called.
        title: what was measured.
    """

    lines: Mapping[str, tuple[tuple[int, Estimate], ...]]
    horizon: int | None
    rule: str
    title: str

    @property
    def floor(self) -> float:
        """What is drawn in place of a gradient of zero, for a logarithm has none: a tenth of the smallest other."""
        there = [one.point for points in self.lines.values() for _, one in points if one.point > 0]
        return max(min(there, default=1.0) / 10, SMALLEST)

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, one row a label and step back; `shown` is what can be drawn on a log scale."""
        return [
            {
                "label": label,
                "back": back,
                "norm": one.point,
                "low": one.low,
                "high": one.high if math.isfinite(one.high) else None,
                "n": one.n,
                "shown": max(one.point, self.floor),
                # An interval without an upper end says nothing, and none is drawn.
                "shown_low": max(one.low, self.floor) if math.isfinite(one.high) else None,
                "shown_high": max(one.high, self.floor) if math.isfinite(one.high) else None,
            }
            for label, points in self.lines.items()
            for back, one in points
        ]


def facts(
    lines: Mapping[str, Sequence[tuple[int, Estimate]]],
    horizon: int | None = None,
    rule: str = "",
    title: str = "Gradient from the scored step back to every input",
) -> CreditOverDelay:
    """Gather gradients by distance.

    Example:
        >>> shown = facts({"trained": [(0, Estimate(0.5, 0.4, 0.6, 64, "t 95 %"))]}, horizon=1, rule="Online")
        >>> shown.rows()[0]["shown"]
        0.5

    Args:
        lines: by label, steps back and the size of the gradient.
        horizon: inputs that the rule's credit reaches; None where it reaches all.
        rule: its name.
        title: what was measured.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is nothing to show, or a size is negative or not finite.
    """
    if not lines or not all(lines.values()):
        raise InvalidInput("lines must hold one step or more for every label, but got none; measure first")
    for label, points in lines.items():
        for back, one in points:
            if not (math.isfinite(one.point) and one.point >= 0):
                raise InvalidInput(f"sizes must be finite and 0 or more, but got {one} for '{label}' {back} steps back")
    return CreditOverDelay({label: tuple(points) for label, points in lines.items()}, horizon, rule, title)


def panel(facts: CreditOverDelay, width: int = 480, height: int = 180) -> VegaLite:
    """Return the picture as a part of a larger one.

    Args:
        facts: what to show.
        width: in pixels.
        height: in pixels.

    Returns:
        A layered view on a log scale: horizon, intervals, lines, points.
    """
    labels = list(facts.lines)
    x = {
        "field": "back",
        "type": "quantitative",
        "axis": {"title": "inputs back from the scored step", "tickMinStep": 1},
    }
    y = {
        "type": "quantitative",
        "scale": {"type": "log"},
        "axis": {"title": "gradient norm (log scale)", "format": ".0e", "tickCount": 5},
    }
    legend = {"title": None, "orient": "bottom"} if len(labels) > 1 else None
    named = {"field": "label", "type": "nominal", "sort": labels, "legend": legend}
    colour = named | {"scale": {"domain": labels, "range": list(COLOURS[: len(labels)])}}
    dash = named | {"scale": {"domain": labels, "range": [list(DASHES[i % len(DASHES)]) for i in range(len(labels))]}}
    return {
        "title": heading(facts.title, _key(facts)),
        "width": width,
        "height": height,
        "data": {"values": facts.rows()},
        "layer": [
            *_horizon(facts, x),
            {
                "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.75},
                "encoding": {"x": x, "y": y | {"field": "shown_low"}, "y2": {"field": "shown_high"}, "color": colour},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y | {"field": "shown"}, "color": colour, "strokeDash": dash},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
                "encoding": {"x": x, "y": y | {"field": "shown"}, "color": colour},
            },
        ],
    }


def draw(facts: CreditOverDelay) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> shown = facts({"trained": [(0, Estimate(0.5, 0.4, 0.6, 64, "t 95 %"))]}, horizon=1, rule="Online")
        >>> draw(shown)["title"]["subtitle"]
        'n = 64 (t 95 %); dashed: horizon of Online, 1 input'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    return complete(panel(facts))


def _horizon(facts: CreditOverDelay, x: VegaLite) -> list[VegaLite]:
    """Return a line between what the rule's credit reaches and what it does not, if that is within the picture."""
    longest = max(back for points in facts.lines.values() for back, _ in points)
    if facts.horizon is None or facts.horizon > longest:
        return []
    line = {"type": "rule", "color": MUTED, "strokeDash": [6, 4], "strokeWidth": 1.5}
    at = {key: value for key, value in x.items() if key != "field"} | {"datum": facts.horizon - 0.5}
    return [{"mark": line, "encoding": {"x": at}}]


def _key(facts: CreditOverDelay) -> str:
    ones = [one for points in facts.lines.values() for _, one in points]
    sizes = ", ".join(f"{n:,}" for n in sorted({one.n for one in ones}))
    methods = ", ".join(dict.fromkeys(one.method for one in ones))
    rule = facts.rule or "the rule"
    reach = f"{rule} reaches all" if facts.horizon is None else f"dashed: horizon of {rule}, {facts.horizon:,} input"
    plural = "s" if facts.horizon is not None and facts.horizon != 1 else ""
    return f"n = {sizes} ({methods}); {reach}{plural}"
