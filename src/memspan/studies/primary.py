"""The primary question of a study: the one comparison that was chosen before anything was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput, check_choice, check_range, nearest

__all__ = ["MEASURES", "Primary"]

MEASURES = ("success", "updates")


@dataclass(frozen=True)
class Primary:
    """Which two recipes are compared, at which lag and on what; tested alone, so that nothing need be corrected.

    Example:
        >>> Primary(compare=["BPTT", "BPTT, chrono"], lag=100).compare
        ('BPTT', 'BPTT, chrono')

    Attributes:
        compare: the names of two recipes.
        lag: the lag.
        on: "success" at the end of the budget, or "updates" until solved.
    """

    compare: Sequence[str]
    lag: int
    on: str = "success"

    def __post_init__(self) -> None:
        named: Any = self.compare
        if not isinstance(named, Sequence) or isinstance(named, str) or len(set(named)) != 2 or len(named) != 2:
            raise InvalidInput(
                f"primary.compare must be the names of two recipes that differ, but got {named!r}; write "
                'compare = ["one", "other"]'
            )
        object.__setattr__(self, "compare", tuple(named))
        check_range("primary.lag", self.lag, 1)
        check_choice("primary.on", str(self.on), MEASURES)

    @property
    def first(self) -> str:
        """The one recipe."""
        return self.compare[0]

    @property
    def second(self) -> str:
        """The other recipe."""
        return self.compare[1]

    def check(self, tried: Mapping[str, Sequence[int]]) -> None:
        """Refuse a question that the study cannot answer.

        Example:
            >>> Primary(["BPTT", "BPTT, chron"], 100).check({"BPTT": [100], "BPTT, chrono": [100]})
            Traceback (most recent call last):
            memspan.core.errors.InvalidInput: primary.compare must name recipes of the study, 'BPTT' and 'BPTT, chrono',
            but got 'BPTT, chron'; did you mean 'BPTT, chrono'?

        Args:
            tried: the lags of every recipe, by name.

        Raises:
            InvalidInput: a recipe is not there, or not tried at the lag.
        """
        for name in self.compare:
            if name not in tried:
                known = {one.lower(): one for one in tried}
                guess = nearest(name, known)
                advice = f"did you mean '{known[guess]}'?" if guess else "name two of these"
                raise InvalidInput(
                    f"primary.compare must name recipes of the study, {_listed(list(tried))}, but got '{name}'; "
                    f"{advice}"
                )
            if self.lag not in tried[name]:
                lags = ", ".join(f"{lag:,}" for lag in tried[name])
                raise InvalidInput(
                    f"primary.lag must be one that both recipes are tried at, but '{name}' is tried at {lags}, not at "
                    f"{self.lag:,}; name another, or add it to the lags"
                )

    def among(self, tried: Mapping[str, Sequence[int]]) -> bool:
        """Return whether a part of the study has what the question is about.

        Args:
            tried: the lags of every recipe of the part, by name.
        """
        return all(self.lag in tried.get(name, ()) for name in self.compare)


def _listed(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
