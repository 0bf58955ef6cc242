"""What probes found, in sentences: the answer first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from memspan.core.estimate import Estimate
from memspan.studies.hold.pooled import Pooled, pooled
from memspan.studies.hold.result import Held
from memspan.studies.hold.sentences import percent, sentences, steps

__all__ = ["findings"]


def findings(all_held: Sequence[Held]) -> list[str]:
    """Return what was found: of one run in its own words, of several as medians over runs.

    Args:
        all_held: one a run, of one spec.
    """
    return list(sentences(all_held[0])) if len(all_held) == 1 else list(_of_several(all_held, pooled(all_held)))


def _of_several(all_held: Sequence[Held], found: Pooled) -> Iterator[str]:
    runs = f"{found.runs:,} runs"
    if found.span is not None and found.longest is not None:
        most = sum(bool(held.stretch and held.stretch.span.is_longest_tested) for held in all_held)
        ends = "" if not most else f"; {most:,} of them to the end of what was tested, {steps(found.longest)}"
        yield (
            f"The cue is held for {_median(found.span)} steps in the median of {runs}{ends}; they were trained with "
            f"{all_held[0].delay:,}."
        )
    if found.follows:
        step, least = min(found.follows, key=lambda row: row[1].point)
        yield (
            f"Exchange the states, and the answer follows them: swap score {percent(least)} or more, in the median of "
            f"the runs; the least after step {step:,}."
        )
    if found.readout:
        step, least = min(found.readout, key=lambda row: row[1].point)
        yield (
            f"A linear decoder reads the cue from the state in {percent(least)} or more, in the median of the "
            f"runs; the least after step {step:,}."
        )
    if found.carriers is not None:
        many = _median(found.carriers)
        yield f"{many} numbers of the state carry the cue alone, in the median of {found.carriers.n:,} runs."
    if found.credit:
        far = found.credit[-1][1].point
        yield f"The gradient at the cue is {far:.2g} of that at the last input, in the median of the runs."
    if found.time_constant is not None:
        fading = _median(found.time_constant)
        yield f"What tells the cues apart fades with a time constant of {fading} steps, in the median."
    if found.tolerated is not None:
        most = _median(found.tolerated)
        yield f"Noise of {most} of the distance between the cues' states is tolerated, in the median."
    if found.slowest is not None:
        slowest = _median(found.slowest)
        yield f"The slowest mode of the recurrence has a time constant of {slowest} steps, in the median."


def _median(estimate: Estimate) -> str:
    def one(value: float) -> str:
        return "infinity" if math.isinf(value) else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    return f"{one(estimate.point)} [{one(estimate.low)}, {one(estimate.high)}]"
