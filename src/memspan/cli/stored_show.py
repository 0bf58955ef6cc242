"""`memspan show`: one study or spec of a store, as far as it is done."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from memspan.core.errors import InvalidInput

if TYPE_CHECKING:
    from memspan.store import Store, StoredRun, StoredSpec
    from memspan.studies.noted import NotedStudy
    from memspan.studies.outcomes import Outcomes

__all__ = ["show"]

PARTS = 4  # of a curve, at whose ends it is shown


def show(
    store: Path,
    hash: str | None = None,
    /,
    *,
    watch: Annotated[bool, Parameter(negative="")] = False,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Show a study cell by cell, or a spec with its settings and curves. A study may be writing the store.

    Args:
        store: The file that keeps the runs.
        hash: The beginning of the hash of a study or spec, as memspan list shows it; by default the study that is not
            done, or the only one.
        watch: Follow a study that another process runs, until it is done; Ctrl-C ends the watching, not the study.
        json_: Print one JSON object instead of text; with --watch one a line for every change.

    Returns:
        The exit code.
    """
    from memspan.cli.console import out
    from memspan.store import Store
    from memspan.studies.noted import noted, the_study

    with Store.open(store, create=False) as opened:
        if watch:
            from memspan.cli.stored_watch import watch as watched

            return watched(opened, the_study(noted(opened), hash, opened, store), _study, json_)
        if hash is None:
            hash = the_study(noted(opened), None, opened, store).hash
        studies = [study for study in noted(opened) if study.hash.startswith(hash)]
        specs = [spec for spec in opened.specs() if spec.hash.startswith(hash)]
        found = len(studies) + len(specs)
        if found != 1:
            raise InvalidInput(
                f"hash must be the beginning of one hash in {store}, but got '{hash}', which {found} begin with; "
                f"memspan list {store} shows what there is"
            )
        answer, lines = _study(opened, studies[0]) if studies else _spec(opened, specs[0])
    if json_:
        sys.stdout.write(json.dumps({"version": 1, "command": "show", **answer}, allow_nan=False) + "\n")
        return 0
    for line in lines:
        out().print(line, markup=False, soft_wrap=True)
    return 0


def _study(store: Store, study: NotedStudy) -> tuple[dict[str, Any], list[str]]:
    from memspan.studies.compared_in_words import answer_line, pair_lines
    from memspan.studies.comparisons import compare
    from memspan.studies.in_words import aligned, count, times
    from memspan.studies.longer import at_longer, longer_lines
    from memspan.studies.noted import PILOT
    from memspan.studies.outcomes import Outcomes

    by_name: dict[str, dict[int, Outcomes]] = {}
    rows: list[tuple[str, ...]] = [("", "lag", "spec", "runs", "of", "runs that solve it", "updates until solved")]
    cells: list[dict[str, Any]] = []
    for cell in study.cells:
        runs = cell.stored(store)
        found = Outcomes(tuple(runs)) if runs else None
        if found and not cell.recipe.endswith(PILOT):  # its runs chose which others there are: no comparison
            by_name.setdefault(cell.recipe, {})[cell.lag] = found
        said = (count(found), times(found.updates_until_solved)) if found else ("-", "-")
        rows.append((cell.recipe, f"{cell.lag:,}", cell.spec, f"{len(runs):,}", f"{cell.runs:,}", *said))
        longer = [one.to_json() for one in at_longer(runs)]
        known = {"recipe": cell.recipe, "lag": cell.lag, "spec": cell.spec, "of": cell.runs}
        cells.append({**known, **_counts(found), "longer": longer})
    there = sum(cell["runs"] for cell in cells)
    answer = {
        "study": study.hash,
        "name": study.name,
        "runs": there,
        "of": study.runs if study.ended else None,
        "done": study.done(store),
        "cells": cells,
    }
    head = f"study {study.hash}, {study.name}: {study.state(store)}"
    if study.command == "tune":  # the same
        return answer, [head, "", *aligned(rows)]
    compared = compare(by_name, study.primary, study.looks)
    answer |= {"comparisons": compared.to_json()}
    longer_rows = [(name, lag, at_longer(one.runs)) for name, row in by_name.items() for lag, one in row.items()]
    told = list(filter(None, [answer_line(compared)]))
    lines = [
        line
        for table in (aligned(rows), longer_lines(longer_rows), pair_lines(compared), told)
        if table
        for line in ("", *table)
    ]
    return answer, [head, *lines]


def _spec(store: Store, spec: StoredSpec) -> tuple[dict[str, Any], list[str]]:
    from memspan.cli.stored_list import label
    from memspan.studies.in_words import count, times
    from memspan.studies.outcomes import Outcomes

    runs = tuple(run for run in store.runs(spec.hash) if run.status != "failed")
    found = Outcomes(runs) if runs else None
    settings = {name: value for name, value in spec.settings.items() if name != "type"}
    width = max(map(len, settings), default=0)
    lines = [f"spec {spec.hash}", *(f"{name.ljust(width)}  {label(value)}" for name, value in settings.items()), ""]
    curves: dict[str, Any] = {}
    if found:
        lines += [
            f"runs that solve it: {count(found)}; diverged: {found.diverged:,}; failed: {spec.failed:,}",
            f"updates until solved (median): {times(found.updates_until_solved)}, of a budget of {found.updates:,}",
            f"seconds: {found.seconds:.1f} in {len(found.environments)} environment(s)",
        ]
        curves = {name: _curve(runs, name) for name in ("loss", "accuracy") if all(name in run.curves for run in runs)}
        for name, points in curves.items():
            told = ", ".join(f"{value:.4g} after {epoch:,}" for epoch, value in points if value is not None)
            lines.append(f"{name} (median over runs): {told} epochs")
    else:
        lines.append(f"no run; failed: {spec.failed:,}")
    answer = {"spec": spec.hash, "settings": spec.settings, "failed": spec.failed, **_counts(found), "curves": curves}
    return answer, lines


def _counts(found: Outcomes | None) -> dict[str, Any]:
    if found is None:
        return {"runs": 0}
    from memspan.studies.outcomes import time_to_json

    return {
        "runs": len(found.runs),
        "solved": found.solved,
        "success": found.success.to_json(),
        "ever_solved": found.ever_solved.to_json(),
        "diverged": found.diverged,
        "updates_until_solved": time_to_json(found.updates_until_solved),
        "updates": found.updates,
        "seconds": found.seconds,
        "environments": len(found.environments),
    }


def _curve(runs: Sequence[StoredRun], name: str) -> list[tuple[int, float | None]]:
    """Return the median over runs of a curve after a part of its epochs each: of each run the last value until then."""
    import numpy as np

    points = min(len(run.curves[name]) for run in runs)
    shown: list[tuple[int, float | None]] = []
    for epoch in sorted({max(1, points * part // PARTS) for part in range(PARTS + 1)}):
        values = [run.curves[name][:epoch] for run in runs]
        last = [float(curve[np.isfinite(curve)][-1]) for curve in values if np.isfinite(curve).any()]
        shown.append((epoch, float(np.median(last)) if last else None))
    return shown
