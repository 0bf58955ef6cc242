"""The share of runs that have not solved a problem yet, over updates: one panel a lag, one step line a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from memspan.core.errors import InvalidInput
from memspan.plots.style import COLOURS, DASHES, MUTED, VegaLite, complete, heading

__all__ = ["Steps", "Survival", "draw", "facts"]

COLUMNS = 2  # panels beside each other
TOLD = [
    {"field": "label", "type": "nominal", "title": "recipe"},
    {"field": "updates", "type": "quantitative", "format": ",d", "title": "updates"},
    {"field": "share", "type": "quantitative", "format": ".1%", "title": "not solved yet"},
    {"field": "low", "type": "quantitative", "format": ".1%", "title": "interval from"},
    {"field": "high", "type": "quantitative", "format": ".1%", "title": "to"},
    {"field": "at_risk", "type": "quantitative", "format": ",d", "title": "runs until then"},
]
LONG_LABEL = 34  # letters of a label beside which no second one fits below the picture


@runtime_checkable
class Steps(Protocol):
    """A survival curve: a step function, each value of which holds from its time until the next."""

    @property
    def times(self) -> Float[np.ndarray, " length"]:
        """0, then every time at which a run succeeded or was given up."""
        ...

    @property
    def at_risk(self) -> Int[np.ndarray, " length"]:
        """Runs neither successful nor given up just before."""
        ...

    @property
    def events(self) -> Int[np.ndarray, " length"]:
        """Runs that succeeded then."""
        ...

    @property
    def survival(self) -> Float[np.ndarray, " length"]:
        """Share not yet successful from then on."""
        ...

    @property
    def low(self) -> Float[np.ndarray, " length"]:
        """Lower end of its interval."""
        ...

    @property
    def high(self) -> Float[np.ndarray, " length"]:
        """Upper end of its interval."""
        ...


@dataclass(frozen=True)
class Survival:
    """What the picture shows.

    Attributes:
        curves: by label and lag.
        title: what was measured.
    """

    curves: Mapping[str, Mapping[int, Steps]]
    title: str

    @property
    def lags(self) -> tuple[int, ...]:
        """All lags, ascending."""
        return tuple(sorted({lag for row in self.curves.values() for lag in row}))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order given."""
        return tuple(self.curves)

    def rows(self, lag: int) -> list[dict[str, Any]]:
        """Return a table of one panel, one row a step; `given_up` are the runs that were given up then, unsolved."""
        rows: list[dict[str, Any]] = []
        for label, row in self.curves.items():
            if lag not in row:
                continue
            one = row[lag]
            left = np.append(one.at_risk[1:], 0)
            columns = (one.times, one.survival, one.low, one.high, one.at_risk, one.at_risk - one.events - left)
            names = ("updates", "share", "low", "high", "at_risk", "given_up")
            values = zip(*(column.tolist() for column in columns), strict=True)
            rows += [{"label": label, **dict(zip(names, each, strict=True))} for each in values]
        return rows


def facts(
    curves: Mapping[str, Mapping[int, Steps]], title: str = "Runs that have not solved the problem yet"
) -> Survival:
    """Gather survival curves by label and lag.

    Example:
        >>> from memspan.stats import kaplan_meier
        >>> shown = facts({"BPTT": {3: kaplan_meier([10, 20, 50], [True, True, False])}})
        >>> [(row["updates"], round(row["share"], 2), row["given_up"]) for row in shown.rows(lag=3)]
        [(0.0, 1.0, 0), (10.0, 0.67, 0), (20.0, 0.33, 0), (50.0, 0.33, 1)]

    Args:
        curves: by label, lags and the curves there, such as `memspan.stats.kaplan_meier` returns.
        title: what was measured.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is no curve.
    """
    if not curves or not all(curves.values()):
        raise InvalidInput("curves must hold one lag or more for every label, but got none; measure first")
    return Survival({label: dict(sorted(row.items())) for label, row in curves.items()}, title)


def draw(facts: Survival) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> from memspan.stats import kaplan_meier
        >>> picture = draw(facts({"BPTT": {3: kaplan_meier([10, 20, 50], [True, True, False])}}))
        >>> [panel["title"]["text"] for panel in picture["concat"]]
        ['lag 3']

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    key = "band: pointwise 95 % interval (Kaplan-Meier, log-log); |: given up, the budget spent"
    return complete(
        {
            "title": heading(facts.title, key),
            "columns": COLUMNS,
            "concat": [_panel(facts, lag) for lag in facts.lags],
            "resolve": {"scale": {"x": "independent", "y": "shared"}},
        }
    )


def _panel(facts: Survival, lag: int) -> VegaLite:
    rows = facts.rows(lag)
    # One that ends in a single point has no axis of its own.
    end = max([row["updates"] for row in rows]) or 1
    x: VegaLite = {
        "field": "updates",
        "type": "quantitative",
        "scale": {"domain": [0, end], "nice": False},
        "axis": {"title": "updates", "grid": False, "tickCount": 5},
    }
    y = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    axis = {"title": "share not solved yet", "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
    names = [*facts.labels]
    colour = _channel(names, "color", [COLOURS[i % len(COLOURS)] for i in range(len(names))])
    dash = _channel(names, "strokeDash", [[*DASHES[i % len(DASHES)]] for i in range(len(names))])
    return {
        "title": heading(f"lag {lag:,}", size=11),
        "width": 280,
        "height": 180,
        "data": {"values": rows},
        "layer": [
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [2, 3]},
                "encoding": {"y": y | {"datum": 0.5}},
            },
            {
                "mark": {"type": "area", "interpolate": "step-after", "opacity": 0.15},
                "encoding": {"x": x, "y": y | {"field": "low", "axis": axis}, "y2": {"field": "high"}, "color": colour},
            },
            {
                "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
                "encoding": {"x": x, "y": y | {"field": "share"}, "color": colour, "strokeDash": dash},
            },
            {
                "transform": [{"filter": "datum.given_up > 0"}],
                "mark": {"type": "tick", "orient": "vertical", "thickness": 2, "size": 9},
                "encoding": {"x": x, "y": y | {"field": "share"}, "color": colour},
            },
            {
                # A line says the same wherever a pointer meets it; points that are not seen say what is below it.
                "mark": {"type": "point", "opacity": 0, "size": 60, "aria": False},
                "encoding": {"x": x, "y": y | {"field": "share"}, "tooltip": TOLD},
            },
        ],
    }


def _channel(names: list[str], channel: str, values: list[Any]) -> VegaLite:
    """Tell the lines apart by one channel, with one legend for all of them."""
    legend = {
        "title": None,
        "orient": "bottom",
        "direction": "vertical",
        "columns": 1 if max(map(len, names)) > LONG_LABEL else 2,
        "labelLimit": 0,
        "symbolOpacity": 1,
        "symbolStrokeWidth": 2,
    }
    shown = legend | ({"symbolType": "stroke"} if channel == "color" else {})
    return {"field": "label", "type": "nominal", "scale": {"domain": names, "range": values}, "legend": shown}
