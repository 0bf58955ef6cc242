"""The log-rank test: whether survival curves differ, where some runs were given up before they succeeded."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from scipy.special import chdtrc

from memspan.core.errors import InvalidInput
from memspan.stats.runs import Runs, check_runs
from memspan.stats.significance import Significance

__all__ = ["log_rank"]


def log_rank(*groups: tuple[Runs, Runs]) -> Significance:
    """Return whether the times until success of two or more groups of runs differ.

    At every time of a success the successes of each group are compared with its share of the runs still at
    risk; the differences add up over time. Ties follow the hypergeometric distribution. It notices best a
    group that is faster all along, and may miss curves that cross. The groups must be independent.

    Example:
        >>> fast = [10, 12, 15, 20, 21, 30], [True, True, True, True, True, True]
        >>> slow = [25, 30, 41, 50, 50, 50], [True, True, True, False, False, False]
        >>> print(log_rank(fast, slow))
        p = 0.003 (chi-squared 8.62, 1 degree of freedom, n = 12, log-rank)

    Args:
        *groups: two or more pairs (times, observed), one value per run each: when it succeeded or was given
            up, in any unit but the same for all; and True if it succeeded then, False if it was given up.

    Returns:
        Chi-squared with a degree of freedom fewer than groups; fewer still if a group had no run at risk at
        any success, and none, with a p-value of 1, if nothing can be compared.

    Raises:
        InvalidInput: there are fewer than two groups, or the runs of one cannot be.

    Source:
        N. Mantel (1966), "Evaluation of survival data and two new rank order statistics arising in its
        consideration", Cancer Chemotherapy Reports 50; R. Peto and J. Peto (1972), JRSS A 135.
    """
    if len(groups) < 2:
        raise InvalidInput(f"log_rank compares two groups of runs or more, but got {len(groups)}; give each as a pair")
    checked = [check_runs(times, observed) for times, observed in groups]
    moments = np.unique(np.concatenate([ends[succeeded] for ends, succeeded in checked]))
    at_risk = np.array([len(ends) - np.searchsorted(np.sort(ends), moments) for ends, _ in checked])
    events = np.array([_events(ends[succeeded], moments) for ends, succeeded in checked])
    statistic, degrees = _statistic(at_risk, events)
    p_value = float(chdtrc(degrees, statistic)) if degrees else 1.0
    return Significance(statistic, degrees, p_value, sum(len(ends) for ends, _ in checked), "log-rank")


def _events(successes: Float[np.ndarray, " run"], moments: Float[np.ndarray, " length"]) -> Int[np.ndarray, " length"]:
    ordered = np.sort(successes)
    return np.searchsorted(ordered, moments, side="right") - np.searchsorted(ordered, moments)


def _statistic(at_risk: Int[np.ndarray, "group length"], events: Int[np.ndarray, "group length"]) -> tuple[float, int]:
    all_at_risk, all_events = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / all_at_risk
    excess = (events - share * all_events).sum(axis=1)
    # Variance of draws without replacement; where one run is left, its group has no choice.
    spread = all_events * (all_at_risk - all_events) / np.maximum(all_at_risk - 1, 1)
    covariance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    # One group's excess is minus that of the others, so the matrix lacks a rank, or more where a group says nothing.
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-9 * max(values[-1], 1e-300)
    along = vectors[:, kept].T @ excess
    return float((along**2 / values[kept]).sum()), int(kept.sum())
