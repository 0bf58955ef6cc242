"""Success rates with their intervals, one line a rule or a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, INK, MUTED, VegaLite, complete, heading

__all__ = ["Rate", "Success", "draw", "facts", "panel"]


class Rate(NamedTuple):
    """One line of the picture.

    Attributes:
        label: the name of what was trained.
        estimate: the rate, from 0 to 1, with its interval and n.
        ceiling: the best possible rate; None where it is not known.
        chance: the rate that guessing reaches; None where it is not known.
    """

    label: str
    estimate: Estimate
    ceiling: float | None = None
    chance: float | None = None


@dataclass(frozen=True)
class Success:
    """What the picture of the success rates shows.

    Attributes:
        rates: the lines, in the order given.
        measure: what the rate is, as a title.
    """

    rates: tuple[Rate, ...]
    measure: str

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, one row a line."""
        return [
            {
                "label": f"{rate.label} (n = {rate.estimate.n})",
                "rate": rate.estimate.point,
                "low": rate.estimate.low,
                "high": rate.estimate.high,
                "text": _percent(rate.estimate),
                "ceiling": rate.ceiling,
                "chance": rate.chance,
            }
            for rate in self.rates
        ]


def facts(rates: Iterable[tuple[Any, ...]], measure: str = "Share of runs that solve the problem") -> Success:
    """Gather success rates.

    Example:
        >>> shown = facts([("online", Estimate(0.4, 0.26, 0.55, 40, "wilson 95 %"), 1.0)])
        >>> shown.rows()[0]["label"], shown.rows()[0]["text"]
        ('online (n = 40)', '40 % [26, 55]')

    Args:
        rates: label, estimate and, where known, ceiling and chance, as in `Rate`.
        measure: what the rate is, as a title.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is no rate, one is not between 0 and 1, or two bear one label.
    """
    lines = tuple(Rate(*rate) for rate in rates)
    labels = [rate.label for rate in lines]
    if not labels or len(set(labels)) < len(labels):
        raise InvalidInput(f"rates must bear labels that differ, one or more, but got {labels}; name each rate")
    for rate in lines:
        ends = (rate.estimate.low, rate.estimate.point, rate.estimate.high, rate.ceiling, rate.chance)
        if not all(0 <= end <= 1 for end in ends if end is not None):
            raise InvalidInput(f"rates must lie between 0 and 1, but got {ends} for '{rate.label}'; give shares")
    return Success(lines, measure)


def panel(facts: Success, width: int = 220, height: int = 220) -> VegaLite:
    """Return the picture as a part of a larger one.

    Args:
        facts: what to show.
        width: in pixels.
        height: in pixels.

    Returns:
        A layered view: interval, point, its number, and the marks of ceiling and chance where known.
    """
    x = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    axis = {
        "format": ".0%",
        "title": facts.measure[0].lower() + facts.measure[1:],
        "values": [0, 0.25, 0.5, 0.75, 1],
    }
    y_axis = {"title": None, "ticks": False, "domain": False, "labelLimit": 200, "labelPadding": 6}
    marks = [
        {
            "transform": [{"filter": f"isValid(datum.{field})"}],
            "mark": {"type": "tick", "color": MUTED, "thickness": 2, "size": 26, "strokeDash": dash},
            "encoding": {"x": x | {"field": field}},
        }
        for field, dash in (("ceiling", [1, 0]), ("chance", [3, 3]))
        if any(row[field] is not None for row in facts.rows())
    ]
    return {
        "title": heading(facts.measure, _key(facts)),
        "width": width,
        "height": height,
        "data": {"values": facts.rows()},
        "encoding": {"y": {"field": "label", "type": "nominal", "sort": None, "axis": y_axis}},
        "layer": [
            *marks,
            {
                "mark": {"type": "rule", "color": COLOURS[0], "strokeWidth": 2},
                "encoding": {"x": x | {"field": "low", "axis": axis}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "color": COLOURS[0], "filled": True, "size": 70, "opacity": 1},
                "encoding": {"x": x | {"field": "rate"}},
            },
            {
                "mark": {"type": "text", "color": INK, "fontSize": 11, "align": "left"},
                "encoding": {"x": {"value": width + 12}, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    }


def draw(facts: Success) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> rate = ("online", Estimate(0.4, 0.26, 0.55, 40, "wilson 95 %"))
        >>> draw(facts([rate]))["title"]["subtitle"]
        'line: interval (wilson 95 %)'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    return complete(panel(facts))


def _key(facts: Success) -> str:
    """Say what the marks mean, those that are there."""
    methods = ", ".join(dict.fromkeys(rate.estimate.method for rate in facts.rates))
    best = "; tick: best possible" if any(rate.ceiling is not None for rate in facts.rates) else ""
    guess = "; dashed tick: chance" if any(rate.chance is not None for rate in facts.rates) else ""
    return f"line: interval ({methods}){best}{guess}"


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.point:.0f} % [{100 * estimate.low:.0f}, {100 * estimate.high:.0f}]"
