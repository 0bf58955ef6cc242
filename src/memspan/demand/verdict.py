"""The verdict: the smallest window that suffices, or that the data are too few to say."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from memspan.demand.bootstrap import ENDS, Resampled

__all__ = ["JUDGED_SEEN", "Outcome", "Verdict", "judge", "judged_window", "too_few"]

JUDGED_SEEN = 10  # a context is known when it was counted so often
BEYOND = 1  # longer windows that must have been judged too
REACH = 4  # symbols; where not even such windows can be judged, that none of them helps says little
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


def judged_window(
    at_stake: Float[np.ndarray, " window"], missed: Float[np.ndarray, " window"], tolerance: float
) -> int:
    """Return the longest window that the data can judge; 0 where not even single symbols can be.

    Example:
        >>> judged_window(np.array([0.0, 0.0, 0.005, 0.03, 0.3]), np.zeros(5), tolerance=0.01)
        2

    Args:
        at_stake: bits per symbol lost in contexts that were counted fewer than `JUDGED_SEEN` times, by window: what
            they could gain, if more data made them known.
        missed: bits per symbol that a window may gain unnoticed, by window.
        tolerance: in bits per symbol.
    """
    short = np.flatnonzero((at_stake > tolerance) | (missed > tolerance))
    return max(0, int(short[0]) - 1) if len(short) else len(at_stake) - 1


def judge(loss: Resampled, judged: int, tolerance: float, *, is_whole: bool) -> Verdict:
    """Decide on the demand from the losses of the selection part.

    A window suffices when, with 95 % confidence, no other window is better by more than the tolerance, and is
    refuted when the best window is better by more. A longer window, and one of 4 symbols, must have been judged
    too, for they might help as well; only where sequences end no longer window exists.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> means = np.array([1.0, 0.5, 0.5, 0.5, 0.5])
        >>> loss = Resampled(means, means + rng.normal(0, 1e-4, (1000, 5)), 100, "sequences")
        >>> verdict = judge(loss, judged=4, tolerance=0.01, is_whole=False)
        >>> verdict.outcome, verdict.window, verdict.order
        (<Outcome.FOUND: 'found'>, 1, 1)

    Args:
        loss: bits per symbol at each window.
        judged: longest window that the data can judge.
        tolerance: in bits per symbol.
        is_whole: whether the longest window holds every sequence whole.

    Returns:
        The verdict.
    """
    best, longest = int(loss.means.argmin()), len(loss.means) - 1
    excess = loss.draws[:, :, None] - loss.draws[:, None, :]
    low, high = np.quantile(excess, ENDS, axis=0)
    suffices = np.flatnonzero(high.max(axis=1) <= tolerance)
    last = judged - BEYOND if judged >= REACH else -1
    if is_whole and judged == longest:
        last = judged
    window = int(suffices[0]) if len(suffices) and suffices[0] <= last else None
    at_least = int(np.flatnonzero(low[:, best] <= tolerance)[0])
    order, after = _order(loss, judged, tolerance)
    return Verdict(
        outcome=_outcome(window, at_least, judged),
        window=window,
        at_least=at_least,
        judged=judged,
        best=best,
        tolerance=tolerance,
        order=order,
        after_order=after,
        units=loss.n_units,
    )


def _outcome(window: int | None, at_least: int, judged: int) -> Outcome:
    if window is not None:
        return Outcome.FOUND if window == at_least else Outcome.BETWEEN
    return Outcome.NOT_REACHED if 0 < judged <= at_least else Outcome.MORE_DATA


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
