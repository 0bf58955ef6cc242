"""`memspan span`: in how many runs a problem is learned, lag by lag, and how long a memory that shows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from memspan.core.errors import InvalidInput

__all__ = ["span"]

Several = Annotated[list[str] | None, Parameter(negative="")]


def span(
    study: str | None = None,
    *,
    problem: str | None = None,
    model: Several = None,
    rule: Several = None,
    optimizer: str | None = None,
    batch: Literal["one", "all"] | None = None,
    curriculum: str | None = None,
    recipe: Several = None,
    lags: str | None = None,
    seeds: int | None = None,
    seed: int | None = None,
    epochs: int | None = None,
    generalise: str | None = None,
    adaptive: float | None = None,
    width: float | None = None,
    store: Path | None = None,
    cluster: str | None = None,
    weights: Annotated[bool, Parameter(negative="")] = False,
    fail_under: float | None = None,
    picture: Annotated[Path | None, Parameter(name=("--picture", "--output"))] = None,
    survival: Path | None = None,
    json_: Annotated[str | None, Parameter(name="--json", allow_leading_hyphen=True)] = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    list_: Annotated[bool, Parameter(name="--list", negative="")] = False,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False,
    verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), negative="")] = False,
) -> int:
    """Count in how many runs a problem is learned, lag by lag, and say how long a memory that shows.

    A study is a TOML file of recipes (ways to train), one that ships, such as recipes/tutorial, or is made of --model
    and --rule, each rule with each model. Settings stand in parentheses: --model 'LSTM(units=32, chrono="10 * lag")'.

    Args:
        study: A study file, or recipes/NAME; --list names those that ship.
        problem: Without a study: the problem; conflict by default.
        model: Without a study: what learns, such as 'LSTM(units=32)'; may be given several times.
        rule: Without a study: how credit reaches the weights, online by default; may be given several times.
        optimizer: Without a study: how a gradient changes the weights; Adam by default.
        batch: Without a study: one sequence at a time, or all side by side.
        curriculum: Without a study: lags of easier stages, such as 3,10,30; those below each lag are gone through.
        recipe: Measure only the recipe of this name; may be given several times.
        lags: Lags to measure, such as 3,10,30, or 3..3000 for four to each doubling; by default the study's, without a
            study 3,10,30,100.
        seeds: Runs of each recipe at each lag; by default the study's, without a study 20.
        seed: First seed.
        epochs: Presentations of all sequences; by default the study's, without a study 250.
        generalise: Longer lags that runs which solve it are judged at, without learning more, such as 100,300 or
            '2 * lag'; by default the study's.
        adaptive: Look among the lags for the one where the rate of success falls below this level, such as 0.5, with a
            pilot of few runs; then give each lag that it came to fresh seeds until its rate is known, --seeds at most.
            Without a study the lags are then 3..3000 and the seeds at most 400.
        width: Of an adaptive study: a rate is known when its 95 % interval is no wider than this; 0.2 by default.
        store: Keep every run in this file as soon as its block is done, and run none that it holds: the same command,
            or memspan resume, goes on where a study was stopped. Without it nothing is kept.
        cluster: Make the runs on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786.
        weights: Keep the final weights of every run in the store too.
        fail_under: End with exit code 3 if any rate's 95 % interval reaches below this share, such as 0.9.
        picture: Draw the rates: a file ending in .svg, .png, .pdf or .json.
        survival: Draw the share of runs that have not solved it yet, over updates: a file as for --picture.
        json_: Write one JSON object to a file, whole after every lag, or to standard output (-) instead of text.
        dry_run: Measure nothing: try each recipe at each lag for a moment, and say what there is to run, how long that
            takes and how much memory.
        list_: Name the studies that ship.
        quiet: Nothing on standard error.
        verbose: A line on standard error for every block of runs, as soon as it is done.

    Returns:
        The exit code.
    """
    from memspan.cli.span_run import measured
    from memspan.cli.span_target import Asked, whole_numbers
    from memspan.cli.span_trial import tried
    from memspan.cli.span_ways import Ways

    if list_:
        return _list()
    asked = Asked(
        target=study,
        problem=problem,
        models=tuple(model or ()),
        rules=tuple(rule or ()),
        optimizer=optimizer,
        batch=batch,
        curriculum=whole_numbers("--curriculum", curriculum),
        recipes=tuple(recipe or ()),
        lags=whole_numbers("--lags", lags),
        seeds=seeds,
        seed=seed,
        epochs=epochs,
        generalise=() if generalise is None else tuple(word.strip() for word in generalise.split(",")),
        weights=weights,
        adaptive=adaptive,
        width=width,
    )
    if weights and store is None:
        raise InvalidInput("--weights must come with a store that keeps them, but got none; add --store runs.db")
    ways = Ways.of(store, fail_under, picture, json_, quiet, survival, cluster, verbose)
    return (tried if dry_run else measured)(asked, asked.table(), ways)


def _list() -> int:
    """Name the studies that ship, each with the first line of its file."""
    from memspan.studies.span.study_file import describe_shipped, shipped

    width = max(map(len, shipped()))
    for name in shipped():
        sys.stdout.write(f"recipes/{name.ljust(width)}  {describe_shipped(name)}\n")
    return 0
