"""`memspan span`: in how many runs a problem is learned, lag by lag, and how long a memory that shows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from memspan.core.errors import InvalidInput

if TYPE_CHECKING:
    from memspan.cli.json_target import JsonTarget
    from memspan.cli.span_answer import Answer
    from memspan.cli.span_target import Asked
    from memspan.cli.span_text import Narrator
    from memspan.studies.span import MeasuredCell

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
    fail_under: float | None = None,
    picture: Annotated[Path | None, Parameter(name=("--picture", "--output"))] = None,
    json_: Annotated[str | None, Parameter(name="--json", allow_leading_hyphen=True)] = None,
    list_: Annotated[bool, Parameter(name="--list", negative="")] = False,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False,
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
        lags: Lags to measure, such as 3,10,30; by default the study's, without a study 3,10,30,100.
        seeds: Runs of each recipe at each lag; by default the study's, without a study 20.
        seed: First seed.
        epochs: Presentations of all sequences; by default the study's, without a study 250.
        fail_under: End with exit code 3 if any rate's 95 % interval reaches below this share, such as 0.9.
        picture: Draw the rates: a file ending in .svg, .png, .pdf or .json.
        json_: Write one JSON object to a file, whole after every lag, or to standard output (-) instead of text.
        list_: Name the studies that ship.
        quiet: Nothing on standard error.

    Returns:
        The exit code.
    """
    from memspan.cli.json_target import JsonTarget
    from memspan.cli.span_target import Asked, whole_numbers

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
    )
    target = None if json_ is None else JsonTarget.of(json_)
    _check_picture(picture, target)
    return _measured(asked, fail_under, picture, target, quiet)


def _measured(
    asked: Asked, fail_under: float | None, picture: Path | None, target: JsonTarget | None, quiet: bool
) -> int:
    """Measure the study and tell it."""
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.span_answer import Answer, check_fail_under
    from memspan.cli.span_text import Narrator
    from memspan.studies.span import Span, measure
    from memspan.studies.span import picture as draw

    planned = asked.study()
    check_fail_under(fail_under, planned)
    remember_compilations()
    silent = target is not None and target.path is None
    narrator = Narrator(asked.name, planned, silent=silent, quiet=quiet or silent)
    done: list[MeasuredCell] = []

    def answer() -> Answer:
        return Answer(asked, Span(planned, tuple(done)), fail_under, picture)

    try:
        narrator.begin()
        for cell in measure(planned, narrator.progress):
            done.append(cell)
            narrator.finished(cell, answer().span)
            if target is not None:
                target.write(answer().to_json(), last=False)
    except (KeyboardInterrupt, InvalidInput) as reason:
        return _stopped(reason, answer(), narrator, target)
    found = answer()
    if picture is not None:
        draw(found.span, picture)
    if target is not None:
        target.write(found.to_json(), last=True)
    narrator.end(found, target)
    return found.exit_code


def _stopped(
    reason: KeyboardInterrupt | InvalidInput, found: Answer, narrator: Narrator, target: JsonTarget | None
) -> int:
    """Keep and tell what there is; a refusal half-way is told by whoever tells all refusals."""
    from memspan.cli.exits import Exit

    narrator.end(found, target)
    if isinstance(reason, InvalidInput):
        raise reason
    if target is not None:
        target.write(found.to_json(), last=True)
    sys.stderr.write(found.rest_in_words(target))
    return Exit.INTERRUPTED


def _check_picture(picture: Path | None, target: JsonTarget | None) -> None:
    """Refuse a picture that cannot be saved, before the work."""
    from memspan.plots import check_target

    if picture is None:
        return
    try:
        path = check_target(picture)
    except InvalidInput as refusal:
        raise InvalidInput(f"--picture: {refusal}") from refusal
    if target is not None and path == target.path:
        raise InvalidInput(f"--picture and --json must be two files, but got '{picture}' for both; rename one")


def _list() -> int:
    """Name the studies that ship, each with the first line of its file."""
    from memspan.studies.span.study_file import describe_shipped, shipped

    width = max(map(len, shipped()))
    for name in shipped():
        sys.stdout.write(f"recipes/{name.ljust(width)}  {describe_shipped(name)}\n")
    return 0
