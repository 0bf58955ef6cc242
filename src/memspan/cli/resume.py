"""`memspan resume`: go on with a study where it was stopped, however it was stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from memspan.core.errors import InvalidInput

if TYPE_CHECKING:
    from memspan.cli.span_target import Asked
    from memspan.store import Store
    from memspan.studies.noted import NotedStudy

__all__ = ["resume"]


def resume(
    store: Path,
    study: str | None = None,
    /,
    *,
    cluster: str | None = None,
    fail_under: float | None = None,
    picture: Annotated[Path | None, Parameter(name=("--picture", "--output"))] = None,
    survival: Path | None = None,
    json_: Annotated[str | None, Parameter(name="--json", allow_leading_hyphen=True)] = None,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False,
    verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), negative="")] = False,
) -> int:
    """Go on with a study that was stopped: runs that the store holds are not run again.

    What is measured is what was asked for when the study began, even if its file has changed since; the result is
    that of a study that was never stopped. A study that is done is shown again, without any training.

    Args:
        store: The file that keeps the runs.
        study: The beginning of the study's hash, as memspan list shows it; by default the one that is not done.
        cluster: Make the runs on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786.
        fail_under: End with exit code 3 if any rate's 95 % interval reaches below this share, such as 0.9.
        picture: Draw the rates: a file ending in .svg, .png, .pdf or .json.
        survival: Draw the share of runs that have not solved it yet, over updates: a file as for --picture.
        json_: Write one JSON object to a file, whole after every lag, or to standard output (-) instead of text.
        quiet: Nothing on standard error.
        verbose: A line on standard error for every block of runs, as soon as it is done.

    Returns:
        The exit code.
    """
    from memspan.cli.span_run import measured
    from memspan.cli.span_target import Asked
    from memspan.cli.span_ways import Ways
    from memspan.store import Store
    from memspan.studies.noted import noted, the_study

    ways = Ways.of(store, fail_under, picture, json_, quiet, survival, cluster, verbose)
    with Store.open(store, create=False) as opened:
        begun = the_study(noted(opened), study, opened, store)
        _check_code(begun, opened)
    if begun.command == "tune":
        from memspan.cli.tune_run import resumed

        for option, given in (("--fail-under", fail_under), ("--survival", survival)):
            if given is not None:
                raise InvalidInput(f"{option} must be left out, for {begun.hash} is of memspan tune, which has none")
        return resumed(begun, store, ways)
    if begun.command != "span":
        raise InvalidInput(
            f"study must be one that this memspan can go on with, but {begun.hash} is of memspan {begun.command}; "
            "update memspan"
        )
    try:
        asked = Asked.again(begun.asked)
    except TypeError as error:
        raise InvalidInput(
            f"study {begun.hash} must be in words that this memspan knows, but {error}; update memspan"
        ) from error
    _check_same(begun, asked, store)
    return measured(asked, dict(begun.table), ways)


def _check_code(begun: NotedStudy, store: Store) -> None:
    """Refuse a study of code of the user's that was changed: its file is part of every spec, so all would be new."""
    from memspan.studies.kept import changed_code

    mine = {cell.spec for cell in begun.cells}
    for spec in store.specs():
        code = changed_code(spec.settings) if spec.hash in mine else ""
        if code:
            raise InvalidInput(
                f"study {begun.hash} must be gone on with as it was begun, but the file of {code} was changed since; "
                "put it back as it was, or begin a new study"
            )


def _check_same(begun: NotedStudy, asked: Asked, store: Path) -> None:
    """Refuse a study whose specs this version of the library would make otherwise: its runs are of other specs."""
    from memspan.cli.span_adaptive import same_cells
    from memspan.cli.span_kept import cells_of

    made = cells_of(asked.study(begun.table))
    for was, now in same_cells(begun.cells, made) if begun.searches else zip(begun.cells, made, strict=False):
        if was != now:
            raise InvalidInput(
                f"study {begun.hash} must be of this memspan's specs, but its recipe '{was.recipe}' at lag {was.lag} "
                f"is spec {was.spec} in {store} and would now be {now.spec}; begin it anew with "
                f"{asked.command(asked.recipes, ())} --store {store}"
            )
