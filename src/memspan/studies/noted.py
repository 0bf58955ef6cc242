"""Studies as a store notes them: what was asked for, so that it can be asked for again, and which runs belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.store import Store, StoredRun
from memspan.studies.primary import Primary

__all__ = ["NotedCell", "NotedStudy", "note_of", "noted", "the_study"]


@dataclass(frozen=True)
class NotedCell:
    """The runs of one recipe at one lag.

    Attributes:
        recipe: its name.
        lag: the lag.
        spec: the hash of what is trained.
        seed: the first seed.
        runs: how many seeds there are from it on.
    """

    recipe: str
    lag: int
    spec: str
    seed: int
    runs: int

    @property
    def seeds(self) -> range:
        """The seeds."""
        return range(self.seed, self.seed + self.runs)

    def missing(self, store: Store) -> int:
        """Return how many runs have no result yet."""
        return len(store.missing(self.spec, self.seeds, retry_failed=True))

    def stored(self, store: Store) -> list[StoredRun]:
        """Return the runs that are there, without their curves."""
        return [run for run in store.runs(self.spec, curves=False) if run.seed in self.seeds and run.status != "failed"]


@dataclass(frozen=True)
class NotedStudy:
    """A study that was begun.

    Attributes:
        hash: what it is known by.
        command: which command began it, such as span.
        name: what it was called.
        asked: the words of the command.
        table: the study file as it was then.
        cells: its runs, in the order of measuring.
    """

    hash: str
    command: str
    name: str
    asked: Mapping[str, Any]
    table: Mapping[str, Any]
    cells: tuple[NotedCell, ...]

    @property
    def primary(self) -> Primary | None:
        """The primary question that its file declares, where the part that was asked for answers it."""
        if self.command != "span" or "primary" not in self.table:
            return None
        declared, tried = Primary(**self.table["primary"]), dict[str, list[int]]()
        for cell in self.cells:
            tried.setdefault(cell.recipe, []).append(cell.lag)
        return declared if declared.among(tried) else None

    @property
    def runs(self) -> int:
        """How many runs were asked for."""
        return sum(cell.runs for cell in self.cells)

    def missing(self, store: Store) -> int:
        """Return how many of them have no result yet."""
        return sum(cell.missing(store) for cell in self.cells)


def note_of(
    command: str, name: str, asked: Mapping[str, Any], table: Mapping[str, Any], cells: Iterable[NotedCell]
) -> dict[str, Any]:
    """Return what a store notes of a study, as plain data; see `NotedStudy` for the arguments."""
    return {
        "version": 1,
        "command": command,
        "name": name,
        "asked": dict(asked),
        "table": dict(table),
        "cells": [asdict(cell) for cell in cells],
    }


def noted(store: Store) -> tuple[NotedStudy, ...]:
    """Return the studies of a store, by name and hash. What a newer memspan noted in another form is left out."""
    known = [
        NotedStudy(
            hash,
            content["command"],
            content["name"],
            content["asked"],
            content["table"],
            tuple(NotedCell(**cell) for cell in content["cells"]),
        )
        for hash, content in store.studies().items()
        if isinstance(content, dict) and content.get("version") == 1  # pyright: ignore
    ]
    return tuple(sorted(known, key=lambda study: (study.name, study.hash)))


def the_study(studies: Sequence[NotedStudy], beginning: str | None, store: Store, path: Path) -> NotedStudy:
    """Return the study whose hash begins so; without a hash the only one that is not done, or the only one.

    Example:
        >>> import tempfile
        >>> with Store.open(Path(tempfile.mkdtemp()) / "runs.db") as store:
        ...     the_study([], None, store, Path("runs.db"))
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: study must be one of those in runs.db, but there are none; begin one with
        memspan span ... --store runs.db

    Args:
        studies: those there are.
        beginning: of a hash; None where none was named.
        store: where they are.
        path: how the user calls it.

    Raises:
        InvalidInput: there is none or more than one such study.
    """
    if not studies:
        raise InvalidInput(
            f"study must be one of those in {path}, but there are none; begin one with memspan span ... --store {path}"
        )
    if beginning is None:
        found = [study for study in studies if study.missing(store)] or list(studies)
        got = "none was named"
    else:
        found = [study for study in studies if study.hash.startswith(beginning)]
        got = f"got '{beginning}', which {len(found)} begin with"
    if len(found) == 1:
        return found[0]
    named = ", ".join(
        f"{study.hash} ({study.name}, {study.runs - study.missing(store):,} of {study.runs:,} runs)"
        for study in (found or studies)[:5]
    )
    raise InvalidInput(f"study must be the beginning of one hash in {path}, but {got}; there are {named}")
