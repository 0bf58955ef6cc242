"""Loss against epochs: the median run and the band that holds the middle 80 % of the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, isfinite, log10
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.plots.style import COLOURS, DASHES, VegaLite, complete, heading

__all__ = ["Curve", "LossCurves", "draw", "facts", "panel"]

QUANTILES = (0.1, 0.5, 0.9)
DIVERGED = 1e300  # stands for "worse than any loss" while quantiles are taken: interpolating infinities gives NaN
SMALLEST = 1e-8  # a log scale has no zero
POINTS = 125  # of one curve in the picture
TOLD = [
    {"field": "label", "type": "nominal", "title": "recipe"},
    {"field": "epoch", "type": "quantitative", "format": ",d", "title": "epoch"},
    {"field": "median", "type": "quantitative", "format": ".3g", "title": "median loss"},
    {"field": "low", "type": "quantitative", "format": ".3g", "title": "10 % of the runs below"},
    {"field": "high", "type": "quantitative", "format": ".3g", "title": "90 % below"},
]


@dataclass(frozen=True)
class Curve:
    """The losses of many seeds, summed up epoch by epoch.

    Attributes:
        label: the name of what was trained.
        n: seeds, the diverged ones included.
        diverged: seeds whose loss was not finite in some epoch.
        low: 10 % quantile at each epoch; infinite where that many seeds had diverged, and so on below.
        median: median at each epoch.
        high: 90 % quantile at each epoch.
    """

    label: str
    n: int
    diverged: int
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def legend(self) -> str:
        """The label with its n, and with the diverged seeds if there are any."""
        lost = f", {self.diverged} diverged" if self.diverged else ""
        return f"{self.label} (n = {self.n}{lost})"

    def rows(self, points: int | None = None) -> list[dict[str, Any]]:
        """Return a long table, one row an epoch, or that many epochs spread evenly."""
        epochs = range(len(self.median))
        if points is not None and len(epochs) > points:
            epochs = np.unique(np.linspace(0, len(epochs) - 1, points).round().astype(int)).tolist()
        return [
            {"epoch": e + 1, "label": self.legend, "low": lo, "median": mid, "high": hi}
            for e, lo, mid, hi in ((e, self.low[e], self.median[e], self.high[e]) for e in epochs)
        ]


@dataclass(frozen=True)
class LossCurves:
    """What the picture of the losses shows.

    Attributes:
        curves: one a label, in the order given.
    """

    curves: tuple[Curve, ...]

    @property
    def title(self) -> str:
        """What is seen: which curve ends lowest."""
        best = min(self.curves, key=lambda curve: curve.median[-1])
        if not isfinite(best.median[-1]):
            return "The median run diverged"
        if len(self.curves) == 1:
            return f"{best.label} ends with a median loss of {best.median[-1]:.2g}"
        return f"{best.label} ends with the lowest median loss, {best.median[-1]:.2g}"


def facts(losses: Mapping[str, Float[np.ndarray, "_seed _epoch"]]) -> LossCurves:
    """Sum up losses over seeds. A loss that is not finite counts as larger than any other; none is dropped.

    Example:
        >>> curve = facts({"online": np.array([[0.7, 0.5], [0.7, 0.1], [0.7, np.nan]])}).curves[0]
        >>> curve.median, curve.high, curve.legend
        ((0.7, 0.5), (0.7, inf), 'online (n = 3, 1 diverged)')

    Args:
        losses: by label, the mean loss of each epoch, one row a seed; 0 or more where it is finite.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is no loss to show, or one is negative.
    """
    if not losses or min(np.asarray(loss).size for loss in losses.values()) == 0:
        raise InvalidInput("losses must hold one seed and one epoch or more, but got none; train first")
    return LossCurves(tuple(_curve(label, np.asarray(loss, float)) for label, loss in losses.items()))


def _curve(label: str, loss: Float[np.ndarray, "seed epoch"]) -> Curve:
    finite = np.isfinite(loss)
    if loss[finite].min(initial=0.0) < 0:
        raise InvalidInput(f"losses must be 0 or more, but got {loss[finite].min():g} for '{label}'; check the loss")
    levels = np.quantile(np.where(finite, loss, DIVERGED), QUANTILES, axis=0)
    low, median, high = (tuple(row) for row in np.where(levels < DIVERGED * 1e-100, levels, inf).tolist())
    return Curve(label, len(loss), int((~finite.all(axis=1)).sum()), low, median, high)


def panel(facts: LossCurves, width: int = 420, height: int = 220, points: int = POINTS) -> VegaLite:
    """Return the picture as a part of a larger one.

    Args:
        facts: what to show.
        width: in pixels.
        height: in pixels.
        points: epochs of one curve that are drawn, spread evenly, at most.

    Returns:
        A layered view: band below, median above, logarithmic loss.
    """
    bottom, top = _decades(facts)
    y = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [bottom, top]},
        "axis": _loss_axis(bottom, top),
    }
    rows = [row for curve in facts.curves for row in curve.rows(points)]
    last = max(row["epoch"] for row in rows)
    x_axis = {"title": "epoch", "format": ",d", "tickMinStep": 1}
    x_scale = {"domain": [min(1, last - 1), max(last, 2)], "nice": False}
    return {
        "title": heading(facts.title, _key(facts)),
        "width": width,
        "height": height,
        "data": {"values": [_drawable(row, bottom, top) for row in rows]},
        "encoding": {"x": {"field": "epoch", "type": "quantitative", "axis": x_axis, "scale": x_scale}},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.18},
                "encoding": {"y": y | {"field": "low"}, "y2": {"field": "high"}, **_looks(facts, ("color",))},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2, "point": last == 1},
                "encoding": {"y": y | {"field": "median"}, **_looks(facts, ("color", "strokeDash"))},
            },
            {
                # A line says the same wherever a pointer meets it; points that are not seen say what is below it.
                "mark": {"type": "point", "opacity": 0, "size": 60, "aria": False, "invalid": None},
                "encoding": {"y": y | {"field": "median"}, "tooltip": TOLD},
            },
        ],
    }


def draw(facts: LossCurves) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> spec = draw(facts({"online": np.array([[0.7, 0.5], [0.7, 0.1]])}))
        >>> spec["data"]["values"][0]["label"]
        'online (n = 2)'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    return complete(panel(facts))


def _key(facts: LossCurves) -> str:
    lost = "; where it leaves the picture above, runs diverged" if any(c.diverged for c in facts.curves) else ""
    return f"line: median; band: the middle 80 % of the runs{lost}"


def _looks(facts: LossCurves, channels: tuple[str, ...]) -> VegaLite:
    """Tell the curves apart by these channels, with one legend for all, below, where it hides none."""
    names = [curve.legend for curve in facts.curves]
    ranges: dict[str, Sequence[Any]] = {"color": COLOURS, "strokeDash": [list(dash) for dash in DASHES]}
    legend: VegaLite = {"title": None, "orient": "bottom", "direction": "vertical", "symbolType": "stroke"}
    legend |= {"symbolSize": 700, "symbolOpacity": 1, "offset": 6}
    return {
        channel: {
            "field": "label",
            "type": "nominal",
            "scale": {
                "domain": names,
                "range": [ranges[channel][i % len(COLOURS)] for i in range(len(names))],
            },
            "legend": legend,
        }
        for channel in channels
    }


def _loss_axis(bottom: float, top: float) -> VegaLite:
    """Mark the powers of ten, and 2 and 5 times these while there are few."""
    decades = round(log10(top / bottom))
    powers = [bottom * 10.0**i for i in range(0, decades + 1, max(1, decades // 6))]
    ticks = [power * step for power in powers for step in ((1, 2, 5) if decades < 3 else (1,))]
    values = [float(f"{tick:.1g}") for tick in ticks if tick <= top * 1.01]
    note = f"; bottom: {SMALLEST:g} or less" if bottom <= SMALLEST else ""
    return {"title": f"loss (log scale{note})", "values": values, "format": "~g", "labelFlush": True}


def _decades(facts: LossCurves) -> tuple[float, float]:
    """Return the powers of ten between which all finite losses lie."""
    values = [v for curve in facts.curves for v in (*curve.low, *curve.median, *curve.high) if isfinite(v)]
    logs = [log10(max(value, SMALLEST)) for value in values] or [-1.0, 0.0]
    bottom = floor(min(logs))
    return 10.0**bottom, 10.0 ** max(ceil(max(logs)), bottom + 1)


def _drawable(row: dict[str, Any], bottom: float, top: float) -> dict[str, Any]:
    """Round a row, end its band at the edge of the picture where it is infinite, and break its line there."""
    low, high = (float(f"{min(max(row[end], bottom), top):.4g}") for end in ("low", "high"))
    median = float(f"{max(row['median'], bottom):.4g}") if isfinite(row["median"]) else None
    return row | {"low": low, "median": median, "high": high}
