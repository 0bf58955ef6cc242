"""What a search for the smallest configuration tried: weights against updates, and what solves it often enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, INK, MUTED, VegaLite, complete, heading

__all__ = ["ParetoFront", "Tried", "draw", "facts", "panel"]

KINDS = ("winner", "holds", "falls short", "given up")
SHAPES = {"holds": "circle", "falls short": "triangle-up", "given up": "cross"}
WINNERS = ("diamond", "square", "triangle-down", "triangle-right")
RATES = ("#b5b5b5", "#56B4E9", "#0072B2", "#00264d")  # from none to all


class Tried(NamedTuple):
    """One configuration.

    Attributes:
        weights: how many numbers a run trains.
        updates: how often a run changes them, at most.
        rate: share of runs that succeed, with its interval and n.
        kind: "holds" (as many succeeded as asked), "falls short", "given up" after few runs, or "winner".
        name: what answers to, of a winner.
    """

    weights: int
    updates: int
    rate: Estimate
    kind: str
    name: str = ""


@dataclass(frozen=True)
class ParetoFront:
    """What the picture shows.

    Attributes:
        tried: all configurations, winners last.
        target: the share of runs that was asked for.
        title: what was searched.
    """

    tried: tuple[Tried, ...]
    target: float
    title: str

    @property
    def front(self) -> tuple[Tried, ...]:
        """Those that hold, or won, and that no other of them beats in weights or updates; the smallest first."""
        good = [one for one in self.tried if one.kind in ("holds", "winner")]
        kept: list[Tried] = []
        for one in sorted(good, key=lambda one: one[:2]):
            if not kept or one.updates < kept[-1].updates:
                kept.append(one)
        return tuple(kept)

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, one row a configuration."""
        counts = {kind: sum(one.kind == kind for one in self.tried) for kind in KINDS}
        return [
            {
                "weights": one.weights,
                "updates": one.updates,
                "rate": one.rate.point,
                "kind": one.kind,
                "label": _said(one) if one.kind == "winner" else f"{one.kind} ({counts[one.kind]:,})",
            }
            for one in self.tried
        ]


def facts(tried: Iterable[Tried], target: float, title: str) -> ParetoFront:
    """Gather what was tried.

    Example:
        >>> rate = Estimate(1.0, 0.96, 1.0, 100, "clopper-pearson 95 %")
        >>> shown = facts([Tried(590, 966, rate, "holds"), Tried(600, 1000, rate, "holds")], 0.99, "LSTM")
        >>> [(one.weights, one.updates) for one in shown.front]
        [(590, 966)]

    Args:
        tried: the configurations, in any order.
        target: the share of runs that was asked for.
        title: what was searched.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is none, or one is of no known kind or without weights or updates.
    """
    listed = sorted(tried, key=lambda one: -KINDS.index(one.kind) if one.kind in KINDS else 1)
    if not listed:
        raise InvalidInput("tried must hold one configuration or more, but got none; search first")
    for one in listed:
        if one.kind not in KINDS or one.weights < 1 or one.updates < 1:
            raise InvalidInput(
                f"tried must be of the kinds {', '.join(KINDS)}, with weights and updates, but got {one}; correct it"
            )
    return ParetoFront(tuple(listed), target, title)


def panel(facts: ParetoFront, width: int = 480, height: int = 320) -> VegaLite:
    """Return the picture as a part of a larger one.

    Args:
        facts: what to show.
        width: in pixels.
        height: in pixels.

    Returns:
        A layered view: the front as steps, what was tried, shaded by its rate, and the winners.
    """
    rows = facts.rows()
    x, y = (_axis(name, [row[name] for row in rows]) for name in ("weights", "updates"))
    steps = [{"weights": one.weights, "updates": one.updates} for one in facts.front]
    won = [row for row in rows if row["kind"] == "winner"]
    rate = {
        "field": "rate",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "range": list(RATES)},
        "legend": {"title": "share of its runs that succeed", "format": ".0%", "orient": "bottom", "tickCount": 5},
    }
    told = [
        {"field": "label", "type": "nominal", "title": "what became of it"},
        {"field": "weights", "type": "quantitative", "format": ",d", "title": "weights"},
        {"field": "updates", "type": "quantitative", "format": ",d", "title": "updates"},
        {"field": "rate", "type": "quantitative", "format": ".1%", "title": "runs that solve it"},
    ]
    layers = [
        {
            "data": {"values": steps},
            "mark": {"type": "line", "interpolate": "step-after", "color": INK, "strokeWidth": 1.2},
            "encoding": {"x": x, "y": y, "order": {"field": "weights", "type": "quantitative"}},
        },
        {
            "data": {"values": [row for row in rows if row["kind"] != "winner"]},
            # An outline, for the darkest marks on dark ground.
            "mark": {"type": "point", "filled": True, "opacity": 0.9, "size": 42, "stroke": MUTED, "strokeWidth": 0.7},
            "encoding": {"x": x, "y": y, "color": rate, "shape": _shapes(rows), "tooltip": told},
        },
        {
            "data": {"values": won},
            "mark": {"type": "point", "filled": False, "size": 150, "strokeWidth": 2.5, "color": COLOURS[1]},
            "encoding": {"x": x, "y": y, "shape": _shapes(won), "tooltip": told},
        },
    ]
    return {
        "title": heading(facts.title, _key(facts)),
        "width": width,
        "height": height,
        "resolve": {"scale": {"shape": "independent"}, "legend": {"shape": "independent"}},
        # A layer without a row has no scale, and the picture no end.
        "layer": [layer for layer in layers if layer["data"]["values"]],
    }


def draw(facts: ParetoFront) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> rate = Estimate(1.0, 0.96, 1.0, 100, "clopper-pearson 95 %")
        >>> draw(facts([Tried(590, 966, rate, "holds")], 0.99, "LSTM"))["title"]["text"]
        'LSTM'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    spec = complete(panel(facts))
    spec["config"]["legend"]["layout"] = {"bottom": {"direction": "vertical", "anchor": "start"}}
    return spec


def _axis(name: str, values: Sequence[int]) -> VegaLite:
    low, high = min(values), max(values)
    margin = max((high / low) ** 0.06, 1.15)
    return {
        "field": name,
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low / margin, high * margin], "nice": False},
        "axis": {"title": f"{name} (log scale)", "format": ",d", "tickCount": 6, "grid": True},
    }


def _shapes(rows: Sequence[dict[str, Any]]) -> VegaLite:
    """Tell kinds apart by shape, or winners where there are only such."""
    named = {row["label"]: row["kind"] for kind in KINDS for row in rows if row["kind"] == kind}
    won = [label for label, kind in named.items() if kind == "winner"]
    labels = won if len(won) == len(named) else [label for label in named if label not in won]
    shapes = list(WINNERS) if labels == won else [SHAPES[named[label]] for label in labels]
    looks = {"symbolStrokeColor": COLOURS[1], "symbolStrokeWidth": 2.5} if labels == won else {"symbolFillColor": MUTED}
    legend = {"title": None, "orient": "bottom", "direction": "vertical", "symbolSize": 90, "labelLimit": 0, **looks}
    scale = {"domain": labels, "range": shapes[: len(labels)]}
    return {"field": "label", "type": "nominal", "scale": scale, "legend": legend}


def _said(one: Tried) -> str:
    rate = f"{round(one.rate.point * one.rate.n):,}/{one.rate.n:,} fresh"
    return f"{one.name}: {one.weights:,} weights, {one.updates:,} updates, {rate}"


def _key(facts: ParetoFront) -> list[str]:
    asked = f"{100 * facts.target:g} %"
    return [
        f"holds: at least {asked} of the runs that chose succeeded; given up: few runs showed that fewer do",
        "line: nothing that was tried below and left of it holds; winners: the rates of their fresh runs",
    ]
