"""The verdict: the smallest window that suffices, or that the data are too few to say."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from memspan.demand.bootstrap import ENDS, Resampled

__all__ = ["JUDGED_SEEN", "JUDGED_SHARE", "Outcome", "Verdict", "judge", "judged_window", "too_few"]

JUDGED_SEEN = 10  # a context is known when it was counted so often
JUDGED_SHARE = 0.9  # and a window can be judged when so many of the held-out contexts are known
ABRUPT = 4.0  # times the last gain exceeds all that may follow: the memory ends there, it does not fade


class Outcome(enum.Enum):
    """What can be said about the demand."""

    FOUND = "found"
    BETWEEN = "between"
    NOT_REACHED = "not reached"
    MORE_DATA = "more data needed"


@dataclass(frozen=True)
class Verdict:
    """The answer, decided on the selection part alone.

    Attributes:
        outcome: what can be said.
        window: smallest window that is within the tolerance of the best, beyond doubt; None where none is.
        at_least: smallest window that may be, within doubt; below it the loss is too high beyond doubt.
        judged: longest window that the data can judge; nothing is said about dependence beyond it.
        best: window of the lowest loss.
        tolerance: in bits per symbol.
        order: last window that lowers the loss by more than the tolerance beyond doubt, where all that comes
            after it is at most a quarter of that; None where the gains fade, so that no order can be told.
        after_order: upper end of what the judged windows after that one still gain, in bits per symbol; None
            where it is the last that can be judged.
        units: sequences or blocks that the intervals rest on.
    """

    outcome: Outcome
    window: int | None
    at_least: int | None
    judged: int
    best: int
    tolerance: float
    order: int | None
    after_order: float | None
    units: int


def too_few(units: int, tolerance: float) -> Verdict:
    """Return the verdict where there are too few sequences to hold any out."""
    return Verdict(Outcome.MORE_DATA, None, None, 0, 0, tolerance, None, None, units)


def judged_window(known: Float[np.ndarray, " window"]) -> int:
    """Return the longest window up to which enough contexts are known; 0 where not even single symbols are.

    Example:
        >>> judged_window(np.array([1.0, 1.0, 0.95, 0.6, 0.2]))
        2

    Args:
        known: share of the held-out contexts that were counted at least `JUDGED_SEEN` times, by window.
    """
    short = np.flatnonzero(known < JUDGED_SHARE)
    return max(0, int(short[0]) - 1) if len(short) else len(known) - 1


def judge(loss: Resampled, judged: int, tolerance: float) -> Verdict:
    """Decide on the demand from the losses of the selection part.

    A window suffices when, with 95 % confidence, no other window is better by more than the tolerance, and
    is refuted when the best window is better by more. The answer must lie below the longest window that can
    be judged, or else what lies beyond might help as well.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> means = np.array([1.0, 0.5, 0.5, 0.5])
        >>> loss = Resampled(means, means + rng.normal(0, 1e-4, (1000, 4)), 100, "sequences")
        >>> verdict = judge(loss, judged=3, tolerance=0.01)
        >>> verdict.outcome, verdict.window, verdict.order
        (<Outcome.FOUND: 'found'>, 1, 1)

    Args:
        loss: bits per symbol at each window.
        judged: longest window that the data can judge.
        tolerance: in bits per symbol.

    Returns:
        The verdict.
    """
    best = int(loss.means.argmin())
    excess = loss.draws[:, :, None] - loss.draws[:, None, :]
    low, high = np.quantile(excess, ENDS, axis=0)
    suffices = np.flatnonzero(high.max(axis=1) <= tolerance)
    window = int(suffices[0]) if len(suffices) else None
    at_least = int(np.flatnonzero(low[:, best] <= tolerance)[0])
    order, after = _order(loss, judged, tolerance)
    return Verdict(
        outcome=_outcome(window, at_least, judged, len(loss.means) - 1),
        window=window if window is not None and window < judged else None,
        at_least=at_least,
        judged=judged,
        best=best,
        tolerance=tolerance,
        order=order,
        after_order=after,
        units=loss.n_units,
    )


def _outcome(window: int | None, at_least: int, judged: int, longest: int) -> Outcome:
    if judged == 0 or (window is None and at_least < judged):
        return Outcome.MORE_DATA
    if window is None or window >= judged:
        # Between what is shown to be too short and what cannot be judged nothing may be left to name.
        return Outcome.NOT_REACHED if at_least >= judged or judged == longest else Outcome.MORE_DATA
    return Outcome.FOUND if window == at_least else Outcome.BETWEEN


def _order(loss: Resampled, judged: int, tolerance: float) -> tuple[int | None, float | None]:
    """Return where the loss stops falling, if it stops abruptly, and the most that comes after."""
    gains = loss.draws[:, :judged] - loss.draws[:, 1 : judged + 1]
    large = np.flatnonzero(np.quantile(gains, ENDS[0], axis=0) > tolerance)
    last = int(large[-1]) + 1 if len(large) else 0
    if last >= judged:
        return None, None
    rest = loss.draws[:, [last]] - loss.draws[:, last + 1 : judged + 1]
    after = max(0.0, float(np.quantile(rest, ENDS[1], axis=0).max()))
    gain = float(loss.means[last - 1] - loss.means[last]) if last else ABRUPT * tolerance
    return (last if gain >= ABRUPT * after else None), after
