"""What a tuning takes at most, as far as that is known before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.questions import QUESTIONS
from memspan.studies.tune.space import Range

__all__ = ["largest", "runs_at_most"]


def runs_at_most(plan: Tuning) -> dict[str, int]:
    """Return the most runs of each step: trials asked for, finals, confirmation.

    What the search tries beside what it asks for, shorter forms and neighbours of what holds, is not known before.

    Example:
        >>> from memspan.studies.tune import Range
        >>> runs_at_most(Tuning({"units": Range(1, 9)}, lambda told: None, target=0.5, trials=10, seeds=20, fresh=30))
        {'trials asked for': 200, 'finals': 3000, 'confirmation': 60}

    Args:
        plan: the tuning.
    """
    questions = len(QUESTIONS)
    return {
        "trials asked for": plan.trials * plan.seeds,
        "finals": questions * plan.finalists * len(plan.validation),
        "confirmation": questions * plan.fresh,
    }


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
