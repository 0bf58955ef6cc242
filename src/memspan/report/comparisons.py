"""Recipes compared with each other: the primary question alone, all others corrected for their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots import differences
from memspan.report.contents import Figure, Table, View
from memspan.report.kept import KeptStudy
from memspan.studies.comparisons import Compared, Comparisons, Evidence, compare
from memspan.studies.primary import Primary

__all__ = ["comparisons", "primary_answer"]


def comparisons(study: KeptStudy) -> Figure | None:
    """Return differences of rates from those of the first recipe, and a table of all pairs.

    Returns:
        A drawing for each lag; None where there is nothing to compare.
    """
    found = _compared(study)
    reference = study.names[0]
    with_reference = [one for one in found.pairs if reference in (one.first, one.second)]
    if not with_reference:
        return None
    views: list[View] = []
    for lag in study.lags:
        lines = [_line(one, reference) for one in with_reference if one.lag == lag]
        if lines:
            facts = differences.facts(lines, reference)
            says = f"At lag {lag:,}, {len(facts.apart)} of {len(lines)} differ from '{reference}' beyond chance."
            views.append(View(f"lag {lag:,}", differences.draw(facts), says))
    columns = ("one less another", "lag", "solved", "points [interval]", "p, success", "p, updates", "question")
    return Figure(
        "differences",
        f"Compared with '{reference}'",
        tuple(views),
        Table("All pairs of recipes: difference of the shares of runs that solve it", columns, _rows(found)),
        f"A point is the share of runs that solve it less that of '{reference}', the study's first recipe, in "
        "percentage points; its line is the interval. A filled point's interval leaves out 0. Intervals of exploratory "
        "comparisons hold together (Bonferroni), their p-values are adjusted (Holm); a primary question was chosen "
        "beforehand.",
        {name: name for name in study.names},
        "lag",
    )


def primary_answer(study: KeptStudy) -> str | None:
    """Return the answer to the study's primary question in one sentence; None where it has none."""
    found = _compared(study)
    asked, answer = found.primary, found.answer
    if asked is None or answer is None:
        return None
    told: Evidence = answer.success if asked.on == "success" else answer.updates
    verdict = "they differ" if told.differs else "no difference is shown"
    return (
        f"Primary question, '{asked.first}' or '{asked.second}' at lag {asked.lag:,}, on {asked.on}: {verdict} "
        f"({_p(told)}, {told.method}; {answer.solved[0]:,} of {answer.runs[0]:,} runs against {answer.solved[1]:,} of "
        f"{answer.runs[1]:,}, difference {_points(answer.difference)} percentage points)."
    )


def _compared(study: KeptStudy) -> Comparisons:
    return compare({name: study.row(name) for name in study.names}, _primary(study), study.noted.looks)


def _primary(study: KeptStudy) -> Primary | None:
    """Return the question that the study noted; None where there is none, or what it is about has no runs."""
    given: Any = study.noted.table.get("primary")
    if not isinstance(given, Mapping):
        return None
    try:
        asked = Primary(**{str(name): value for name, value in given.items()})
    except (InvalidInput, TypeError):  # another version's words
        return None
    return asked if asked.among({name: list(study.row(name)) for name in study.names}) else None


def _line(one: Compared, reference: str) -> tuple[str, Estimate]:
    if one.second == reference:
        return one.first, one.difference
    turned = one.difference
    return one.second, Estimate(0.0 - turned.point, 0.0 - turned.high, 0.0 - turned.low, turned.n, turned.method)


def _rows(found: Comparisons) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            f"{one.first} less {one.second}",
            f"{one.lag:,}",
            f"{one.solved[0]:,}/{one.runs[0]:,}, {one.solved[1]:,}/{one.runs[1]:,}",
            _points(one.difference),
            _p(one.success),
            _p(one.updates),
            "primary" if one.success.adjusted is None or one.updates.adjusted is None else "exploratory",
        )
        for one in found.pairs
    )


def _points(one: Estimate) -> str:
    return f"{100 * one.point:+.0f} [{100 * one.low:+.0f}, {100 * one.high:+.0f}]".replace("-", "\u2212")


def _p(told: Evidence) -> str:
    return "p < 0.001" if told.counts < 0.001 else f"p = {told.counts:.3f}"
