"""Success against lag as lines of text, each of which can be printed as soon as its recipe is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memspan.studies.in_words import aligned, count, times
from memspan.studies.span.measure import MeasuredCell
from memspan.studies.span.plan import Study
from memspan.studies.span.result import Span

__all__ = ["RateLines", "details", "spans"]

GAP = "  "
INDENT = "  "


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
            ever = round(one.ever_solved.point * len(one.runs))
            rows.append(
                (
                    name if number == 0 else "",
                    f"{lag:,}",
                    f"{ever}/{len(one.runs)}",
                    str(one.diverged),
                    times(one.updates_until_solved),
                    f"{one.updates:,}",
                    f"{one.seconds:.1f}",
                )
            )
    return aligned(rows)


def spans(span: Span) -> list[str]:
    """Return a table of memory spans, one line a recipe."""
    rows = [("memory span", *(f"at {100 * level:g} % of the runs" for level in span.levels), "lags not tried")]
    for name in span.names:
        missing = ", ".join(f"{lag:,}" for lag in span.not_tried(name)) or "-"
        rows.append((name, *(str(span.memory_span(name, level)) for level in span.levels), missing))
    return aligned(rows)
