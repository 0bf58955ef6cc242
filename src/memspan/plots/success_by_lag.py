"""Success rate against lag, one line a recipe, with the interval of every rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, DASHES, MUTED, VegaLite, complete, heading

__all__ = ["Line", "SuccessByLag", "draw", "facts", "panel"]

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
APART = 0.021  # share of the axis by which the marks of two recipes are set apart: a mark's width
TOGETHER = 0.6  # share of the way to the next lag that the marks of one lag may take
ALONE = 4.0  # span of the axis, largest by smallest, where there is one lag
LONG_LABEL = 34  # letters of a label beside which no second one fits below the picture
# What a mark says to a pointer, and to a screen reader.
TOLD = [
    {"field": "label", "type": "nominal", "title": "recipe"},
    {"field": "lag", "type": "quantitative", "format": ",d", "title": "lag"},
    {"field": "rate", "type": "quantitative", "format": ".1%", "title": "solved"},
    {"field": "low", "type": "quantitative", "format": ".1%", "title": "interval from"},
    {"field": "high", "type": "quantitative", "format": ".1%", "title": "to"},
    {"field": "n", "type": "quantitative", "format": ",d", "title": "runs"},
]


@dataclass(frozen=True)
class Line:
    """One line of the picture.

    Attributes:
        label: the name of the recipe.
        points: lags, ascending, and the rate at each, from 0 to 1, with its interval and n.
    """

    label: str
    points: tuple[tuple[int, Estimate], ...]

    @property
    def legend(self) -> str:
        """The label with its n."""
        sizes = sorted({estimate.n for _, estimate in self.points})
        return f"{self.label} (n = {' to '.join(f'{n:,}' for n in dict.fromkeys((sizes[0], sizes[-1])))})"


@dataclass(frozen=True)
class SuccessByLag:
    """What the picture shows.

    Attributes:
        lines: one a recipe, in the order given.
        title: what was measured.
        levels: rates that are marked across the picture.
    """

    lines: tuple[Line, ...]
    title: str
    levels: tuple[float, ...]

    @property
    def lags(self) -> tuple[int, ...]:
        """All lags, ascending."""
        return tuple(sorted({lag for line in self.lines for lag, _ in line.points}))

    @property
    def step(self) -> float:
        """The factor between the places of two recipes' marks of one lag."""
        if len(self.lags) == 1:
            return ALONE**APART
        nearest = min(log(after / before) for before, after in pairwise(self.lags))
        return exp(min(APART * log(self.lags[-1] / self.lags[0]), TOGETHER * nearest / len(self.lines)))

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, one row a recipe and lag; `shown_at` is the lag, set apart from other recipes' marks."""
        middle = (len(self.lines) - 1) / 2
        return [
            {
                "label": line.legend,
                "lag": lag,
                "shown_at": float(f"{lag * self.step ** (number - middle):.6g}"),
                "rate": estimate.point,
                "low": estimate.low,
                "high": estimate.high,
                "n": estimate.n,
            }
            for number, line in enumerate(self.lines)
            for lag, estimate in line.points
        ]


def facts(
    rates: Mapping[str, Sequence[tuple[int, Estimate]]],
    title: str = "Share of runs that solve the problem, by lag",
    levels: Sequence[float] = (0.5, 0.9),
) -> SuccessByLag:
    """Gather success rates by lag.

    Example:
        >>> shown = facts({"BPTT": [(3, Estimate(0.4, 0.26, 0.55, 40, "wilson 95 %"))]})
        >>> shown.rows()[0]["label"], shown.rows()[0]["shown_at"]
        ('BPTT (n = 40)', 3.0)

    Args:
        rates: by label, lags and the rates there.
        title: what was measured.
        levels: rates to mark across the picture.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is no rate, one is not between 0 and 1, or a lag is below 1 or comes twice.
    """
    lines = tuple(Line(label, tuple(sorted(points, key=lambda point: point[0]))) for label, points in rates.items())
    if not lines or not all(line.points for line in lines):
        raise InvalidInput("rates must hold one lag or more for every label, but got none; measure first")
    for line in lines:
        lags = [lag for lag, _ in line.points]
        if min(lags) < 1 or len(set(lags)) < len(lags):
            raise InvalidInput(f"lags must be distinct and at least 1, but got {lags} for '{line.label}'")
        for lag, one in line.points:
            if not 0 <= one.low <= one.point <= one.high <= 1:
                raise InvalidInput(
                    f"rates must lie in their intervals and between 0 and 1, but got {one} for '{line.label}' at "
                    f"lag {lag}; give shares"
                )
    return SuccessByLag(lines, title, tuple(levels))


def panel(facts: SuccessByLag, width: int = 480, height: int = 260) -> VegaLite:
    """Return the picture as a part of a larger one.

    Args:
        facts: what to show.
        width: in pixels.
        height: in pixels.

    Returns:
        A layered view: marked levels, intervals, lines, points.
    """
    rows = facts.rows()
    low, high = facts.lags[0], facts.lags[-1]
    margin = (high / low) ** 0.06 if high > low else ALONE**0.5
    margin = max(margin, facts.step * max(row["shown_at"] for row in rows) / high)
    x = {
        "field": "shown_at",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low / margin, high * margin], "nice": False},
        "axis": {
            "title": "lag (log scale)" if high > low else "lag",
            "values": list(facts.lags),
            "format": ",d",
            "grid": False,
        },
    }
    y = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    axis = {"title": "share of runs that solve it", "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
    return {
        "title": heading(facts.title, _key(facts)),
        "width": width,
        "height": height,
        "data": {"values": rows},
        "layer": [
            *[
                {
                    "data": {"values": [{}]},
                    "mark": {"type": "rule", "color": MUTED, "strokeDash": [2, 3], "clip": True},
                    "encoding": {"y": y | {"datum": level}},
                }
                for level in facts.levels
            ],
            {
                "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.75},
                "encoding": {"x": x, "y": y | {"field": "low", "axis": axis}, "y2": {"field": "high"}}
                | _looks(facts, ("color",)),
            },
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y | {"field": "rate"}, **_looks(facts, ("color", "strokeDash"))},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 65, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y | {"field": "rate"},
                    "tooltip": TOLD,
                    **_looks(facts, ("color", "shape")),
                },
            },
        ],
    }


def draw(facts: SuccessByLag) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> rate = Estimate(0.4, 0.26, 0.55, 40, "wilson 95 %")
        >>> draw(facts({"BPTT": [(3, rate), (10, rate)]}))["title"]["subtitle"]
        'bar: interval (wilson 95 %); dotted: 50 %, 90 %'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    return complete(panel(facts))


def _key(facts: SuccessByLag) -> str:
    methods = ", ".join(dict.fromkeys(one.method for line in facts.lines for _, one in line.points))
    aside = "; marks of one lag stand side by side" if len(facts.lines) > 1 else ""
    marked = f"; dotted: {', '.join(f'{100 * level:g} %' for level in facts.levels)}" if facts.levels else ""
    return f"bar: interval ({methods}){aside}{marked}"


def _looks(facts: SuccessByLag, channels: tuple[str, ...]) -> VegaLite:
    """Tell the lines apart by these channels, with one legend for all of them."""
    names = [line.legend for line in facts.lines]
    ranges: dict[str, Sequence[Any]] = {
        "color": COLOURS,
        "strokeDash": [list(dash) for dash in DASHES],
        "shape": SHAPES,
    }
    legend: VegaLite = {
        "title": None,
        "orient": "bottom",
        "direction": "vertical",
        "columns": 1 if max(map(len, names)) > LONG_LABEL else 2,
        "labelLimit": 0,
        # As the marks themselves: the legend would take its dashes and its fading from the lines.
        "symbolSize": 90,
        "symbolOpacity": 1,
        "symbolStrokeWidth": 0,
    }
    return {
        channel: {
            "field": "label",
            "type": "nominal",
            "scale": {
                "domain": names,
                "range": [ranges[channel][i % len(ranges[channel])] for i in range(len(names))],
            },
            "legend": legend,
        }
        for channel in channels
    }
