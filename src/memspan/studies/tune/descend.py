"""After the search: one step smaller or faster from the best, with one other setting changed, as long as that holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.shorten import EPOCHS, epochs_within
from memspan.studies.tune.space import Range, rounded

__all__ = ["fewer", "neighbours", "steps"]

FEWER = 0.8  # of the epochs, a step towards fewer updates
MORE = 2.0  # times the epochs of a smaller configuration, which learns more slowly
STEP = 1.5  # from a number to the next one that is worth a trial

Settings = Mapping[str, Any]


def neighbours(question: str, settings: Settings, plan: Tuning) -> list[dict[str, Any]]:
    """Return settings a step better in one respect, each with at most one other setting changed.

    Args:
        question: "fewest weights": a whole number is one less, and epochs are twice as many. "fewest updates": epochs
            are a fifth fewer.
        settings: from where.
        plan: what is searched.
    """
    found: list[dict[str, Any]] = []
    for name, moved in _steps(question, settings, plan):
        found.append(moved)
        others = [other for other in plan.space if other not in (name, EPOCHS)]
        found += [{**moved, other: value} for other in others for value in _near(plan, other, settings[other])]
    return found


def fewer(epochs: int, least: int) -> Iterator[int]:
    """Yield fewer and fewer epochs.

    Example:
        >>> list(fewer(60, 20))
        [48, 38, 30, 24, 20]

    Args:
        epochs: from where.
        least: the last of them.
    """
    while epochs > least:
        epochs = max(least, int(FEWER * epochs))
        yield epochs


def steps(question: str, plan: Tuning) -> int:
    """Return how many neighbours there are at most.

    Args:
        question: as for `neighbours`.
        plan: what is searched.
    """
    if question == "fewest updates":
        moved = [EPOCHS] if epochs_within(plan) else []
    else:
        moved = [
            name for name, within in plan.space.items() if name != EPOCHS and isinstance(within, Range) and within.whole
        ]
    near = {
        name: 2 if isinstance(within, Range) else len(within.values) - 1
        for name, within in plan.space.items()
        if name != EPOCHS
    }
    return sum(1 + sum(n for other, n in near.items() if other != name) for name in moved)


def _steps(question: str, settings: Settings, plan: Tuning) -> Iterator[tuple[str, dict[str, Any]]]:
    epochs = epochs_within(plan)
    if question == "fewest updates":
        if epochs and settings[EPOCHS] > epochs.low:
            yield EPOCHS, {**settings, EPOCHS: next(fewer(settings[EPOCHS], int(epochs.low)))}
        return
    more = {EPOCHS: min(int(epochs.high), int(MORE * settings[EPOCHS]))} if epochs else {}
    for name, within in plan.space.items():
        if name != EPOCHS and isinstance(within, Range) and within.whole and settings[name] > within.low:
            yield name, {**settings, **more, name: settings[name] - 1}


def _near(plan: Tuning, name: str, value: Any) -> Iterator[Any]:
    """Yield other values of a setting: all of a choice, one below and one above of a range."""
    within = plan.space[name]
    if not isinstance(within, Range):
        yield from (other for other in within.values if other != value)
        return
    for moved in (value / STEP, value * STEP):
        near = rounded(min(max(moved, within.low), within.high), within)
        if near != value:
            yield near
