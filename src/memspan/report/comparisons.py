"""Recipes compared with the study's first one, seed by seed."""

from __future__ import annotations

from memspan.core.estimate import Estimate
from memspan.plots import differences
from memspan.report.contents import Figure, Table, View
from memspan.report.kept import KeptCell, KeptStudy
from memspan.stats import newcombe_paired

__all__ = ["comparisons"]

CONFIDENCE = 0.95


def comparisons(study: KeptStudy) -> Figure | None:
    """Return differences of rates from those of the first recipe, all of them corrected for their number.

    Both sides of a difference start from the same seeds, hence from the same weights where the model is the same, so
    that the interval is that of pairs.

    Returns:
        A drawing for each lag; None where there is nothing to compare.
    """
    if len(study.names) < 2:
        return None
    reference = study.names[0]
    pairs = [
        (cell, first)
        for cell in study.cells
        if cell.noted.recipe != reference
        and (first := study.row(reference).get(cell.noted.lag))
        and _common(cell, first)
    ]
    if not pairs:
        return None
    each = 1 - (1 - CONFIDENCE) / len(pairs)
    method = f"Newcombe, paired, {CONFIDENCE:.0%} for all {len(pairs)} together".replace("%", " %")
    found = [(cell, _difference(cell, first, each, method)) for cell, first in pairs]
    views: list[View] = []
    rows: list[tuple[str, ...]] = []
    for lag in study.lags:
        lines = [(cell.noted.recipe, one) for cell, one in found if cell.noted.lag == lag]
        if not lines:
            continue
        facts = differences.facts(lines, reference)
        says = (
            f"At lag {lag:,}, {len(facts.apart)} of {len(lines)} differ from '{reference}' beyond what chance explains."
        )
        views.append(View(f"lag {lag:,}", differences.draw(facts), says))
        rows += [
            (label, f"{lag:,}", f"{one.n:,}", row["text"], "yes" if label in facts.apart else "no")
            for (label, one), row in zip(lines, facts.rows(), strict=True)
        ]
    columns = ("recipe", "lag", "seeds in common", f"percentage points more than '{reference}' [interval]", "differs")
    return Figure(
        "differences",
        f"Compared with '{reference}'",
        tuple(views),
        Table("Differences of the shares of runs that solve it", columns, tuple(rows)),
        f"A point is the share of runs that solve it less that of '{reference}', which is the study's first recipe, "
        f"over the seeds that both were run from; its line is the interval ({method}). A filled point's interval "
        "leaves out 0.",
        {name: name for name in study.names},
        "lag",
    )


def _common(cell: KeptCell, other: KeptCell) -> list[int]:
    return sorted({run.seed for run in cell.runs} & {run.seed for run in other.runs})


def _difference(cell: KeptCell, other: KeptCell, confidence: float, method: str) -> Estimate:
    seeds = _common(cell, other)
    mine, its = ({run.seed: run.solved for run in one.runs} for one in (cell, other))
    sides = [(mine[seed], its[seed]) for seed in seeds]
    both, first, second, neither = (sides.count((a, b)) for a in (True, False) for b in (True, False))
    one = newcombe_paired(both, first, second, neither, confidence)
    return Estimate(one.point, one.low, one.high, one.n, method)
