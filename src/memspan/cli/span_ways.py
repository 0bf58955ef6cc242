"""What becomes of what `memspan span` and `memspan resume` measure: options that change no result."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memspan.cli.json_target import JsonTarget
from memspan.core.errors import InvalidInput

if TYPE_CHECKING:
    from memspan.cli.told_blocks import ToldBlocks
    from memspan.studies.kept.keeper import Keeper

__all__ = ["Ways"]


@dataclass(frozen=True)
class Ways:
    """What does not decide what is measured, but what becomes of it.

    Attributes:
        store: the file that keeps runs, as the user calls it; None for nowhere.
        fail_under: the least rate that every interval must lie above.
        picture: where the rates are drawn.
        target: where the answer goes in JSON.
        quiet: say nothing on standard error.
        survival: where the updates until solved are drawn.
        cluster: address of a Dask scheduler, on whose workers runs are made; None for this process.
        verbose: tell of every block of runs on standard error.
    """

    store: Path | None
    fail_under: float | None
    picture: Path | None
    target: JsonTarget | None
    quiet: bool
    survival: Path | None = None
    cluster: str | None = None
    verbose: bool = False

    @classmethod
    def of(
        cls,
        store: Path | None,
        fail_under: float | None,
        picture: Path | None,
        json: str | None,
        quiet: bool,
        survival: Path | None = None,
        cluster: str | None = None,
        verbose: bool = False,
    ) -> Ways:
        """Return them as the command line gives them; what cannot be written is refused before the work.

        Raises:
            InvalidInput: the picture or the answer cannot be saved where it should.
        """
        if quiet and verbose:
            raise InvalidInput("--quiet and --verbose must not come together, but got both; leave one out")
        target = None if json is None else JsonTarget.of(json)
        ways = cls(store, fail_under, picture, target, quiet, survival, cluster, verbose)
        ways.check_pictures()
        return ways

    def told(self, keeper: Keeper) -> ToldBlocks:
        """Return what keeps the runs, counts them, and tells of them where that was asked for."""
        from memspan.cli.told_blocks import ToldBlocks

        return ToldBlocks(keeper, self.verbose)

    def check_pictures(self) -> None:
        """Refuse pictures that cannot be saved.

        Raises:
            InvalidInput: one cannot.
        """
        from memspan.plots import check_target

        taken = {} if self.target is None or self.target.path is None else {self.target.path: "--json"}
        for option, picture in (("--picture", self.picture), ("--survival", self.survival)):
            if picture is None:
                continue
            try:
                path = check_target(picture)
            except InvalidInput as refusal:
                raise InvalidInput(f"{option}: {refusal}") from refusal
            if path in taken:
                raise InvalidInput(
                    f"{option} and {taken[path]} must be two files, but got '{picture}' for both; rename one"
                )
            taken[path] = option

    def there(self, command: str) -> str:
        """Return a command that makes its runs where these say."""
        return command if self.cluster is None else f"{command} {shlex.join(['--cluster', self.cluster])}"

    @property
    def words(self) -> list[str]:
        """The options that say so, but for the store."""
        told = {
            "--fail-under": self.fail_under,
            "--picture": self.picture,
            "--survival": self.survival,
            "--json": self._json,
            "--cluster": self.cluster,
        }
        words = [word for option, value in told.items() if value is not None for word in (option, str(value))]
        return [*words, *(["--quiet"] if self.quiet else []), *(["--verbose"] if self.verbose else [])]

    @property
    def _json(self) -> str | None:
        return None if self.target is None else str(self.target.path or "-")
