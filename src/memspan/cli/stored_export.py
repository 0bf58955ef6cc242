"""`memspan export`: a store's runs for other programs, as a table or sent by a plug-in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from memspan.core.errors import InvalidInput, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memspan.store import Store, StoredSpec, Table

__all__ = ["export"]

ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}


def export(
    store: Path,
    target: str | None = None,
    /,
    *,
    to: str | None = None,
    format: Literal["csv", "jsonl", "parquet"] | None = None,
    output: Path | None = None,
    study: str | None = None,
    spec: Annotated[list[str] | None, Parameter(negative="")] = None,
) -> int:
    """Write the runs of a store as a table, one row a run, in the order of spec and seed; or send them elsewhere.

    Columns are the outcome, scores, every setting under a dotted name such as spec.model.units, and at the end the
    time and the environment, which is all in which a study that was stopped differs from one that was not.

    Args:
        store: The file that keeps the runs.
        target: Where --to sends the runs: for mlflow a tracking URI such as sqlite:///mlflow.db, for wandb a project,
            for tensorboard a folder.
        to: Send the runs, with their curves, instead of writing a table: to mlflow, tensorboard or wandb, or by a
            plug-in of an installed package.
        format: csv, jsonl (one JSON object a line) or parquet; by default as the output's name ends, else csv.
        output: A file, replaced as a whole; standard output by default, which Parquet cannot go to.
        study: Only runs of the study whose hash begins so, those of its specs from other seeds included.
        spec: Only runs of the spec whose hash begins so; may be given several times.

    Returns:
        The exit code.
    """
    from memspan.store import Store, table
    from memspan.studies.noted import noted, the_study

    _check_to(to, target, format, output)
    chosen = format or ENDINGS.get(output.suffix.lower() if output else ".csv", "csv")
    _check(output, chosen)
    with Store.open(store, create=False) as opened:
        wanted = {opened.spec(beginning).hash for beginning in spec or ()}
        if study is not None:
            wanted |= {cell.spec for cell in the_study(noted(opened), study, opened, store).cells}
        told = spec is not None or study is not None
        specs = [one for one in opened.specs() if one.hash in wanted or not told]
        if to is not None:
            _send(opened, specs, to, target)
        else:
            _write(table(opened, specs), chosen, output)
    return 0


def _check_to(to: str | None, target: str | None, format: str | None, output: Path | None) -> None:
    """Refuse what does not go with sending, or only goes with it."""
    if to is None and target is not None:
        raise InvalidInput(f"a target must come with --to, but got '{target}' alone; add --to, or write --output FILE")
    if to is not None:
        for option, given in (("--format", format), ("--output", output)):
            if given is not None:
                raise InvalidInput(f"{option} must be left out where --to sends the runs; leave out one of the two")


def _send(store: Store, specs: Sequence[StoredSpec], to: str, target: str | None) -> None:
    from memspan.cli.console import out, working
    from memspan.store.exporters import exported, exporter

    send = exporter(to)
    try:
        with working(f"sending runs to {to}", quiet=False):
            told = send(exported(store, specs), target)
    except (InvalidInput, StoreError):
        raise
    except Exception as error:  # another library's, whatever it raises
        words = " ".join(str(error).split())
        raise StoreError(f"--to {to} could not send the runs ({type(error).__name__}: {words}); mend that") from error
    out().print(told, markup=False, soft_wrap=True)


def _check(output: Path | None, format: str) -> None:
    """Refuse what cannot be written, before anything is read."""
    if output is None:
        if format == "parquet":
            raise InvalidInput("--format parquet must have --output FILE, but got none; name a file")
        return
    folder = output.absolute().parent
    if output.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InvalidInput(
            f"--output must be a file in a folder that exists and that you may write to, but got '{output}'; choose "
            "another"
        )


def _write(table: Table, format: str, output: Path | None) -> None:
    from memspan.store import write_csv, write_json_lines, write_parquet

    text = {"csv": write_csv, "jsonl": write_json_lines}
    if output is None:
        text[format](table, sys.stdout)
        return
    unfinished = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        if format == "parquet":
            write_parquet(table, unfinished)
        else:
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                text[format](table, file)
        os.replace(unfinished, output)
    finally:
        unfinished.unlink(missing_ok=True)
