"""`memspan tune --dry-run`: what a tuning takes at most."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memspan.cli.span_ways import Ways
    from memspan.cli.tune_target import AskedTuning

__all__ = ["tried"]


def tried(asked: AskedTuning, table: dict[str, Any], ways: Ways) -> int:
    """Say how many runs a tuning makes at most, and how long that takes where each is as long as the longest.

    Args:
        asked: the words of the command line.
        table: the tuning, as a tuning file holds it.
        ways: what becomes of it; of these JSON.

    Returns:
        The exit code.

    Raises:
        InvalidInput: something in the tuning is not what it should be.
    """
    from memspan.cli.at_work import there
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.console import out, working
    from memspan.studies.span.trial import peak_memory, time_of
    from memspan.studies.tune.at_most import largest, runs_at_most

    plan = asked.plan(table)
    plan.check()
    remember_compilations()
    runs = 8 * (os.cpu_count() or 1)
    with working("trying the largest configurations for a moment", ways.quiet):
        slowest = max(time_of(plan.spec(settings), runs)[1] / runs for settings in largest(plan))
    steps = [{"step": name, "at_most": n, "seconds": n * slowest} for name, n in runs_at_most(plan).items()]
    answer = {
        "version": 1,
        "command": "tune",
        "dry_run": True,
        "tuning": asked.name,
        "steps": steps,
        "at_most": sum(n for n in runs_at_most(plan).values()),
        "seconds": sum(runs_at_most(plan).values()) * slowest,
        "seconds_of_the_longest_run": slowest,
        "cores": os.cpu_count() or 1,
        "there": there(ways.cluster, sum(runs_at_most(plan).values()) * slowest),
        "memory": peak_memory(),
    }
    if ways.target is not None:
        ways.target.write(answer, last=True)
    if ways.target is None or ways.target.path is not None:
        for line in _lines(answer):
            out().print(line, markup=False, soft_wrap=True)
    return 0


def _lines(answer: dict[str, Any]) -> list[str]:
    from memspan.cli.at_work import there_in_words
    from memspan.studies.in_words import about, aligned
    from memspan.studies.tune.at_most import A_ROUND

    rows: list[tuple[str, ...]] = [("", "runs at most", "time at most")]
    rows += [(one["step"], f"{one['at_most']:,}", about(one["seconds"])) for one in answer["steps"]]
    memory = "" if answer["memory"] is None else f", and {answer['memory'] / 2**20:,.0f} MiB of memory"
    if_all = f"if all were as long as the longest{memory}"
    named = [one["step"] for one in answer["steps"]]
    more = " Neighbours are tried in as many rounds as find something better, of which one is counted."
    return [
        *aligned(rows),
        "",
        f"at most {answer['at_most']:,} runs, {about(answer['seconds'])} on {answer['cores']} cores {if_all}; most "
        "configurations are given up after 8 runs, and finals end with the first that is good enough."
        + (more if A_ROUND in named else ""),
        *there_in_words(answer["there"]),
    ]
