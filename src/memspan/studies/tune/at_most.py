"""What a tuning takes at most, as far as that is known before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memspan.studies.tune.descend import fewer, steps
from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.questions import QUESTIONS
from memspan.studies.tune.search import MOST
from memspan.studies.tune.shorten import EPOCHS, epochs_within
from memspan.studies.tune.space import Range

__all__ = ["A_ROUND", "largest", "runs_at_most"]

A_ROUND = "neighbours, each round"


def runs_at_most(plan: Tuning) -> dict[str, int]:
    """Return the most runs of each step: trials asked for, shorter forms, neighbours, finals, confirmation.

    A round of neighbours follows on one that found something better. Where one whole number or none is searched, it
    becomes one less each time, and epochs a fifth fewer, so that the rounds come to an end that is known; where there
    are several, only what a round takes is known.

    Example:
        >>> from memspan.studies.tune import Range
        >>> runs_at_most(Tuning({"units": Range(1, 9)}, lambda told: None, target=0.5, trials=10, seeds=20, fresh=30))
        {'trials asked for': 200, 'neighbours': 160, 'finals': 3000, 'confirmation': 60}

    Args:
        plan: the tuning.
    """
    questions = len(QUESTIONS)
    shorter = 0 if epochs_within(plan) is None else MOST
    rounds = {question: _rounds(question, plan) for question in QUESTIONS}
    each = {question: steps(question, plan) * (1 + shorter) * plan.seeds for question in QUESTIONS}
    known = {question: n for question, n in rounds.items() if n is not None}
    told = {
        "trials asked for": plan.trials * plan.seeds,
        "shorter forms": plan.trials * shorter * plan.seeds,
        "neighbours": sum(n * each[question] for question, n in known.items()),
        A_ROUND: sum(each[question] for question, n in rounds.items() if n is None),
        "finals": questions * plan.finalists * len(plan.validation),
        "confirmation": questions * plan.fresh,
    }
    return {name: n for name, n in told.items() if n}


def _rounds(question: str, plan: Tuning) -> int | None:
    """Return how many rounds of neighbours there are at most, or None where that is not known."""
    if question == "fewest updates":
        epochs = epochs_within(plan)
        return 0 if epochs is None else len(list(fewer(int(epochs.high), int(epochs.low))))
    whole = [
        within for name, within in plan.space.items() if name != EPOCHS and isinstance(within, Range) and within.whole
    ]
    return int(sum(within.high - within.low for within in whole)) if len(whole) <= 1 else None


def largest(plan: Tuning) -> Iterator[dict[str, Any]]:
    """Yield settings in which every range is at its upper end: with the first of all choices, and with each other.

    Args:
        plan: the tuning.
    """
    first = {name: within.high if isinstance(within, Range) else 0 for name, within in plan.space.items()}
    yield plan.settings(first)
    for name, within in plan.space.items():
        if not isinstance(within, Range):
            for place in range(1, len(within.values)):
                yield plan.settings(first | {name: place})
