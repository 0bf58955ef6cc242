"""Studies as a store notes them: what was asked for, so that it can be asked for again, and which runs belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.store import Store, StoredRun
from memspan.studies.adaptive import Adaptive
from memspan.studies.primary import Primary

__all__ = ["PILOT", "NotedCell", "NotedStudy", "end_of", "found_by", "is_search", "note_of", "noted", "the_study"]

SEARCHES = "found by"  # the form of what a search notes on its way, which older versions leave out
PILOT = ", pilot"  # after a recipe's name, of the cells that only look for lags
SHORT = 6  # letters of a hash that tell it apart


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
        cells: its runs, in the order of measuring; of a search those that it came to so far.
        ended: whether there are no others to come to.
    """

    hash: str
    command: str
    name: str
    asked: Mapping[str, Any]
    table: Mapping[str, Any]
    cells: tuple[NotedCell, ...]
    ended: bool = True

    @property
    def searches(self) -> bool:
        """Whether it finds out on its way what is to be run."""
        return is_search(self.command, self.table)

    def done(self, store: Store) -> bool:
        """Return whether nothing of it is left to do."""
        return self.ended and not self.missing(store)

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
    def adaptive(self) -> Adaptive | None:
        """When a lag had runs enough, where the runs themselves decided it."""
        return Adaptive(**self.table["adaptive"]) if self.command == "span" and "adaptive" in self.table else None

    @property
    def looks(self) -> tuple[int, ...]:
        """The numbers of runs at which a lag could have had enough; none where they were fixed."""
        most = self.asked.get("seeds") or self.table.get("seeds", 100)
        return () if self.adaptive is None else self.adaptive.looks(most)

    @property
    def runs(self) -> int:
        """How many runs were asked for."""
        return sum(cell.runs for cell in self.cells)

    def missing(self, store: Store) -> int:
        """Return how many of them have no result yet."""
        return sum(cell.missing(store) for cell in self.cells)

    def state(self, store: Store) -> str:
        """Return how far it is, in words."""
        there = self.runs - self.missing(store)
        if self.searches:
            return f"{there:,} runs, {'done' if self.done(store) else 'not done'}"
        return f"{there:,} of {self.runs:,} runs"


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


def is_search(command: str, table: Mapping[str, Any]) -> bool:
    """Return whether a study finds out on its way what is to be run: a tuning, or one that is adaptive."""
    return command == "tune" or "adaptive" in table


def found_by(study: str, number: int, cell: NotedCell) -> dict[str, Any]:
    """Return what a store notes of a cell that a search came to, as plain data.

    Args:
        study: the search's hash.
        number: of the cell, in the order of the search.
        cell: its runs so far; the largest number of runs that is noted counts.
    """
    return {"version": SEARCHES, "study": study, "number": number, "cell": asdict(cell)}


def end_of(study: str) -> dict[str, Any]:
    """Return what a store notes of a search that has ended."""
    return {"version": SEARCHES, "study": study, "ended": True}


def noted(store: Store) -> tuple[NotedStudy, ...]:
    """Return the studies of a store, by name and hash. What a newer memspan noted in another form is left out."""
    contents = {hash: content for hash, content in store.studies().items() if isinstance(content, dict)}  # pyright: ignore
    parts: list[Any] = [content for content in contents.values() if content.get("version") == SEARCHES]
    known = [
        _read(hash, content, [part for part in parts if part["study"] == hash])
        for hash, content in contents.items()
        if content.get("version") == 1
    ]
    return tuple(sorted(known, key=lambda study: (study.name, study.hash)))


def _read(hash: str, content: Any, parts: Sequence[Any]) -> NotedStudy:
    """Return a study of what was noted of it."""
    found: dict[tuple[str, int, str, int], NotedCell] = {}
    for part in sorted((part for part in parts if "cell" in part), key=lambda part: part["number"]):
        cell = NotedCell(**part["cell"])
        key = (cell.recipe, cell.lag, cell.spec, cell.seed)
        if key not in found or found[key].runs < cell.runs:
            found[key] = cell
    return NotedStudy(
        hash,
        content["command"],
        content["name"],
        content["asked"],
        content["table"],
        (*(NotedCell(**cell) for cell in content["cells"]), *found.values()),
        not is_search(content["command"], content["table"]) or any("ended" in part for part in parts),
    )


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
        found = [study for study in studies if not study.done(store)] or list(studies)
        got = "none was named"
    else:
        found = [study for study in studies if study.hash.startswith(beginning)]
        got = f"got '{beginning}', which {len(found)} begin with"
    if len(found) == 1:
        return found[0]
    named = ", ".join(f"{study.hash} ({study.name}, {study.state(store)})" for study in (found or studies)[:5])
    first = (found or studies)[0].hash
    raise InvalidInput(
        f"study must be the beginning of one hash in {path}, but {got}; there are {named}; name one, such as memspan "
        f"resume {path} {first[:SHORT]}"
    )
