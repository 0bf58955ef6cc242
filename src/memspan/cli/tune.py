"""`memspan tune`: the smallest configuration that solves a problem often enough."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

__all__ = ["tune"]


def tune(
    tuning: str | None = None,
    *,
    lag: int | None = None,
    target: float | None = None,
    trials: int | None = None,
    seeds: int | None = None,
    fresh: int | None = None,
    seed: int | None = None,
    store: Path | None = None,
    cluster: str | None = None,
    picture: Annotated[Path | None, Parameter(name=("--picture", "--output"))] = None,
    json_: Annotated[str | None, Parameter(name="--json", allow_leading_hyphen=True)] = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    list_: Annotated[bool, Parameter(name="--list", negative="")] = False,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False,
    verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), negative="")] = False,
) -> int:
    """Find the fewest weights, and the fewest updates, that solve a problem in a share of the runs.

    A tuning is a TOML file in which some settings of a recipe are ranges or choices, or one that ships, such as
    tunings/tutorial. The search chooses with some seeds; the winners are counted with others that no choice has seen.

    Args:
        tuning: A tuning file, or tunings/NAME; --list names those that ship.
        lag: The problem's lag; by default the tuning's.
        target: The share of runs that must succeed, such as 0.99; by default the tuning's.
        trials: Configurations that the search asks for; by default the tuning's.
        seeds: Most runs of a configuration in the search; by default the tuning's.
        fresh: Runs that confirm a winner; by default the tuning's.
        seed: First seed, and that of the search.
        store: Keep every run in this file as soon as its block is done, and run none that it holds: the same command,
            or memspan resume, goes on where a tuning was stopped. Without it nothing is kept.
        cluster: Make the runs on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786.
        picture: Draw what was tried, weights against updates: a file ending in .svg, .png, .pdf or .json.
        json_: Write one JSON object to a file, or to standard output (-) instead of text.
        dry_run: Search nothing: try the largest configurations for a moment, and say what the tuning takes at most.
        list_: Name the tunings that ship.
        quiet: Nothing on standard error.
        verbose: A line on standard error for every block of runs, as soon as it is done.

    Returns:
        The exit code: 3 where nothing is good enough, or a winner's fresh runs do not show that it is.
    """
    from memspan.cli.span_ways import Ways
    from memspan.cli.tune_run import tuned
    from memspan.cli.tune_target import AskedTuning
    from memspan.cli.tune_trial import tried

    if list_:
        return _list()
    asked = AskedTuning(tuning, lag, target, trials, seeds, fresh, seed)
    ways = Ways.of(
        store=store, fail_under=None, picture=picture, json=json_, quiet=quiet, cluster=cluster, verbose=verbose
    )
    return (tried if dry_run else tuned)(asked, asked.table(), ways)


def _list() -> int:
    """Name the tunings that ship, each with the first line of its file."""
    from memspan.studies.tune.tuning_file import describe_shipped, shipped

    width = max(map(len, shipped()))
    for name in shipped():
        sys.stdout.write(f"tunings/{name.ljust(width)}  {describe_shipped(name)}\n")
    return 0
