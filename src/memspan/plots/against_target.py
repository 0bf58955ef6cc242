"""Rates of success with their intervals against the rate that was asked for: what chose, and what confirms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, INK, MUTED, VegaLite, complete, heading

__all__ = ["AgainstTarget", "draw", "facts"]

LINE = 34  # pixels


@dataclass(frozen=True)
class AgainstTarget:
    """What the picture shows.

    Attributes:
        lines: name and rate, in the order given.
        target: the share of runs that was asked for.
    """

    lines: tuple[tuple[str, Estimate], ...]
    target: float

    @property
    def title(self) -> str:
        """What is seen: how many intervals lie above the target."""
        above = sum(rate.low >= self.target for _, rate in self.lines)
        return f"{above} of {len(self.lines)} intervals lie at {100 * self.target:g} % or above"

    @property
    def lowest(self) -> float:
        """Where the axis begins: rates near 1 are told apart."""
        low = min(self.target, *(rate.low for _, rate in self.lines))
        return max(0.0, low - 0.2 * (1 - low))

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, one row a rate."""
        return [
            {
                "label": label,
                "rate": rate.point,
                "low": rate.low,
                "high": rate.high,
                "n": rate.n,
                "text": f"{round(rate.point * rate.n):,}/{rate.n:,}",
            }
            for label, rate in self.lines
        ]


def facts(lines: Sequence[tuple[str, Estimate]], target: float) -> AgainstTarget:
    """Gather rates.

    Example:
        >>> facts([("fresh", Estimate(0.9975, 0.9942, 0.9992, 2000, "clopper-pearson 95 %"))], 0.99).title
        '1 of 1 intervals lie at 99 % or above'

    Args:
        lines: name and rate.
        target: the share of runs that was asked for.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is none, two bear one name, or one is no rate.
    """
    labels = [label for label, _ in lines]
    if not labels or len(set(labels)) < len(labels):
        raise InvalidInput(f"lines must bear names that differ, one or more, but got {labels}; name each rate")
    for label, rate in lines:
        if not 0 <= rate.low <= rate.point <= rate.high <= 1:
            raise InvalidInput(f"lines must be shares in their intervals, but got {rate} for '{label}'; give shares")
    return AgainstTarget(tuple(lines), target)


def draw(facts: AgainstTarget) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> rate = Estimate(0.9975, 0.9942, 0.9992, 2000, "clopper-pearson 95 %")
        >>> draw(facts([("fresh", rate)], 0.99))["title"]["subtitle"]
        'line: interval (clopper-pearson 95 %); dashed: the 99 % that were asked for'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    methods = ", ".join(dict.fromkeys(rate.method for _, rate in facts.lines))
    key = f"line: interval ({methods}); dashed: the {100 * facts.target:g} % that were asked for"
    x = {"type": "quantitative", "scale": {"domain": [facts.lowest, 1], "nice": False}}
    axis = {"title": "share of runs that solve it", "format": ".3~%", "tickCount": 5}
    y_axis = {"title": None, "ticks": False, "domain": False, "labelLimit": 320, "labelPadding": 6}
    y = {"y": {"field": "label", "type": "nominal", "sort": None, "axis": y_axis}}
    told = [
        {"field": "label", "type": "nominal", "title": "runs"},
        {"field": "text", "type": "nominal", "title": "solve it"},
        {"field": "low", "type": "quantitative", "format": ".2%", "title": "interval from"},
        {"field": "high", "type": "quantitative", "format": ".2%", "title": "to"},
    ]
    return complete(
        {
            "title": heading(facts.title, key),
            "width": 380,
            "height": LINE * len(facts.lines),
            "data": {"values": facts.rows()},
            "layer": [
                {
                    "data": {"values": [{}]},
                    "mark": {"type": "rule", "color": MUTED, "strokeDash": [4, 3]},
                    "encoding": {"x": x | {"datum": facts.target}},
                },
                {
                    "mark": {"type": "rule", "color": COLOURS[0], "strokeWidth": 2},
                    "encoding": {"x": x | {"field": "low", "axis": axis}, "x2": {"field": "high"}, **y},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "color": COLOURS[0]},
                    "encoding": {"x": x | {"field": "rate"}, "tooltip": told, **y},
                },
                {
                    "mark": {"type": "text", "color": INK, "fontSize": 11, "align": "left"},
                    "encoding": {
                        "x": {"value": "width"},
                        "xOffset": {"value": 12},
                        "text": {"field": "text", "type": "nominal"},
                        **y,
                    },
                },
            ],
        }
    )
