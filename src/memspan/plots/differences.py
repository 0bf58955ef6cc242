"""Differences of rates with their intervals, one line a comparison: a forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, INK, MUTED, VegaLite, complete, heading

__all__ = ["Differences", "draw", "facts"]

LINE = 26  # pixels


@dataclass(frozen=True)
class Differences:
    """What the picture shows.

    Attributes:
        lines: what is compared with the reference, and by how much its rate is larger.
        reference: what all are compared with.
        measure: what the rate is.
    """

    lines: tuple[tuple[str, Estimate], ...]
    reference: str
    measure: str

    @property
    def apart(self) -> tuple[str, ...]:
        """Those whose interval leaves out 0."""
        return tuple(label for label, one in self.lines if one.low > 0 or one.high < 0)

    @property
    def title(self) -> str:
        """What is seen: how many differ from the reference beyond doubt."""
        return f"{len(self.apart)} of {len(self.lines)} differ from '{self.reference}'"

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, one row a comparison; differences in points of 100."""
        return [
            {
                "label": label,
                "difference": 100 * one.point,
                "low": 100 * one.low,
                "high": 100 * one.high,
                "n": one.n,
                "text": f"{100 * one.point:+.0f} [{100 * one.low:+.0f}, {100 * one.high:+.0f}]".replace("-", "\u2212"),
            }
            for label, one in self.lines
        ]


def facts(
    lines: Sequence[tuple[str, Estimate]], reference: str, measure: str = "share of runs that solve it"
) -> Differences:
    """Gather differences.

    Example:
        >>> gain = Estimate(0.5, 0.3, 0.7, 40, "newcombe, paired 95 %")
        >>> facts([("RTRL", gain)], "online").rows()[0]["text"]
        '+50 [+30, +70]'

    Args:
        lines: by label, the rate less that of the reference, from -1 to 1.
        reference: the name of what all are compared with.
        measure: what the rate is.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is none, two bear one label, or one is no difference of rates.
    """
    labels = [label for label, _ in lines]
    if not labels or len(set(labels)) < len(labels):
        raise InvalidInput(f"lines must bear labels that differ, one or more, but got {labels}; name each comparison")
    for label, one in lines:
        if not -1 <= one.low <= one.point <= one.high <= 1:
            raise InvalidInput(
                f"lines must be differences of rates in their intervals, from -1 to 1, but got {one} for '{label}'; "
                "give the rate less the reference's"
            )
    return Differences(tuple(lines), reference, measure)


def draw(facts: Differences) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> gain = Estimate(0.5, 0.3, 0.7, 40, "newcombe, paired 95 %")
        >>> draw(facts([("RTRL", gain)], "online"))["title"]["text"]
        "1 of 1 differ from 'online'"

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    methods = ", ".join(dict.fromkeys(one.method for _, one in facts.lines))
    key = f"{facts.measure}, less that of '{facts.reference}'; line: interval ({methods}); filled: leaves out 0"
    x = {"type": "quantitative", "scale": {"domain": [-100, 100]}}
    axis = {"title": "difference (percentage points)", "values": [-100, -50, 0, 50, 100], "format": "+d"}
    apart = [{"test": "datum.low > 0 || datum.high < 0", "value": COLOURS[0]}]
    told = [
        {"field": "label", "type": "nominal", "title": "compared"},
        {"field": "text", "type": "nominal", "title": "percentage points [interval]"},
        {"field": "n", "type": "quantitative", "title": "runs"},
    ]
    y_axis = {"title": None, "ticks": False, "domain": False, "labelLimit": 320, "labelPadding": 6}
    y = {"y": {"field": "label", "type": "nominal", "sort": None, "axis": y_axis}}
    view = {
        "title": heading(facts.title, key),
        "width": 380,
        "height": LINE * len(facts.lines),
        "data": {"values": facts.rows()},
        "layer": [
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [4, 3]},
                "encoding": {"x": x | {"datum": 0}},
            },
            {
                "mark": {"type": "rule", "color": COLOURS[0], "strokeWidth": 2},
                "encoding": {"x": x | {"field": "low", "axis": axis}, "x2": {"field": "high"}, **y},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "stroke": COLOURS[0]},
                "encoding": {
                    "x": x | {"field": "difference"},
                    "color": {"condition": apart, "value": "white"},
                    "tooltip": told,
                    **y,
                },
            },
            {
                "mark": {"type": "text", "color": INK, "fontSize": 11, "align": "left"},
                "encoding": {"x": {"value": "width"}, "xOffset": {"value": 12}, "text": {"field": "text"}, **y},
            },
        ],
    }
    return complete(view)
