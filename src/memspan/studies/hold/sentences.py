"""What probes found in one run, one sentence or two a probe."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from memspan.core.estimate import Estimate
from memspan.probes.intervals import EXACT
from memspan.studies.hold.result import Held

__all__ = ["percent", "sentences", "steps"]

FAINT = 0.05  # above chance by less than this: no more than a trace
NAMED = 8  # units named in a sentence


def percent(estimate: Estimate) -> str:
    """Return a share with its interval, if it has one.

    Example:
        >>> percent(Estimate(1.0, 1.0, 1.0, 2, "exact, all sequences")), percent(Estimate(0.5, 0.4, 0.61, 9, "wilson"))
        ('100 %', '50 [40, 61] %')
    """
    point, low, high = (f"{100 * value:.0f}" for value in (estimate.point, estimate.low, estimate.high))
    return f"{point} %" if estimate.method == EXACT else f"{point} [{low}, {high}] %"


def steps(value: int | float) -> str:
    """Return a number of steps.

    Example:
        >>> steps(1.0), steps(12.34), steps(1e5)
        ('1 step', '12.3 steps', '100,000 steps')
    """
    text = f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.3g}"
    return f"{text} step" if text == "1" else f"{text} steps"


def sentences(held: Held) -> Iterator[str]:
    """Yield the sentences of one run, the answer first."""
    if held.stretch is not None:
        yield _holds(held)
    if held.swap is not None:
        yield from _swapped(held)
    if held.wipe is not None:
        told = max(held.wipe.told, key=lambda one: one.point)
        yield (
            f"Wipe the state, and the cue is told in {percent(told)} of the trials at best; chance is "
            f"{_chance(held.wipe.chance)}."
        )
    if held.readout is not None:
        yield _read(held)
    if held.carriers is not None:
        yield _carried(held)
    if held.freeze is not None:
        yield _frozen(held)
    if held.credit is not None:
        yield from _credited(held)
    if held.decay is not None:
        yield from _decayed(held)
    if held.noise is not None:
        yield _shaken(held)
    if held.spectrum is not None:
        yield _slow(held)


def _holds(held: Held) -> str:
    assert held.stretch is not None
    found, span = held.stretch, held.stretch.span
    made = f"{_made_of(found.filler, found.symbols)}; level {100 * span.level:g} %"
    if span.point is None:
        first = found.told[0]
        return (
            f"It does not hold the cue for the {steps(held.delay)} of its training: it tells it in {percent(first)} of "
            f"the trials; chance is {_chance(found.chance)} ({made})."
        )
    least = " or more, the longest delay tested" if span.is_longest_tested else ""
    between = "" if span.low == span.high else f" [{_end(span.low, found.delays)}, {_end(span.high, found.delays)}]"
    return f"It holds the cue for {steps(span.point)}{between}{least}; it was trained with {held.delay:,} ({made})."


def _end(value: int | None, delays: Sequence[int]) -> str:
    return f"< {delays[0]:,}" if value is None else f"{value:,}"


def _made_of(filler: str, symbols: int) -> str:
    if symbols == 1:
        return "longer delays repeat the one symbol of the middle"
    how = {"draw": "draw symbols of the middle", "hold": "repeat its first symbol", "cycle": "run through it again"}
    return f"longer delays {how[filler]}"


def _chance(chance: float) -> str:
    return f"{100 * chance:.0f} %"


def _swapped(held: Held) -> Iterator[str]:
    assert held.swap is not None
    found = held.swap
    whole, least = found.follows[0], min(found.follows[0], key=lambda one: one.point)
    if least.point > found.chance + FAINT and least.low > found.chance:
        yield (
            f"Exchange the states of two sequences, and the answer follows the state, not the input: swap score "
            f"{percent(least)} or more after {_range(found.steps)}; chance is {_chance(found.chance)}."
        )
    else:
        good = [step for step, one in zip(found.steps, whole, strict=True) if one.low > found.chance]
        where = f"only after {_range(good)}" if good else "after no step"
        yield (
            f"Exchange the states of two sequences, and the answer follows the state {where}; chance is "
            f"{_chance(found.chance)}."
        )
    if len(found.parts) > 2:
        middle = len(found.steps) // 2
        said = [f"{part} {percent(row[middle])}" for part, row in zip(found.parts[1:], found.follows[1:], strict=True)]
        yield f"Exchanged alone after step {found.steps[middle]}: {', '.join(said[:NAMED])}."


def _range(chosen: Sequence[int]) -> str:
    return f"step {chosen[0]:,}" if len(chosen) == 1 else f"steps {chosen[0]:,} to {chosen[-1]:,}"


def _read(held: Held) -> str:
    assert held.readout is not None
    found, readable = held.readout, held.readout.readable
    what = f"a linear decoder, {100 * found.noise:g} % noise; chance is {_chance(found.chance)}"
    if not readable:
        return f"The cue cannot be read from the state after any step ({what})."
    least = min(found.told[: len(readable)], key=lambda one: one.point)
    end = "the end" if readable[-1] == found.steps[-1] else f"step {readable[-1]:,}"
    return (
        f"The cue sits in the state from step 1 to {end}: read in {percent(least)} or more of held-out readings "
        f"({what})."
    )


def _carried(held: Held) -> str:
    assert held.carriers is not None
    found = held.carriers
    if not found.found:
        return (
            f"After step {found.step:,} no set of the state's {found.of:,} numbers carries the cue: the whole state "
            f"tells it in {percent(found.whole)}."
        )
    many = len(found.units) > 1
    named = ", ".join(found.units[:NAMED]) + (
        f" and {len(found.units) - NAMED} more" if len(found.units) > NAMED else ""
    )
    return (
        f"{named} {'carry' if many else 'carries'} it, {len(found.units)} of {found.of:,} numbers of the state: with "
        f"all others blinded after step {found.step:,} the cue is told in {percent(found.told)}"
        + (", and none of them can be left out." if many else ".")
    )


def _named(units: Sequence[str]) -> str:
    more = f" and {len(units) - NAMED} more" if len(units) > NAMED else ""
    return ", ".join(units[:NAMED]) + more


def _frozen(held: Held) -> str:
    assert held.freeze is not None
    found = held.freeze
    needed = [unit for unit, told in zip(found.units, found.told, strict=True) if told.high < found.whole.low]
    if found.whole.point <= found.chance + FAINT:
        return "Held still one at a time, no number of the state matters: the cue is not told anyway."
    if not needed:
        return "Held still one at a time, no number of the state is needed: the others make up for it."
    named = _named(needed)
    are = "is" if len(needed) == 1 else "are"
    return f"Held still one at a time, {named} {are} needed: without, fewer trials are right."


def _credited(held: Held) -> Iterator[str]:
    assert held.credit is not None
    found = held.credit
    if found.rule and found.horizon is None:
        yield f"The credit of {found.rule} reaches back without end."
    elif found.rule:
        beyond = f", the cue is {found.back[-1] + 1:,} back" if not found.reaches_cue else ""
        reach = f"{_inputs(found.horizon or 0)} back{beyond}"
        yield f"The credit of {found.rule} reaches {reach}; {percent(found.beyond)} of the gradient lies beyond that."
    sizes = [f"{_times(held.untrained.at_cue)} before training"] if held.untrained is not None else []
    sizes.append(f"{_times(found.at_cue)} after" if sizes else _times(found.at_cue))
    yield f"The gradient at the cue is, as a multiple of that at the last input: {', '.join(sizes)}."


def _inputs(count: int) -> str:
    return "1 input" if count == 1 else f"{count:,} inputs"


def _times(value: float) -> str:
    return "infinite (none at the last)" if math.isinf(value) else f"{value:.2g}"


def _decayed(held: Held) -> Iterator[str]:
    assert held.decay is not None
    length = len(held.decay.cue.distance) - 1
    for name, fading in (("What tells the cues apart", held.decay.cue), ("A small push at random", held.decay.push)):
        point, low, high = fading.time_constant
        if fading.gone is not None and (math.isinf(point) or fading.gone < point):
            yield f"{name} is gone from the state after step {fading.gone:,}."
        elif point > 10 * length:
            yield f"{name} does not fade within {length:,} steps."
        else:
            upper = "-" if math.isinf(high) else f"{high:,.3g}"
            between = f" [{low:,.3g}, {upper}]" if low != high else ""
            yield f"{name} fades with a time constant of {steps(point)}{between}."


def _shaken(held: Held) -> str:
    assert held.noise is not None
    found = held.noise
    if found.tolerated is None:
        least = found.sizes[0]
        return f"Noise of {least:g} of the distance between the cues' states, the least tried, is too much for it."
    return (
        f"It holds the cue under noise of up to {found.tolerated:g} of the distance between the cues' states, on every "
        "number of the state."
    )


def _slow(held: Held) -> str:
    assert held.spectrum is not None
    slowest = held.spectrum.slowest
    largest = f"largest eigenvalue {held.spectrum.largest.point:.4g}"
    keeps = "does not fade" if math.isinf(slowest) else f"has a time constant of {steps(slowest)}"
    against = ""
    if held.stretch is not None and held.stretch.span.point is not None:
        more = " or more" if held.stretch.span.is_longest_tested else ""
        against = f"; measured, the cue is held for {steps(held.stretch.span.point)}{more}"
    return f"The slowest mode of the recurrence {keeps} ({largest}){against}."
