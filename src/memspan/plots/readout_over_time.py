"""How well a cue can be read from the state, step by step, with intervals and the chance line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, DASHES, MUTED, VegaLite, complete, heading

__all__ = ["ReadOutOverTime", "draw", "facts", "panel"]


@dataclass(frozen=True)
class ReadOutOverTime:
    """What the picture shows.

    Attributes:
        lines: by label, steps from 1 and the share that is told after each, with its interval and n.
        chance: the share that is told where nothing is known.
        title: what was measured.
    """

    lines: Mapping[str, tuple[tuple[int, Estimate], ...]]
    chance: float
    title: str

    @property
    def n(self) -> str:
        """The sizes of the samples, in words."""
        sizes = sorted({one.n for points in self.lines.values() for _, one in points})
        return " to ".join(f"{n:,}" for n in dict.fromkeys((sizes[0], sizes[-1])))

    @property
    def methods(self) -> str:
        """How the intervals were made."""
        return ", ".join(dict.fromkeys(one.method for points in self.lines.values() for _, one in points))

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, one row a label and step."""
        return [
            {"label": label, "step": step, "told": one.point, "low": one.low, "high": one.high, "n": one.n}
            for label, points in self.lines.items()
            for step, one in points
        ]


def facts(
    lines: Mapping[str, Sequence[tuple[int, Estimate]]],
    chance: float,
    title: str = "The cue in the state, step by step",
) -> ReadOutOverTime:
    """Gather shares by step.

    Example:
        >>> shown = facts({"linear read-out": [(1, Estimate(0.9, 0.8, 0.95, 64, "wilson 95 %"))]}, chance=0.5)
        >>> shown.rows()[0]["told"], shown.n
        (0.9, '64')

    Args:
        lines: by label, steps and the share at each.
        chance: the share that is told where nothing is known.
        title: what was measured.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is nothing to show, or a share is none.
    """
    if not lines or not all(lines.values()):
        raise InvalidInput("lines must hold one step or more for every label, but got none; measure first")
    for label, points in lines.items():
        for step, one in points:
            # Student's interval of a mean over runs may reach beyond what a share can be.
            if not 0 <= one.point <= 1 or not one.low <= one.point <= one.high:
                raise InvalidInput(f"shares must lie between 0 and 1, but got {one} for '{label}' at step {step}")
    return ReadOutOverTime({label: tuple(points) for label, points in lines.items()}, chance, title)


def panel(facts: ReadOutOverTime, width: int = 480, height: int = 180) -> VegaLite:
    """Return the picture as a part of a larger one.

    Args:
        facts: what to show.
        width: in pixels.
        height: in pixels.

    Returns:
        A layered view: chance line, intervals, lines, points.
    """
    labels = list(facts.lines)
    x = {"field": "step", "type": "quantitative", "axis": {"title": "step, 1 is the cue's", "tickMinStep": 1}}
    axis = {"title": "share of trials that tell the cue", "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
    y = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": axis}
    legend = {"title": None, "orient": "bottom"} if len(labels) > 1 else None
    colour = {"field": "label", "type": "nominal", "sort": labels, "legend": legend}
    colour = colour | {"scale": {"domain": labels, "range": list(COLOURS[: len(labels)])}}
    dash = {"field": "label", "type": "nominal", "sort": labels, "legend": legend}
    dash = dash | {"scale": {"domain": labels, "range": [list(DASHES[i % len(DASHES)]) for i in range(len(labels))]}}
    shown = f"n = {facts.n}; bar: interval ({facts.methods}); dotted: chance, {100 * facts.chance:.0f} %"
    return {
        "title": heading(facts.title, shown),
        "width": width,
        "height": height,
        "data": {"values": facts.rows()},
        "layer": [
            {
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [2, 3]},
                "encoding": {"y": y | {"datum": facts.chance}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.75, "clip": True},
                "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y | {"field": "told"}, "color": colour, "strokeDash": dash},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
                "encoding": {"x": x, "y": y | {"field": "told"}, "color": colour},
            },
        ],
    }


def draw(facts: ReadOutOverTime) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> shown = facts({"linear read-out": [(1, Estimate(0.9, 0.8, 0.95, 64, "wilson 95 %"))]}, chance=0.5)
        >>> draw(shown)["title"]["subtitle"]
        'n = 64; bar: interval (wilson 95 %); dotted: chance, 50 %'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    return complete(panel(facts))
