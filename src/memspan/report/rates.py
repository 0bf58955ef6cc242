"""The share of runs that solve it, and the score they reach, against lag."""

from __future__ import annotations

import math

import numpy as np

from memspan.core.problem import Problem
from memspan.plots import score_by_lag, success_by_lag
from memspan.report.contents import Figure, Table, View
from memspan.report.kept import KeptCell, KeptStudy
from memspan.studies.in_words import count, percent, times

__all__ = ["scores", "success"]

LEVELS = (0.5, 0.9)


def success(study: KeptStudy) -> Figure:
    """Return success against lag, with the interval of every rate."""
    lines = {name: [(lag, cell.success) for lag, cell in study.row(name).items()] for name in study.names}
    facts = success_by_lag.facts(lines, "Share of runs that solve it, by lag", LEVELS)
    rows: list[tuple[str, ...]] = []
    for name in study.names:
        for lag, cell in study.row(name).items():
            ever = round(cell.ever_solved.point * len(cell.runs))
            counts = (count(cell), f"{ever:,}/{len(cell.runs):,}", f"{cell.diverged:,}")
            rows.append((name, f"{lag:,}", *counts, times(cell.updates_until_solved), f"{cell.updates:,}"))
    for one in study.empty:
        rows.append((one.recipe, f"{one.lag:,}", "no run yet", "-", "-", "-", "-"))
    columns = ("recipe", "lag", "solve it [95 %]", "solved once", "diverged", "median updates until solved", "budget")
    return Figure(
        "success",
        "In how many runs it is learned",
        (View("", success_by_lag.draw(facts), _finding(study)),),
        Table("Runs that solve the problem at the end of the budget, by recipe and lag", columns, tuple(rows)),
        "A mark is the share of runs that hold the problem's criterion at the end of the budget; its bar is the 95 % "
        "interval of that share (Wilson). Dotted lines mark 50 % and 90 %. Marks of one lag stand side by side. "
        "By guessing alone no run would solve it; the most that can be is 100 %.",
        {line.legend: line.label for line in facts.lines},
    )


def scores(study: KeptStudy) -> Figure | None:
    """Return the score at the end against lag, with chance, floor and ceiling; None where runs have no score."""
    found = {name: {lag: cell.scores[1] for lag, cell in study.row(name).items()} for name in study.names}
    measured = study.cells[0].scores[0]
    if any(cell.scores[0] != measured for cell in study.cells) or not any(
        np.isfinite(values).any() for row in found.values() for values in row.values()
    ):
        return None
    bounds = _bounds(study)
    facts = score_by_lag.facts(found, list(bounds.values()), measured)
    rows = tuple(
        (
            row["label"],
            f"{row['lag']:,}",
            f"{row['n']:,}",
            *(_short(row[name]) for name in ("low", "median", "high")),
            *(_short(getattr(bounds.get(row["lag"]), name, math.nan)) for name in ("chance", "floor", "best")),
        )
        for row in facts.rows
    )
    columns = ("recipe", "lag", "runs", "10 % of runs up to", "median", "90 % up to", "chance", "floor", "best")
    return Figure(
        "score",
        f"How good they are at the end: {measured}",
        (View("", score_by_lag.draw(facts), _above_the_floor(study, facts, bounds)),),
        Table(f"{measured.capitalize()} at the end of training, with what is known without training", columns, rows),
        "A mark is the median run; its bar holds the middle 80 % of the runs. Lines across are known without training: "
        "the best score that can be (solid), the best without memory (dashed), and that of guessing (dotted).",
        {name: name for name in facts.labels},
    )


def _finding(study: KeptStudy) -> str:
    best = max(study.cells, key=lambda cell: (cell.noted.lag if cell.success.point >= 0.5 else 0, cell.success.point))
    rate = best.success
    return (
        f"At lag {best.noted.lag:,}, '{best.noted.recipe}' is solved in {best.solved:,} of {rate.n:,} runs "
        f"({percent(rate.low)} to {percent(rate.high)} % of all, 95 % interval)."
    )


def _above_the_floor(study: KeptStudy, facts: score_by_lag.ScoreByLag, bounds: dict[int, score_by_lag.Bounds]) -> str:
    lag = study.lags[-1]
    rows = [row for row in facts.rows if row["lag"] == lag]
    best = max(row["median"] for row in rows)
    names = " and ".join(f"'{row['label']}'" for row in rows if row["median"] == best)
    said = f"At lag {lag:,} the median run of {names} ends highest, at {_short(best)}"
    if lag not in bounds:
        return f"{said}."
    return f"{said}; without memory {_short(bounds[lag].floor)} can be reached, at best {_short(bounds[lag].best)}."


def _bounds(study: KeptStudy) -> dict[int, score_by_lag.Bounds]:
    """Return what is known of the problem at each lag, where all recipes have one problem there."""
    found: dict[int, score_by_lag.Bounds] = {}
    for lag in study.lags:
        cells = [cell for cell in study.cells if cell.noted.lag == lag]
        problem = _problem(cells)
        if problem is not None:
            found[lag] = score_by_lag.Bounds(lag, float(problem.chance), float(problem.floor), float(problem.best))
    return found


def _problem(cells: list[KeptCell]) -> Problem | None:
    specs = [cell.spec for cell in cells]
    problems = [spec.problem for spec in specs if spec is not None]
    return problems[0] if len(problems) == len(cells) and all(one == problems[0] for one in problems) else None


def _short(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "-"
