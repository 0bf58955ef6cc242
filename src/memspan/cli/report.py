"""`memspan report`: one file that says what a study found, for a person who has nothing else."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from memspan.core.errors import InvalidInput

if TYPE_CHECKING:
    from memspan.report.contents import Report

__all__ = ["report"]


def report(
    store: Path,
    study: str | None = None,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"), allow_leading_hyphen=True)] = None,
    format: Literal["html", "md", "pdf"] | None = None,
    state: bool | None = None,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False,
) -> int:
    """Write one report of a study: question and answer, pictures beside their tables, methods, failures, sources.

    The HTML file needs no network and nothing beside it. Nothing that the store holds is computed again; only to show
    the state of one network, whose weights are not kept, that network is trained again from its spec and seed.

    Args:
        store: The file that keeps the runs.
        study: The beginning of the study's hash, as memspan list shows it; not needed where there is only one.
        output: The file, whose ending (.html, .md or .pdf) decides the format, or - for standard output; by default
            report.html, or as the format says. An existing file is replaced.
        format: html, md (Markdown) or pdf (one page).
        state: Show the state of one network step by step; by default where training it again takes less than half a
            minute. --no-state leaves it out.
        json_: Print one JSON object: the answer, and where the report is.
        quiet: Nothing on standard error.

    Returns:
        The exit code.
    """
    from memspan import __version__
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.console import err, working
    from memspan.report.make import make
    from memspan.report.write import format_of, rendered, write
    from memspan.store import Store

    printed = output is not None and str(output) == "-"
    chosen = format_of(None if printed else output, format)
    path = None if printed else _target(output or Path(f"report.{chosen}"))
    if printed and json_:
        raise InvalidInput("--json and --output - must not both want standard output, but did; name a file")
    remember_compilations()
    with Store.open(store, create=False) as opened, working("reading the store", quiet or json_):

        def say(step: str) -> None:
            if not quiet and not json_ and not step.startswith("reading"):
                err().print(f"memspan: {step}", markup=False, style="dim")

        # One page to print holds no state.
        made = make(opened, store, study, state=False if chosen == "pdf" and state is None else state, on_step=say)
    if path is None:
        sys.stdout.buffer.write(rendered(made, chosen, __version__))
        return 0
    write(made, path, chosen, __version__)
    _tell(made, path, chosen, json_)
    return 0


def _target(path: Path) -> Path:
    """Refuse what cannot be written, before the work."""
    folder = path.absolute().parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InvalidInput(
            f"--output must be a file in a folder that exists and that you may write to, but got '{path}'; choose "
            "another"
        )
    return path


def _tell(made: Report, path: Path, format: str, as_json: bool) -> None:
    from memspan.cli.console import out

    size = path.stat().st_size
    if as_json:
        answer = {
            "version": 1,
            "command": "report",
            "study": made.study,
            "question": made.question,
            "answer": list(made.answer),
            "figures": [figure.key for figure in made.figures],
            "left_out": list(made.left_out),
            "output": str(path),
            "format": format,
            "bytes": size,
        }
        sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
        return
    left_out = [] if format == "pdf" else [f"not shown: {line}" for line in made.left_out]
    for line in (*made.answer, *left_out, f"{path}: {size / 1e6:.2f} MB"):
        out().print(line, markup=False, soft_wrap=True)
