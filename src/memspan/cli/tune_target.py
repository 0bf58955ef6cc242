"""What `memspan tune` is asked for: a tuning in a file, or one that ships."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memspan.core.errors import InvalidInput, nearest

if TYPE_CHECKING:
    from memspan.studies.tune import Tuning

__all__ = ["AskedTuning"]

SHIPPED = "tunings/"


@dataclass(frozen=True)
class AskedTuning:
    """The words of the command line that decide what is found; None where nothing was said.

    Attributes:
        target_file: a tuning file, or tunings/NAME for one that ships.
        lag: the problem's.
        target: the share of runs that must succeed.
        trials: configurations that the search asks for.
        seeds: most runs of a configuration in the search.
        fresh: runs that confirm a winner.
        seed: the first, and that of the search.
    """

    target_file: str | None = None
    lag: int | None = None
    target: float | None = None
    trials: int | None = None
    seeds: int | None = None
    fresh: int | None = None
    seed: int | None = None

    @property
    def name(self) -> str:
        """What is tuned, in a few words."""
        return self.target_file or ""

    @property
    def told(self) -> dict[str, Any]:
        """What stands in place of the file's."""
        return {key: value for key, value in asdict(self).items() if key != "target_file" and value is not None}

    @property
    def command(self) -> str:
        """The command that asks for the same."""
        words = [word for key, value in self.told.items() for word in (f"--{key}", str(value))]
        return shlex.join(["memspan", "tune", self.name, *words])

    def plan(self, table: Mapping[str, Any]) -> Tuning:
        """Return the tuning of a table, with what was asked for in its place, all of it checked.

        Raises:
            InvalidInput: something in it is not what it should be.
        """
        from memspan.studies.tune.tuning_file import tuning_of

        return tuning_of(table, self.name, **self.told)

    def table(self) -> dict[str, Any]:
        """Return the tuning as its file holds it, its names unchecked.

        Raises:
            InvalidInput: there is no such file, or it says nothing that can be read.
        """
        from memspan.studies.span.study_file import table_in
        from memspan.studies.tune.tuning_file import shipped, shipped_table

        if self.target_file is None:
            raise InvalidInput("a tuning must be named, but got none; try memspan tune tunings/tutorial, or --list")
        path = Path(self.target_file)
        if path.is_file():
            return table_in(path)
        if self.target_file.startswith(SHIPPED):
            return shipped_table(path.stem)
        names = [SHIPPED + name for name in shipped()]
        guess = nearest(self.target_file.removesuffix(".toml"), names)
        advice = f"did you mean {guess}?" if guess else "check the path"
        raise InvalidInput(
            f"the tuning must be a TOML file, or one of {', '.join(names)}, but there is no '{self.target_file}'; "
            f"{advice}"
        )
