"""`memspan span --dry-run`: what would be run, and what it would take."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memspan.cli.span_target import Asked
    from memspan.cli.span_ways import Ways
    from memspan.studies.span import Study
    from memspan.studies.span.trial import Trial

__all__ = ["tried"]


def tried(asked: Asked, table: dict[str, Any], ways: Ways) -> int:
    """Say what a study would run, how long that would take and how much memory, without keeping anything.

    Args:
        asked: the words of the command line.
        table: the study, as a study file holds it.
        ways: what becomes of it; of these the store, of which runs that are there are left out, and JSON.

    Returns:
        The exit code.

    Raises:
        InvalidInput: something in the study is not what it should be.
    """
    from memspan.cli.at_work import there
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.console import out, working
    from memspan.cli.span_answer import check_fail_under
    from memspan.studies.span.trial import peak_memory, try_out

    planned = asked.study(table)
    if planned.adaptive is not None:
        from memspan.cli.span_adaptive import tried_at_most

        return tried_at_most(asked, planned, ways)
    check_fail_under(ways.fail_under, planned)
    remember_compilations()
    with working("trying each recipe at each lag for a moment", ways.quiet):
        trials = list(try_out(planned, _missing(planned, ways)))
    answer = _answer(asked, planned, trials, peak_memory())
    answer["there"] = there(ways.cluster, answer["seconds"])
    if ways.target is not None:
        ways.target.write(answer, last=True)
    if ways.target is None or ways.target.path is not None:
        for line in _lines(answer):
            out().print(line, markup=False, soft_wrap=True)
    return 0


def _missing(planned: Study, ways: Ways) -> dict[tuple[str, int], int]:
    """Return how many runs of each cell are to be made; a store is only read."""
    from memspan.store import Store
    from memspan.studies.kept.keeper import missing_in

    cells = planned.cells()
    if ways.store is None or not ways.store.exists():
        return {(cell.recipe, cell.lag): len(cell.seeds) for cell in cells}
    with Store.open(ways.store, create=False) as store:
        return {(cell.recipe, cell.lag): len(missing_in(store, cell.spec, cell.seeds, cell.beside)) for cell in cells}


def _answer(asked: Asked, planned: Study, trials: list[Trial], memory: int | None) -> dict[str, Any]:
    return {
        "version": 1,
        "command": "span",
        "dry_run": True,
        "study": asked.name,
        "problem": planned.subject,
        "cells": [
            {
                "recipe": one.cell.recipe,
                "lag": one.cell.lag,
                "spec": one.cell.spec.hash,
                "runs": len(one.cell.seeds),
                "to_do": one.runs,
                "epochs": one.cell.spec.epochs,
                "seconds": one.seconds,
            }
            for one in trials
        ],
        "to_do": sum(one.runs for one in trials),
        "seconds": sum(one.seconds for one in trials),
        "cores": os.cpu_count() or 1,
        "memory": memory,
    }


def _lines(answer: dict[str, Any]) -> list[str]:
    from memspan.cli.at_work import there_in_words
    from memspan.studies.in_words import about, aligned

    rows: list[tuple[str, ...]] = [("", "lag", "spec", "runs", "to do", "epochs", "time")]
    for one in answer["cells"]:
        numbers = (f"{one[name]:,}" for name in ("runs", "to_do", "epochs"))
        rows.append((one["recipe"], f"{one['lag']:,}", one["spec"], *numbers, about(one["seconds"])))
    memory = "" if answer["memory"] is None else f", and {answer['memory'] / 2**20:,.0f} MiB of memory"
    return [
        f"{answer['study']}: {answer['problem']}",
        *aligned(rows),
        "",
        f"{answer['to_do']:,} runs are to be made; as a moment of each shows, that takes {about(answer['seconds'])} on "
        f"{answer['cores']} cores{memory}",
        *there_in_words(answer["there"]),
    ]
