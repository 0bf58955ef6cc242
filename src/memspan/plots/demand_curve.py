"""What can be predicted against how much is seen: one panel a measure, windows from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, MUTED, VegaLite, complete, heading

__all__ = ["DemandCurve", "draw", "facts"]

MOST_POINTS = 60  # beyond these a line says it alone


@dataclass(frozen=True)
class DemandCurve:
    """What the picture of a demand shows.

    Attributes:
        title: what was asked.
        note: the answer, in a sentence.
        curves: for each measure its value at each window.
        window: the demand; None where none is named.
        judged: longest window that the data can judge; None where all can be.
        stepped: whether a value holds until the next window given, as where only changes are listed.
    """

    title: str
    note: str
    curves: Mapping[str, Sequence[tuple[int, Estimate]]]
    window: int | None
    judged: int | None
    stepped: bool

    def rows(self, measure: str) -> list[dict[str, Any]]:
        """Return a table of one measure, one row a window."""
        return [
            {"window": window, "value": value.point, "low": value.low, "high": value.high}
            for window, value in self.curves[measure]
        ]


def facts(
    title: str,
    curves: Mapping[str, Sequence[tuple[int, Estimate]]],
    *,
    note: str = "",
    window: int | None = None,
    judged: int | None = None,
    stepped: bool = False,
) -> DemandCurve:
    """Gather the curves.

    Example:
        >>> half = Estimate(0.5, 0.4, 0.6, 40, "bootstrap over sequences, 95 %")
        >>> facts("A coin", {"bits per symbol": [(0, half)]}).rows("bits per symbol")
        [{'window': 0, 'value': 0.5, 'low': 0.4, 'high': 0.6}]

    Args:
        title: what was asked.
        curves: for each measure the windows, in order, with their values.
        note: the answer, in a sentence.
        window: the demand; None where none is named.
        judged: longest window that the data can judge; None where all can be.
        stepped: whether a value holds until the next window given.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is no curve, or one has no window.
    """
    if not curves or not all(curves.values()):
        raise InvalidInput("curves must hold one window or more each, but one is empty; give windows with estimates")
    return DemandCurve(title, note, dict(curves), window, judged, stepped)


def draw(facts: DemandCurve) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> half = Estimate(0.5, 0.4, 0.6, 40, "bootstrap over sequences, 95 %")
        >>> len(draw(facts("A coin", {"bits per symbol": [(0, half)], "accuracy": [(0, half)]}))["hconcat"])
        2

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    panels = [_panel(facts, measure, colour) for measure, colour in zip(facts.curves, COLOURS, strict=False)]
    return complete({"title": heading(facts.title, facts.note, size=15), "hconcat": panels, "spacing": 40})


def _panel(facts: DemandCurve, measure: str, colour: str) -> VegaLite:
    rows = facts.rows(measure)
    method = facts.curves[measure][0][1].method
    x = {"field": "window", "type": "quantitative", "axis": {"title": "symbols seen", "tickMinStep": 1}}
    y = {"type": "quantitative", "scale": {"zero": False}, "axis": {"title": measure}}
    dots = {"color": colour} if len(rows) <= MOST_POINTS else False
    interpolate = {"interpolate": "step-after"} if facts.stepped else {}
    return {
        "title": heading(measure[0].upper() + measure[1:], f"band: {method}" if method != "exact" else "exact"),
        "width": 320,
        "height": 240,
        "data": {"values": rows},
        "layer": [
            *_marks(facts),
            {
                "mark": {"type": "area", "opacity": 0.2, "color": colour, **interpolate},
                "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "color": colour, "point": dots, **interpolate},
                "encoding": {"x": x, "y": y | {"field": "value"}},
            },
        ],
    }


def _marks(facts: DemandCurve) -> list[VegaLite]:
    """Return the demand as a dashed line, and in grey the windows that the data cannot judge."""
    last = max(window for curve in facts.curves.values() for window, _ in curve)
    marks: list[VegaLite] = []
    if facts.judged is not None and facts.judged < last:
        marks.append(
            {
                "data": {"values": [{"from": facts.judged, "to": last}]},
                "mark": {"type": "rect", "color": MUTED, "opacity": 0.12},
                "encoding": {"x": {"field": "from", "type": "quantitative"}, "x2": {"field": "to"}},
            }
        )
    if facts.window is not None:
        marks.append(
            {
                "data": {"values": [{"window": facts.window}]},
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [4, 3]},
                "encoding": {"x": {"field": "window", "type": "quantitative"}},
            }
        )
    return marks
