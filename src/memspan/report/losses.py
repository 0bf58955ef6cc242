"""How the loss went down: all seeds of every recipe, one drawing a lag."""

from __future__ import annotations

import math

import numpy as np

from memspan.plots import loss_curves
from memspan.plots.style import complete
from memspan.report.contents import Figure, Table, View
from memspan.report.kept import KeptCell, KeptStudy

__all__ = ["losses"]

POINTS = 3000  # of all curves together: enough for the eye, and small on the disk
FEWEST = 25  # of one curve


def losses(study: KeptStudy) -> Figure | None:
    """Return loss curves, or None where no curve was kept."""
    views: list[View] = []
    rows: list[tuple[str, ...]] = []
    labels: dict[str, str] = {}
    points = max(FEWEST, min(loss_curves.POINTS, POINTS // len(study.cells)))
    for lag in study.lags:
        curves = {cell.noted.recipe: _losses(study, cell) for cell in study.cells if cell.noted.lag == lag}
        kept = {name: curve for name, curve in curves.items() if curve is not None}
        if not kept:
            continue
        facts = loss_curves.facts(kept)
        labels |= {curve.legend: curve.label for curve in facts.curves}
        spec = complete(loss_curves.panel(facts, 480, 240, points))
        views.append(View(f"lag {lag:,}", spec, f"At lag {lag:,}: {facts.title}."))
        rows += [(curve.label, f"{lag:,}", *_row(curve)) for curve in facts.curves]
    if not views:
        return None
    columns = (
        "recipe",
        "lag",
        "runs",
        "diverged",
        "epochs",
        "median at first",
        "half-way",
        "at the end",
        "10 %",
        "90 %",
    )
    return Figure(
        "loss",
        "How the loss went down",
        tuple(views),
        Table(
            "Loss over all runs: median at the first epoch, half-way and at the end, and quantiles there",
            columns,
            tuple(rows),
        ),
        "A line is the median over runs, epoch by epoch; its band holds the middle 80 % of the runs. A run whose loss "
        "stopped being finite counts as larger than any other; none is dropped.",
        labels,
        "lag",
    )


def _losses(study: KeptStudy, cell: KeptCell) -> np.ndarray | None:
    """Return the losses of a cell, one row a seed; None where they are not there or not of one length.

    A run that has no result has no loss either, which is worse than any.
    """
    runs = study.curves(cell)
    lengths = {len(run.curves.get("loss", ())) for run in runs if run.status != "failed"}
    if len(lengths) != 1 or 0 in lengths:
        return None
    none = np.full(lengths.pop(), np.nan)
    return np.stack([run.curves.get("loss", none) for run in runs]).astype(float)


def _row(curve: loss_curves.Curve) -> tuple[str, ...]:
    n = len(curve.median)
    values = (curve.median[0], curve.median[n // 2], curve.median[-1], curve.low[-1], curve.high[-1])
    said = ("diverged" if math.isinf(value) else f"{value:.3g}" for value in values)
    return (f"{curve.n:,}", f"{curve.diverged:,}", f"{n:,}", *said)
