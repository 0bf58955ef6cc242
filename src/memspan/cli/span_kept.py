"""A study that is kept in a store: what of it was there before, and how to go on with it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memspan.studies.noted import NotedCell, note_of

if TYPE_CHECKING:
    from memspan.cli.span_target import Asked
    from memspan.cli.span_ways import Ways
    from memspan.studies.kept import InFile, InMemory
    from memspan.studies.span import Study

__all__ = ["Kept", "cells_of"]


@dataclass(frozen=True, eq=False)
class Kept:
    """Where the runs of a study are kept.

    Attributes:
        path: the store, as the user calls it; None where nothing outlives the process.
        study: the hash that the study is known by.
        ways: options to go on with.
        missing: how many runs of each recipe at each lag were not there when it began.
        keeper: what keeps them.
    """

    path: Path | None
    study: str
    ways: Ways
    missing: Mapping[tuple[str, int], int]
    keeper: InFile | InMemory = field(repr=False)

    @classmethod
    def of(cls, keeper: InFile | InMemory, asked: Asked, table: Mapping[str, Any], planned: Study, ways: Ways) -> Kept:
        """Write a study down in its store, and see what is there already.

        Raises:
            StoreError: it could not be written.
        """
        from memspan.studies.kept import InFile

        cells = planned.cells()
        missing = {(cell.recipe, cell.lag): len(keeper.missing(cell.spec, cell.seeds, cell.beside)) for cell in cells}
        study = ""
        if isinstance(keeper, InFile):
            study = keeper.note(note_of("span", asked.name, asked.to_json(), table, cells_of(planned)))
        return cls(ways.store, study, ways, missing, keeper)

    def there(self, command: str) -> str:
        """Return a command that makes its runs where this study's are made."""
        return self.ways.there(command)

    @property
    def command(self) -> str | None:
        """The command that goes on; None where nothing is kept."""
        if self.path is None:
            return None
        return shlex.join(["memspan", "resume", str(self.path), self.study, *self.ways.words])

    @property
    def differing(self) -> list[str]:
        """What is to be told of runs that were made again, for their weights or scores, and came out otherwise."""
        return list(getattr(self.keeper, "differing", ()))

    def stored(self, planned: Study) -> int:
        """Return how many runs of the study are there now."""
        return sum(
            len(cell.seeds) - len(self.keeper.missing(cell.spec, cell.seeds, cell.beside)) for cell in planned.cells()
        )


def cells_of(study: Study) -> list[NotedCell]:
    """Return which runs belong to a study.

    Args:
        study: what is measured.
    """
    return [
        NotedCell(cell.recipe, cell.lag, cell.spec.hash, cell.seeds.start, len(cell.seeds)) for cell in study.cells()
    ]
