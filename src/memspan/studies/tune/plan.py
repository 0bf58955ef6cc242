"""A tuning: what is searched for, how good it must be, and how many trials and runs that may take."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput, check_range
from memspan.core.spec import Spec
from memspan.stats import clopper_pearson
from memspan.studies.tune.space import Range, Space, rounded

__all__ = ["Tuning"]

SURE = 0.99  # of the intervals of all finalists together: surer than a winner's, which few then fall short of


@dataclass(frozen=True)
class Tuning:
    """What is to be found. It is checked as a whole before anything is trained.

    Seeds never mix: the first `fresh` from `seed` on (or `seeds`, where those are more) are for choosing, of which a
    trial of the search sees the first `seeds`; the `fresh` that follow are for the winners alone.

    Attributes:
        space: what is searched.
        spec: what is trained at given settings.
        target: the rate of success to be reached, between 0 and 1.
        trials: configurations that the sampler asks for; shortened ones come on top.
        batch: of these, how many are asked for before the first of them is answered. It decides what is asked.
        seeds: most runs of a configuration during the search.
        fresh: runs that confirm a winner.
        seed: the first seed, and that of the sampler.
        finalists: most configurations that are tried for each winner after the search.
    """

    space: Space
    spec: Callable[[Mapping[str, Any]], Spec]
    target: float = 0.99
    trials: int = 200
    batch: int = 8
    seeds: int = 100
    fresh: int = 2000
    seed: int = 0
    finalists: int = 50

    def __post_init__(self) -> None:
        # By name, so that a table read again in another order asks for the same.
        object.__setattr__(self, "space", dict(sorted(self.space.items())))
        for name in ("trials", "batch", "seeds", "fresh", "finalists"):
            check_range(name, getattr(self, name), 1, 1_000_000)
        check_range("seed", self.seed, 0, 2**32 - 1)
        if not self.space:
            raise InvalidInput(
                "recipe must leave something to be searched, but every setting has a value; write one as "
                "{from = 1, to = 20} or {one_of = [...]}"
            )
        if isinstance(self.target, bool) or not isinstance(self.target, int | float) or not 0 < self.target < 1:  # pyright: ignore
            raise InvalidInput(f"target must be a share above 0 and below 1, but got {self.target!r}; 0.99 is usual")
        most = clopper_pearson(self.fresh, self.fresh, self.sure).low
        if most < self.target:
            enough = math.ceil(math.log((1 - self.sure) / 2) / math.log(self.target))
            raise InvalidInput(
                f"fresh must be runs enough to show the target {self.target:g} with {self.finalists} finalists, but "
                f"even {self.fresh:,} of {self.fresh:,} has an interval from {most:.3f}; use {enough:,} or more"
            )

    @property
    def sure(self) -> float:
        """The confidence of a finalist's interval, such that all of them together have 99 % (Bonferroni)."""
        return 1 - (1 - SURE) / self.finalists

    @property
    def looks(self) -> tuple[int, ...]:
        """The numbers of runs at which a trial may be given up: each twice the one before."""
        return (*(n for n in (2**power for power in range(3, 20)) if n < self.seeds), self.seeds)

    @property
    def validation(self) -> range:
        """The seeds that choose."""
        return range(self.seed, self.seed + max(self.seeds, self.fresh))

    @property
    def confirming(self) -> range:
        """The seeds that no choice has seen."""
        return range(self.validation.stop, self.validation.stop + self.fresh)

    def settings(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as they are tried: numbers rounded, choices as their values.

        Args:
            asked: by name, a number or a choice's place.
        """
        return {
            name: rounded(asked[name], within) if isinstance(within, Range) else within.values[asked[name]]
            for name, within in self.space.items()
        }

    def check(self) -> None:
        """Make a spec of each value that is searched, with the others as small as they may be.

        Raises:
            InvalidInput: a setting is not what it should be.
        """
        ends = {
            name: [within.low, within.high] if isinstance(within, Range) else list(range(len(within.values)))
            for name, within in self.space.items()
        }
        first = {name: values[0] for name, values in ends.items()}
        for name, values in ends.items():
            for value in values:
                self.spec(self.settings(first | {name: value}))
