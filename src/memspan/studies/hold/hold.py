"""One call that probes a trained network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memspan.engine.trained import Trained
from memspan.studies.hold.measure import measure
from memspan.studies.hold.plan import PROBES, Settings, Subject
from memspan.studies.hold.result import Held

__all__ = ["hold"]


def hold(trained: Trained, probes: Sequence[str] = PROBES, **settings: Any) -> Held:
    """Probe what a trained network holds of the cue; printed, the answer is a few sentences.

    Example:
        >>> import memspan as ms
        >>> problem = ms.problems.Conflict(lag=2)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), epochs=300)[0]
        >>> print(hold(window, probes=["stretch", "carriers"]))
        It holds the cue for 2 steps; it was trained with 2 (longer delays draw symbols of the middle; level 90 %).
        state ... carries it, 1 of 8 numbers of the state: with all others blinded after step 1 the cue is told in ...

    Args:
        trained: one network, `runs[0]` for example.
        probes: names of the probes; all by default.
        **settings: as in `memspan.studies.hold.Settings`.

    Returns:
        What was found: `held.stretch.span`, `held.swap.follows` and so on.

    Raises:
        InvalidInput: the model has no state, or the problem no cue.
    """
    return measure(Subject.of(trained), Settings(probes=tuple(probes), **settings))
