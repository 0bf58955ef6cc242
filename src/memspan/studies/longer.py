"""How runs that solve a problem do on the same problem at longer lags, where nothing more was learned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.estimate import Estimate
from memspan.stats import median, wilson
from memspan.store import StoredRun
from memspan.studies.in_words import aligned, counted

__all__ = ["AtLonger", "at_longer", "longer_lines", "split_of"]

PREFIX = "lag "


def split_of(lag: int) -> str:
    """Return the split under which a run keeps its scores at a longer lag.

    Example:
        >>> split_of(300)
        'lag 300'
    """
    return f"{PREFIX}{lag}"


@dataclass(frozen=True)
class AtLonger:
    """What the runs that solve a problem are worth at one longer lag.

    Attributes:
        lag: the longer lag.
        success: the share of them that hold the criterion there too, with a 95 % Wilson interval.
        accuracy: the median over them of the share of scored positions answered right there.
    """

    lag: int
    success: Estimate
    accuracy: Estimate

    @property
    def solved(self) -> int:
        """How many hold the criterion there too."""
        return round(self.success.point * self.success.n)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "lag": self.lag,
            "runs": self.success.n,
            "solved": self.solved,
            "success": self.success.to_json(),
            "accuracy": self.accuracy.to_json(),
        }


def longer_lines(rows: Iterable[tuple[str, int, Sequence[AtLonger]]]) -> list[str]:
    """Return a table, one line a recipe, lag and longer lag; none where nothing was judged.

    Args:
        rows: names, lags that were trained, and what the runs that solve it are worth at longer ones.

    Returns:
        The lines.
    """
    head = ("runs that solve it, judged at longer lags", "lag", "longer", "solve it there too", "accuracy (median)")
    told: list[tuple[str, ...]] = [head]
    for name, lag, found in rows:
        told += [
            (name, f"{lag:,}", f"{one.lag:,}", counted(one.solved, one.success), _accuracy(one.accuracy))
            for one in found
        ]
    return aligned(told) if len(told) > 1 else []


def _accuracy(estimate: Estimate) -> str:
    return f"{estimate.point:.4g} [{estimate.low:.4g}, {estimate.high:.4g}]"


def at_longer(runs: Iterable[StoredRun], lags: Iterable[int] | None = None) -> list[AtLonger]:
    """Return what the runs that solve their problem are worth at longer lags, the shortest first.

    Example:
        >>> from memspan.store import Environment
        >>> scores = {split_of(30): {"accuracy": 0.5, "solved": 0.0}}
        >>> run = StoredRun(0, "finished", True, 500, 120, Environment({}, "cpu", ""), scores)
        >>> print(at_longer([run])[0].success)
        0.00 [0.00, 0.79] (n = 1, wilson 95 %)

    Args:
        runs: of one spec; those that do not solve it are left out, for they have nothing to carry further.
        lags: those asked for; None for all that the runs have scores of.

    Returns:
        One entry a lag that at least one run was judged at.
    """
    found: dict[int, list[tuple[float, float]]] = {}
    for run in runs:
        for split, scores in run.scores.items() if run.solved else ():
            if split.startswith(PREFIX):
                found.setdefault(int(split.removeprefix(PREFIX)), []).append((scores["accuracy"], scores["solved"]))
    chosen = sorted(found) if lags is None else [lag for lag in sorted(lags) if lag in found]
    return [
        AtLonger(
            lag,
            wilson(sum(solved == 1 for _, solved in found[lag]), len(found[lag])),
            median([accuracy for accuracy, _ in found[lag]]),
        )
        for lag in chosen
    ]
