"""Time until success, when some runs never succeed: Kaplan and Meier's curve and the median."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from memspan.core.estimate import Estimate
from memspan.stats.clopper_pearson import clopper_pearson
from memspan.stats.counts import critical_value, method_name
from memspan.stats.runs import Runs, check_runs

__all__ = ["SurvivalCurve", "kaplan_meier", "median_time"]

# A product of shares such as 19/20 * ... * 10/11 may come out a rounding above the half that it is.
HALF = 0.5 + 1e-12


class SurvivalCurve(NamedTuple):
    """The share of runs not yet successful, a step function: each value holds from its time until the next.

    Attributes:
        times: 0, then every time at which a run succeeded or was given up, ascending.
        at_risk: runs neither successful nor given up just before that time.
        events: runs that succeeded at that time.
        survival: share of runs not yet successful, from 1 to 0.
        low: lower end of the share's interval.
        high: upper end of the share's interval.
    """

    times: Float[np.ndarray, " length"]
    at_risk: Int[np.ndarray, " length"]
    events: Int[np.ndarray, " length"]
    survival: Float[np.ndarray, " length"]
    low: Float[np.ndarray, " length"]
    high: Float[np.ndarray, " length"]


def kaplan_meier(times: Runs, observed: Runs, confidence: float = 0.95) -> SurvivalCurve:
    """Return the share of runs not yet successful over time, where some were given up before.

    The interval is Greenwood's on the log-log scale, point by point. Its formula has no width where the
    share is 1 or 0. Before the first success the lower end is Clopper and Pearson's for no success among
    the runs that remain. Where none remains the lower end is 0, and the upper end is Clopper and Pearson's,
    runs given up earlier counted as not successful, or the upper end before, whichever is lower.

    Example:
        >>> curve = kaplan_meier([10, 20, 20, 50], [True, True, True, False])
        >>> curve.times.tolist(), curve.survival.tolist()
        ([0.0, 10.0, 20.0, 50.0], [1.0, 0.75, 0.25, 0.25])

    Args:
        times: for each run, when it succeeded or was given up, 0 or more, in any unit (updates).
        observed: for each run, True if it succeeded then, False if it was given up (right censoring).
        confidence: share of intervals that are to contain the truth, between 0 and 1.

    Returns:
        The curve.

    Raises:
        InvalidInput: there is no run, the two have unequal lengths, a time is negative or not finite, or
            `observed` holds anything but True and False.

    Source:
        E. L. Kaplan and P. Meier (1958), "Nonparametric estimation from incomplete observations", JASA 53.
    """
    ends, succeeded = check_runs(times, observed)
    grid, successes = np.unique(np.append(ends, 0.0)), np.sort(ends[succeeded])
    at_risk = len(ends) - np.searchsorted(np.sort(ends), grid)
    events = np.searchsorted(successes, grid, side="right") - np.searchsorted(successes, grid)
    survival = np.cumprod(1 - events / at_risk)
    low, high = _band(survival, at_risk, events, confidence)
    return SurvivalCurve(grid, at_risk, events, survival, low, high)


def median_time(times: Runs, observed: Runs, confidence: float = 0.95) -> Estimate:
    """Return the time by which half of the runs have succeeded, with Brookmeyer and Crowley's interval.

    A median that was not reached is `inf`: too few runs had succeeded when the others were given up. An upper
    end of `inf` says that the runs do not bound the median from above. The lower end is always finite: at
    most the longest time seen. With so few runs that all may lie on one side of the median by chance (fewer
    than 6 at 95 %) the interval is from 0 to `inf`.

    Example:
        >>> print(median_time([4, 5, 6, 7, 8, 9, 10, 11], [True] * 8))
        7.00 [4.00, 10.00] (n = 8, brookmeyer-crowley 95 %)
        >>> print(median_time([250] * 7, [False] * 7))
        inf [250.00, inf] (n = 7, brookmeyer-crowley 95 %)

    Args:
        times: for each run, when it succeeded or was given up, 0 or more, in any unit (updates).
        observed: for each run, True if it succeeded then, False if it was given up (right censoring).
        confidence: share of intervals that are to contain the truth, between 0 and 1.

    Returns:
        The first time at which the Kaplan-Meier curve is a half or less, and the first at which its lower and
        upper ends are, all in the unit of `times`.

    Raises:
        InvalidInput: there is no run, the two have unequal lengths, a time is negative or not finite, or
            `observed` holds anything but True and False.

    Source:
        R. Brookmeyer and J. Crowley (1982), "A confidence interval for the median survival time", Biometrics
        38; on the log-log scale, the default of SAS's LIFETEST and of lifelines.
    """
    curve = kaplan_meier(times, observed, confidence)
    point, low, high = (_first_at_half(curve.times, share) for share in (curve.survival, curve.low, curve.high))
    low = min(low, float(curve.times[-1]))  # all that is known of what was never seen is that it comes later
    return Estimate(point, low, high, int(curve.at_risk[0]), method_name("brookmeyer-crowley", confidence))


def _first_at_half(times: Float[np.ndarray, " length"], share: Float[np.ndarray, " length"]) -> float:
    reached = share <= HALF
    return float(times[reached.argmax()]) if reached.any() else float("inf")


def _band(
    survival: Float[np.ndarray, " length"],
    at_risk: Int[np.ndarray, " length"],
    events: Int[np.ndarray, " length"],
    confidence: float,
) -> tuple[Float[np.ndarray, " length"], Float[np.ndarray, " length"]]:
    low, high = np.zeros_like(survival), np.ones_like(survival)
    # A value holds until the next time, so it rests on the runs still at risk then.
    remaining = np.append(at_risk[1:], at_risk[-1])
    none = survival == 1
    low[none] = ((1 - confidence) / 2) ** (1 / remaining[none])
    some = ~none & (survival > 0)
    low[some], high[some] = _log_log(survival[some], at_risk[some], events[some], critical_value(confidence))
    if survival[-1] == 0:
        n = int(at_risk[0])
        high[-1] = min([clopper_pearson(n - int(events.sum()), n, confidence).high, *high[-2:-1]])
    return low, high


def _log_log(
    share: Float[np.ndarray, " length"],
    at_risk: Int[np.ndarray, " length"],
    events: Int[np.ndarray, " length"],
    z: float,
) -> tuple[Float[np.ndarray, " length"], Float[np.ndarray, " length"]]:
    greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
    spread = np.exp(z * np.sqrt(greenwood) / -np.log(share))
    return share**spread, share ** (1 / spread)
