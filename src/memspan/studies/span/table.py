"""Success against lag as lines of text, each of which can be printed as soon as its recipe is done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from memspan.core.estimate import Estimate
from memspan.studies.span.measure import MeasuredCell
from memspan.studies.span.plan import Study
from memspan.studies.span.result import LEVELS, Span

__all__ = ["RateLines", "count", "details", "spans"]

GAP = "  "
INDENT = "  "


def count(measured: MeasuredCell) -> str:
    """Return how many runs succeeded of how many, with the rate's interval: "97/100 [92, 99] %"."""
    rate = measured.runs.success
    return f"{measured.solved}/{rate.n} [{_percent(rate.low)}, {_percent(rate.high)}] %"


class RateLines:
    """The table of success rates, recipe by recipe: widths are known before anything is measured.

    Args:
        study: what is measured.
        width: columns of the terminal. A wider table is turned: one line a lag. None for no limit.
    """

    def __init__(self, study: Study, width: int | None = None) -> None:
        self._lags = study.tested
        self._planned = {recipe.name: study.lags_of(recipe) for recipe in study.listed}
        problems = [study.problem(lag) for lag in self._lags]
        self._known = {
            f"{problems[0].score_name} by chance": [problem.chance for problem in problems],
            "... without memory (floor)": [problem.floor for problem in problems],
            "... at best": [problem.best for problem in problems],
        }
        self._name = max(map(len, [*self._planned, *self._known]))
        most = max(len(cell.seeds) for cell in study.cells())
        self._cell = max(len(f"{most}/{most} [{max(10, 100 - most)}, 100] %"), len(f"lag {self._lags[-1]:,}"))
        self._turned = width is not None and self._name + len(self._lags) * (len(GAP) + self._cell) > width

    def bounds(self) -> list[str]:
        """Return the lines of what is known without training: scores by chance, without memory, and at best."""
        rows = [self._row(name, [f"{value:.4g}" for value in values]) for name, values in self._known.items()]
        return [*self._head(""), *(line for row in rows for line in row)]

    def header(self) -> list[str]:
        """Return what stands above the recipes."""
        return self._head("runs that solve it") or ["runs that solve it"]

    def row(self, name: str, cells: Mapping[int, MeasuredCell]) -> list[str]:
        """Return the lines of one recipe, as far as it is measured."""
        missing = {lag: "not done" if lag in self._planned[name] else "not tried" for lag in self._lags}
        return self._row(name, [count(cells[lag]) if lag in cells else missing[lag] for lag in self._lags])

    def _head(self, title: str) -> list[str]:
        return [] if self._turned else [self._line(title, [f"lag {lag:,}" for lag in self._lags])]

    def _row(self, name: str, cells: Sequence[str]) -> list[str]:
        if not self._turned:
            return [self._line(name, cells)]
        lags = [f"{INDENT}lag {lag:,}" for lag in self._lags]
        widest = max(map(len, lags))
        return [
            name,
            *(lag.ljust(widest) + GAP + cell.rjust(self._cell) for lag, cell in zip(lags, cells, strict=True)),
        ]

    def _line(self, name: str, cells: Sequence[str]) -> str:
        return (name.ljust(self._name) + "".join(GAP + cell.rjust(self._cell) for cell in cells)).rstrip()


def details(span: Span) -> list[str]:
    """Return a table of what each cell took: one line a recipe and lag."""
    rows = [("", "lag", "solved once", "diverged", "updates until solved", "budget", "seconds")]
    for name in span.names:
        for number, (lag, one) in enumerate(span.row(name).items()):
            ever = round(one.runs.ever_solved.point * len(one.runs))
            rows.append(
                (
                    name if number == 0 else "",
                    f"{lag:,}",
                    f"{ever}/{len(one.runs)}",
                    str(one.diverged),
                    _times(one.updates_until_solved),
                    f"{one.runs.updates:,}",
                    f"{one.seconds:.1f}",
                )
            )
    return _aligned(rows)


def spans(span: Span) -> list[str]:
    """Return a table of memory spans, one line a recipe."""
    rows = [("memory span", *(f"at {100 * level:.0f} % of the runs" for level in LEVELS), "lags not tried")]
    for name in span.names:
        missing = ", ".join(f"{lag:,}" for lag in span.not_tried(name)) or "-"
        rows.append((name, *(str(span.memory_span(name, level)) for level in LEVELS), missing))
    return _aligned(rows)


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        GAP.join(
            text.ljust(width) if column == 0 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _percent(share: float) -> str:
    """Return a percentage, never rounded to 0 or 100 where it is neither."""
    texts = [f"{100 * share:.{digits}f}" for digits in range(5)]
    return next((text for text in texts if share in (0, 1) or float(text) not in (0, 100)), texts[-1])


def _times(times: Estimate) -> str:
    """Return a median with its interval; infinity means that the budget ended first."""
    if math.isinf(times.point):
        return "not reached"
    high = "-" if math.isinf(times.high) else f"{times.high:,.0f}"
    return f"{times.point:,.0f} [{times.low:,.0f}, {high}]"
