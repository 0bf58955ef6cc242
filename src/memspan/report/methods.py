"""How it was measured: specs, seeds, versions, hardware, intervals, failures, and the commands that do it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from memspan.report.contents import Table
from memspan.report.kept import KeptCell, KeptStudy
from memspan.store import StoredRun

__all__ = ["commands", "failures", "methods", "settings", "worded"]

MOST_FAILURES = 200  # lines; beyond that the table counts
DIVERGED = "the loss stopped being a finite number"


def worded(part: Any) -> str:
    """Return the settings of a part of a spec in one line.

    Example:
        >>> worded({"type": "LSTM", "units": 20, "chrono": None})
        'LSTM(units=20, chrono=None)'
    """
    if isinstance(part, Mapping):
        inner = ", ".join(f"{name}={worded(each)}" for name, each in part.items() if name != "type")
        kind = str(part.get("type", ""))
        return f"{kind}({inner})" if inner else kind
    if isinstance(part, list):
        return f"[{', '.join(map(worded, part))}]"
    return str(part)


def methods(study: KeptStudy) -> list[tuple[str, str]]:
    """Return names and words."""
    runs = [run for cell in study.cells for run in cell.runs]
    seeds = sorted({(cell.noted.seeds.start, cell.noted.seeds.stop - 1) for cell in study.cells})
    asked = sum(cell.runs for cell in study.noted.cells)
    told = [
        ("Study", f"{study.noted.name}" + (f", {study.noted.hash}" if study.noted.hash else "")),
        ("Problem", "; ".join(dict.fromkeys(_problem(cell) for cell in study.cells))),
        (
            "Runs",
            f"{len(runs):,} of {max(asked, len(runs)):,} runs; seeds {'; '.join(f'{a:,} to {b:,}' for a, b in seeds)}",
        ),
        (
            "Success",
            "A run counts as solved when the problem's own criterion holds at the end of its budget. A run that held "
            "it on the way and lost it, or that diverged, is a failure.",
        ),
        (
            "Intervals",
            "95 % throughout. Rates: Wilson. Medians of updates until solved: Kaplan and Meier, runs that never solved "
            "it censored at the end of their budget, with the interval of Brookmeyer and Crowley. Memory spans: tests "
            "lag after lag in a fixed sequence (Hsu and Berger).",
        ),
        (
            "Seeds",
            "Initial weights and orders are drawn from (seed, purpose) alone: recipes of the same model start from the "
            "same weights. The same spec and seed give the same bits on one machine with one version.",
        ),
        ("Training time", f"{sum(run.seconds for run in runs):,.0f} seconds on the wall, all runs together"),
    ]
    return [*told, *_environments(runs)]


def settings(study: KeptStudy) -> Table:
    """Return a table of what was trained: one row a cell, the settings of each part in a line."""
    columns = ("recipe", "lag", "spec", "model", "rule", "optimizer", "protocol", "epochs", "curriculum", "problem")
    rows = tuple(_settings(cell) for cell in study.cells)
    return Table("What was trained: everything that decides a run but its seed", columns, rows, words=len(columns))


def failures(study: KeptStudy) -> Table:
    """Return a table of runs that diverged, and of runs that have no result; others that failed are counted above."""
    rows = [
        (cell.noted.recipe, f"{cell.noted.lag:,}", f"{run.seed:,}", run.status, run.reason or DIVERGED)
        for cell in study.cells
        for run in cell.runs
        if run.status != "finished"
    ]
    more = len(rows) - MOST_FAILURES
    caption = "Runs that diverged or have no result" + (
        f"; the first {MOST_FAILURES} of {len(rows):,}" if more > 0 else ""
    )
    return Table(caption, ("recipe", "lag", "seed", "what happened", "why"), tuple(rows[:MOST_FAILURES]), words=5)


def commands(study: KeptStudy) -> tuple[tuple[str, str], ...]:
    """Return what each does, and the words to type."""
    asked, path = dict(study.noted.asked), str(study.path)
    again = _begun(study.noted.command, asked)
    found = [("Measure it from nothing", [*again, "--store", "again.db"])] if again else []
    if study.noted.hash:
        found.append(("Go on, or see that all is done", ["memspan", "resume", path, study.noted.hash]))
        found.append(("Show it in a terminal", ["memspan", "show", path, study.noted.hash]))
        found.append(
            ("All its runs as a table", ["memspan", "export", path, "--study", study.noted.hash, "-o", "runs.csv"])
        )
    else:
        found.append(("All runs as a table", ["memspan", "export", path, "--output", "runs.csv"]))
    found = [(says, [("--output" if word == "-o" else word) for word in words]) for says, words in found]
    hash = [study.noted.hash] if study.noted.hash else []
    found.append(("This report", ["memspan", "report", path, *hash, "--output", "report.html"]))
    return tuple((says, shlex.join(words)) for says, words in found)


def _begun(command: str, asked: dict[str, Any]) -> list[str] | None:
    """Return the words that began a study; None where they are not known."""
    if command not in ("span", "tune"):
        return None
    asked.pop("optuna", None)
    target = asked.pop("target" if command == "span" else "target_file", None)
    words = ["memspan", command, *([target] if target else [])]
    singular = {"models": "--model", "rules": "--rule", "recipes": "--recipe"}
    for name, value in asked.items():
        if name in singular:
            words += [word for each in value for word in (singular[name], str(each))]
        elif isinstance(value, list):
            words += [f"--{name}", ",".join(map(str, value))] if value else []
        elif value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return words


def _problem(cell: KeptCell) -> str:
    return str(cell.spec.problem.variant) if cell.spec else worded(cell.stored.settings.get("problem"))


def _settings(cell: KeptCell) -> tuple[str, ...]:
    spec = cell.stored.settings
    parts = (worded(spec.get(part)) for part in ("model", "rule", "optimizer", "protocol"))
    stages = ", ".join(_stage(each) for each in spec.get("curriculum", [])) or "-"
    lag = f"{cell.noted.lag:,}"
    return (cell.noted.recipe, lag, cell.stored.hash, *parts, f"{spec.get('epochs', '?'):,}", stages, _problem(cell))


def _stage(problem: Any) -> str:
    return f"lag {problem['lag']}" if isinstance(problem, Mapping) and "lag" in problem else worded(problem)


def _environments(runs: list[StoredRun]) -> list[tuple[str, str]]:
    """Return where runs were computed: one line an environment."""
    found = {run.environment.hash: run.environment for run in runs}
    many = len(found) > 1
    lines: list[tuple[str, str]] = []
    for number, (hash, one) in enumerate(sorted(found.items()), 1):
        name = f"Environment {number} of {len(found)}" if many else "Environment"
        of = sum(run.environment.hash == hash for run in runs)
        versions = ", ".join(f"{package} {version}" for package, version in sorted(one.versions.items()))
        lines.append((name, f"{one.device}; {versions}; source {one.code}; {of:,} runs"))
    return lines
