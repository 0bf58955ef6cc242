"""What becomes of what `memspan span` and `memspan resume` measure: options that change no result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from memspan.cli.json_target import JsonTarget
from memspan.core.errors import InvalidInput

__all__ = ["Ways"]


@dataclass(frozen=True)
class Ways:
    """What does not decide what is measured, but what becomes of it.

    Attributes:
        store: the file that keeps runs, as the user calls it; None for nowhere.
        fail_under: the least rate that every interval must lie above.
        picture: where it is drawn.
        target: where the answer goes in JSON.
        quiet: say nothing on standard error.
    """

    store: Path | None
    fail_under: float | None
    picture: Path | None
    target: JsonTarget | None
    quiet: bool

    @classmethod
    def of(
        cls, store: Path | None, fail_under: float | None, picture: Path | None, json: str | None, quiet: bool
    ) -> Ways:
        """Return them as the command line gives them; what cannot be written is refused before the work.

        Raises:
            InvalidInput: the picture or the answer cannot be saved where it should.
        """
        ways = cls(store, fail_under, picture, None if json is None else JsonTarget.of(json), quiet)
        ways.check_picture()
        return ways

    def check_picture(self) -> None:
        """Refuse a picture that cannot be saved.

        Raises:
            InvalidInput: it cannot.
        """
        from memspan.plots import check_target

        if self.picture is None:
            return
        try:
            path = check_target(self.picture)
        except InvalidInput as refusal:
            raise InvalidInput(f"--picture: {refusal}") from refusal
        if self.target is not None and path == self.target.path:
            raise InvalidInput(f"--picture and --json must be two files, but got '{self.picture}' for both; rename one")

    @property
    def words(self) -> list[str]:
        """The options that say so, but for the store."""
        told = {"--fail-under": self.fail_under, "--picture": self.picture, "--json": self._json}
        words = [word for option, value in told.items() if value is not None for word in (option, str(value))]
        return [*words, *(["--quiet"] if self.quiet else [])]

    @property
    def _json(self) -> str | None:
        return None if self.target is None else str(self.target.path or "-")
