"""The picture of a tuning: what was tried, and the front of what is good enough."""

from __future__ import annotations

from pathlib import Path

from memspan.core.errors import InvalidInput
from memspan.plots import pareto_front, save
from memspan.plots.pareto_front import Tried
from memspan.studies.tune.result import Tuned
from memspan.studies.tune.trial import Trial

__all__ = ["picture"]


def picture(found: Tuned, path: Path) -> Path:
    """Draw a tuning.

    Args:
        found: what was found.
        path: where the picture goes; its suffix decides the format.

    Returns:
        The file written.

    Raises:
        InvalidInput: the file cannot be written, or nothing that was tried has trained a weight.
    """
    made = [one for one in found.trials if one.weights and one.updates]  # else code of the user's failed
    if not made:
        raise InvalidInput("a picture must show something that was trained, but no trial was; leave --picture out")
    tried = [Tried(one.weights, one.updates, one.success, _kind(one, found.plan.target)) for one in made]
    won = [one for one in found.winners.values() if one is not None]
    tried += [Tried(one.fresh.weights, one.fresh.updates, one.success, "winner", one.question) for one in won]
    variant = found.trials[0].spec.problem.variant
    title = f"What solves it in {100 * found.plan.target:g} % of the runs: {variant}"
    return save(pareto_front.draw(pareto_front.facts(tried, found.plan.target, title)), path)


def _kind(trial: Trial, target: float) -> str:
    return "holds" if trial.holds(target) else "given up" if trial.given_up else "falls short"
