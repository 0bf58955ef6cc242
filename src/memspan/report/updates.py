"""After how many updates runs had solved it: survival curves, one drawing a lag."""

from __future__ import annotations

from memspan.plots import survival
from memspan.plots.style import VegaLite
from memspan.report.contents import Figure, Table, View
from memspan.report.kept import KeptStudy
from memspan.studies.in_words import times

__all__ = ["updates"]

SHARES = (0.25, 0.5, 0.75, 0.9)


def updates(study: KeptStudy) -> Figure:
    """Return survival curves of the updates until solved; runs that never solved it are censored."""
    views: list[View] = []
    rows: list[tuple[str, ...]] = []
    for lag in study.lags:
        cells = {name: study.row(name)[lag] for name in study.names if lag in study.row(name)}
        facts = survival.facts({name: {lag: cell.survival} for name, cell in cells.items()})
        medians = {name: cell.updates_until_solved for name, cell in cells.items()}
        first = min(medians, key=lambda name: (medians[name].point, medians[name].high))
        if medians[first].point == float("inf"):
            says = f"At lag {lag:,}, half of the runs have solved it with no recipe."
        else:
            alike = [f"'{name}'" for name in medians if times(medians[name]) == times(medians[first])]
            soonest = f"{' and '.join(alike)}: {times(medians[first])} updates"
            says = f"At lag {lag:,}, half of the runs have solved it soonest with {soonest}."
        views.append(View(f"lag {lag:,}", _alone(survival.draw(facts)), says))
        for name, cell in cells.items():
            reached = cell.survival.survival
            by = (reached <= 1 - share + 1e-12 for share in SHARES)
            ends = (f"{cell.survival.times[one.argmax()]:,.0f}" if one.any() else "-" for one in by)
            rows.append((name, f"{lag:,}", f"{len(cell.runs):,}", times(medians[name]), *ends, f"{cell.updates:,}"))
    shares = (f"{100 * share:.0f} % by" for share in SHARES)
    return Figure(
        "updates",
        "After how many updates it is solved",
        tuple(views),
        Table(
            "Updates until first solved: the median with its interval, and by when a share of the runs had solved it",
            ("recipe", "lag", "runs", "median [95 %]", *shares, "budget"),
            tuple(rows),
        ),
        "A line is the share of runs that have not solved it yet (Kaplan and Meier); its band is the 95 % interval, "
        "point by point. A tick is where runs were given up, their budget spent.",
        {name: name for name in study.names},
        "lag",
    )


def _alone(spec: VegaLite) -> VegaLite:
    """Return the only panel of a drawing as a drawing of its own."""
    (panel,) = spec["concat"]
    return {name: value for name, value in spec.items() if name not in ("concat", "columns", "resolve")} | panel
