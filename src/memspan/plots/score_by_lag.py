"""The score reached at the end against lag, between what needs no memory and what is best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.plots.style import COLOURS, MUTED, VegaLite, complete, heading
from memspan.plots.success_by_lag import SHAPES

__all__ = ["Bounds", "ScoreByLag", "draw", "facts"]

QUANTILES = (0.1, 0.5, 0.9)
SEEN_AS = {"best": (1, 0), "floor": (6, 3), "chance": (2, 3)}


@dataclass(frozen=True)
class Bounds:
    """What is known of a problem without training.

    Attributes:
        lag: of the problem.
        chance: the score of guessing.
        floor: the best score without memory.
        best: the best score there is.
    """

    lag: int
    chance: float
    floor: float
    best: float


@dataclass(frozen=True)
class ScoreByLag:
    """What the picture shows.

    Attributes:
        rows: one a recipe and lag: n, and the 10 %, 50 % and 90 % quantiles of the score over runs.
        bounds: one a lag.
        score: its name.
    """

    rows: tuple[dict[str, Any], ...]
    bounds: tuple[Bounds, ...]
    score: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The recipes."""
        return tuple(dict.fromkeys(row["label"] for row in self.rows))


def facts(
    scores: Mapping[str, Mapping[int, Float[np.ndarray, " _run"]]], bounds: Sequence[Bounds], score: str
) -> ScoreByLag:
    """Sum up scores over runs; one that is not finite counts as lower than any other.

    Example:
        >>> shown = facts({"BPTT": {3: np.array([1.0, 0.5, 0.9])}}, [Bounds(3, 0.2, 0.875, 1.0)], "accuracy")
        >>> shown.rows[0]["median"], shown.rows[0]["n"]
        (0.9, 3)

    Args:
        scores: by recipe and lag, one score a run.
        bounds: what is known of each lag's problem.
        score: its name.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is no score.
    """
    rows: list[dict[str, Any]] = []
    for label, by_lag in scores.items():
        for lag, values in sorted(by_lag.items()):
            if len(values) == 0:
                raise InvalidInput(f"scores must hold one run or more, but got none for '{label}' at lag {lag}")
            lowest = np.where(np.isfinite(values), values, -np.inf)
            # A run's own score, not one between two runs', so that what is not finite spoils no other.
            low, median, high = np.quantile(lowest, QUANTILES, method="inverted_cdf").tolist()
            rows.append({"label": label, "lag": lag, "n": len(values), "low": low, "median": median, "high": high})
    if not rows:
        raise InvalidInput("scores must hold one recipe or more, but got none; measure first")
    return ScoreByLag(tuple(rows), tuple(bounds), score)


def draw(facts: ScoreByLag) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> shown = facts({"BPTT": {3: np.array([1.0, 0.5, 0.9])}}, [Bounds(3, 0.2, 0.875, 1.0)], "accuracy")
        >>> draw(shown)["title"]["text"]
        'Accuracy at the end of training, by lag'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    lags = sorted({row["lag"] for row in facts.rows})
    x = {"field": "lag", "type": "ordinal", "axis": {"title": "lag", "labelAngle": 0, "labelExpr": "datum.label"}}
    y = {"type": "quantitative", "scale": {"zero": False}}
    offset = {"xOffset": {"field": "label", "type": "nominal", "sort": None}} if len(facts.labels) > 1 else {}
    rows = [{name: _finite(value) for name, value in row.items()} for row in facts.rows]
    return complete(
        {
            "title": heading(f"{facts.score[:1].upper()}{facts.score[1:]} at the end of training, by lag", _key(facts)),
            "width": max(440, 30 * len(lags)),
            "height": 240,
            "data": {"values": rows},
            "layer": [
                *([_bounds(facts, x, y)] if facts.bounds else []),
                {
                    "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.75},
                    "encoding": {
                        "x": x,
                        **offset,
                        "y": y | {"field": "low", "axis": {"title": facts.score}},
                        "y2": {"field": "high"},
                        **_looks(facts, ("color",)),
                    },
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 65, "opacity": 1},
                    "encoding": {
                        "x": x,
                        **offset,
                        "y": y | {"field": "median"},
                        "tooltip": _told(facts.score),
                        **_looks(facts, ("color", "shape")),
                    },
                },
            ],
        }
    )


def _bounds(facts: ScoreByLag, x: VegaLite, y: VegaLite) -> VegaLite:
    """Return a line across each lag for each bound, whose dashes say which it is."""
    rows = [{"lag": one.lag, "bound": name, "value": getattr(one, name)} for one in facts.bounds for name in SEEN_AS]
    dash = {"domain": list(SEEN_AS), "range": [list(dash) for dash in SEEN_AS.values()]}
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", "color": MUTED, "strokeWidth": 1.5},
        "encoding": {
            "x": x | {"bandPosition": 0.08},
            "x2": {"field": "lag", "bandPosition": 0.92},
            "y": y | {"field": "value"},
            "tooltip": [{"field": "bound"}, {"field": "value", "format": ".4g"}, {"field": "lag"}],
            "strokeDash": {"field": "bound", "scale": dash, "legend": None},
        },
    }


def _key(facts: ScoreByLag) -> str:
    marked = "; lines across: best (solid), without memory (dashed), chance (dotted)" if facts.bounds else ""
    return f"point: median run; bar: the middle 80 % of the runs{marked}"


def _told(score: str) -> list[dict[str, str]]:
    return [
        {"field": "label", "type": "nominal", "title": "recipe"},
        {"field": "lag", "type": "quantitative", "format": ",d", "title": "lag"},
        {"field": "median", "type": "quantitative", "format": ".4g", "title": f"median {score}"},
        {"field": "low", "type": "quantitative", "format": ".4g", "title": "10 % of the runs up to"},
        {"field": "high", "type": "quantitative", "format": ".4g", "title": "90 % up to"},
        {"field": "n", "type": "quantitative", "format": ",d", "title": "runs"},
    ]


def _looks(facts: ScoreByLag, channels: tuple[str, ...]) -> VegaLite:
    names = list(facts.labels)
    ranges = {"color": COLOURS, "shape": SHAPES}
    legend = {"title": None, "orient": "bottom", "direction": "vertical", "columns": 1, "labelLimit": 0}
    return {
        channel: {
            "field": "label",
            "type": "nominal",
            "scale": {"domain": names, "range": [ranges[channel][i % len(ranges[channel])] for i in range(len(names))]},
            "legend": legend | {"symbolSize": 90, "symbolOpacity": 1, "symbolStrokeWidth": 0},
        }
        for channel in channels
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value
