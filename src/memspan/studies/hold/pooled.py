"""Several runs as one answer: medians over runs, with intervals over runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.estimate import Estimate
from memspan.stats import median
from memspan.studies.hold.result import Held

__all__ = ["Pooled", "pooled"]

Points = tuple[tuple[int, Estimate], ...]


@dataclass(frozen=True)
class Pooled:
    """What several runs hold; None where no run was asked.

    Attributes:
        runs: how many.
        span: hold span in steps, median; a run that holds it not even as long as it was trained counts as 0, one that
            holds it to the longest delay tested as that.
        longest: the longest delay tested; None where none was.
        told: by delay, the share of trials in which the cue is told, median.
        follows: by step, the swap score of the whole state, median.
        wiped: by step, the share that is told after the state was reset, median.
        readout: by step, the share that a decoder tells, median.
        credit: by steps back, the gradient as a multiple of that at the last input, median.
        carriers: numbers that carry the cue alone, median.
        time_constant: of the distance between cues, in steps, median; infinite where it does not fade.
        slowest: time constant of the slowest mode, in steps, median; infinite where it does not fade.
        tolerated: noise up to which the cue is held, median.
    """

    runs: int
    span: Estimate | None
    longest: int | None
    told: Points
    follows: Points
    wiped: Points
    readout: Points
    credit: Points
    carriers: Estimate | None
    time_constant: Estimate | None
    slowest: Estimate | None
    tolerated: Estimate | None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data; what is infinite is null."""
        single = ("span", "carriers", "time_constant", "slowest", "tolerated")
        lines = ("told", "follows", "wiped", "readout", "credit")
        return {
            "runs": self.runs,
            "longest": self.longest,
            **{name: _plain(getattr(self, name)) for name in single},
            **{name: [{"at": at, **_plain(one)} for at, one in getattr(self, name)] for name in lines},
        }


def pooled(all_held: Sequence[Held]) -> Pooled:
    """Return what several runs hold together.

    Args:
        all_held: one a run, of one spec and with the same settings.
    """

    def middle(of: Callable[[Held], float | None], high: float = math.inf) -> Estimate | None:
        values = [value for held in all_held if (value := of(held)) is not None]
        return median(values, low=0.0, high=high) if values else None

    tested = [held.stretch.delays[-1] for held in all_held if held.stretch]
    longest = tested[0] if tested else None
    return Pooled(
        runs=len(all_held),
        span=middle(lambda h: float(h.stretch.span.point or 0) if h.stretch else None, float(longest or 1)),
        longest=longest,
        told=_line([(h.stretch.delays, h.stretch.told) for h in all_held if h.stretch]),
        follows=_line([(h.swap.steps, h.swap.follows[0]) for h in all_held if h.swap]),
        wiped=_line([(h.wipe.steps, h.wipe.told) for h in all_held if h.wipe]),
        readout=_line([(h.readout.steps, h.readout.told) for h in all_held if h.readout]),
        credit=_line([_relative(h) for h in all_held if h.credit], math.inf),
        carriers=middle(lambda h: float(len(h.carriers.units)) if h.carriers and h.carriers.found else None),
        time_constant=middle(lambda h: h.decay.cue.time_constant[0] if h.decay else None),
        slowest=middle(lambda h: h.spectrum.slowest if h.spectrum else None),
        tolerated=middle(lambda h: (h.noise.tolerated or 0.0) if h.noise else None),
    )


def _line(rows: Sequence[tuple[Sequence[int], Sequence[Estimate]]], high: float = 1.0) -> Points:
    """Return the median over runs at each place."""
    if not rows:
        return ()
    columns = zip(*([one.point for one in estimates] for _, estimates in rows), strict=True)
    return tuple(zip(rows[0][0], (median(column, low=0.0, high=high) for column in columns), strict=True))


def _relative(held: Held) -> tuple[Sequence[int], Sequence[Estimate]]:
    assert held.credit is not None
    norms = [norm.point for norm in held.credit.norms]
    own = [Estimate(norm / norms[0] if norms[0] else 0.0, 0.0, 0.0, 1, "") for norm in norms]
    return held.credit.back, own


def _plain(estimate: Estimate | None) -> Any:
    if estimate is None:
        return None
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in estimate.to_json().items()
    }
