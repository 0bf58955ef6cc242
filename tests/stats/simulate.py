"""Simulated studies, ten thousand at once: what the library says of single counts is looked up in tables of them."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import betaincinv, ndtr

from memspan.stats import newcombe, next_block, wilson
from memspan.stats.looks import level_of_looks
from memspan.stats.mid_p import mid_p

STUDIES = 10_000
Z = 1.959963984540054


@cache
def wilson_table(n):
    """Lower and upper ends by count."""
    return np.array([(one.low, one.high) for one in (wilson(k, n) for k in range(n + 1))]).T


@cache
def newcombe_table(n, m):
    """Lower and upper ends by both counts."""
    ends = [[newcombe(k, n, j, m) for j in range(m + 1)] for k in range(n + 1)]
    return np.array([[[getattr(one, end) for one in row] for row in ends] for end in ("low", "high")])


@cache
def block_table(n, half_width, block, most):
    """Runs to add by count."""
    return np.array([next_block(k, n, half_width, block, most) for k in range(n + 1)])


@cache
def span_table(n, level, looks=()):
    """By count: whether the rate is shown to be at least the level, to be less, and its mid-p-value of being less."""
    error = 1 - 0.95
    above, below = (level_of_looks(looks, level, error, side) if looks else error for side in ("above", "below"))
    tails = [mid_p(k, n, level) for k in range(n + 1)]
    return np.array([(tail.above <= above, tail.below <= below, tail.below) for tail in tails]).T


def spans(solved, n, level, looks=()):
    """Ends of the interval of the span, counted in lags, of counts [study, lag] of n runs each."""
    above, below, doubt = np.zeros((3, *solved.shape))
    for size in np.unique(n):
        here = np.broadcast_to(n == size, solved.shape)
        above[here], below[here], doubt[here] = span_table(int(size), level, looks)[:, solved[here]]
    below[np.cumsum(doubt <= 0.05 / 100 / solved.shape[1] / max(len(looks), 1), axis=1) > 0] = 1
    low = np.cumprod(above, axis=1).sum(axis=1)
    high = solved.shape[1] - np.cumprod(below[:, ::-1], axis=1).sum(axis=1)
    return low.astype(int), high.astype(int)


def true_span(rates, level):
    return int(np.cumprod(np.asarray(rates) >= level).sum())


def shared_seeds(rng, rates, n, correlation):
    """Counts [study, lag] where a seed that is lucky at one lag tends to be at the others (Gaussian copula)."""
    counts = np.zeros((STUDIES, len(rates)), dtype=int)
    for _ in range(n):
        luck = rng.standard_normal((STUDIES, 1))
        own = rng.standard_normal(counts.shape)
        counts += ndtr(np.sqrt(correlation) * luck + np.sqrt(1 - correlation) * own) < rates
    return counts


def medians(times, observed):
    """Median and its ends of times [study, run], written once more after Brookmeyer and Crowley for all studies."""
    order = np.argsort(times, axis=1, kind="stable")
    ends, succeeded = np.take_along_axis(times, order, 1), np.take_along_axis(observed, order, 1)
    n, index = ends.shape[1], np.arange(ends.shape[1])
    edge = np.ones((len(ends), 1), dtype=bool)
    tied = ends[:, 1:] == ends[:, :-1]
    first = np.maximum.accumulate(np.where(np.hstack([edge, ~tied]), index, 0), axis=1)
    last = np.hstack([~tied, edge])  # a tie is counted where it ends
    total = np.hstack([0 * edge, np.cumsum(succeeded, axis=1)])
    events = np.where(last, total[:, 1:] - np.take_along_axis(total, first, 1), 0)
    at_risk, remaining = n - first, np.maximum(n - 1 - index, 0)
    share = np.cumprod(1 - events / at_risk, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(Z * np.sqrt(np.cumsum(events / (at_risk * (at_risk - events)), axis=1)) / -np.log(share))
        low, high = share**spread, share ** (1 / spread)
    low = np.where(share == 1, 0.025 ** (1 / np.where(remaining, remaining, at_risk)), low)
    failed = n - total[:, -1:]
    ceiling = np.where(failed == n, 1, betaincinv(failed + 1, np.maximum(n - failed, 1), 0.975))
    before = np.where(first[:, -1:] > 0, np.take_along_axis(high, np.maximum(first[:, -1:] - 1, 0), 1), 1)
    low = np.where(share == 0, 0, low)
    high = np.where(share == 0, np.minimum(ceiling, before), np.where(share == 1, 1, high))

    def halved(value):
        reached = last & (value <= 0.5 + 1e-12)
        at = np.take_along_axis(ends, reached.argmax(axis=1)[:, None], 1)[:, 0]
        return np.where(reached.any(axis=1), at, np.inf)

    lowest = 0 if 0.025 ** (1 / n) <= 0.5 else np.minimum(halved(low), ends[:, -1])
    return halved(share), lowest + np.zeros(len(ends)), halved(high)


def bracketed(rng, curve, n, level, finest=1.25):
    """One study that looks for the span: lags doubled until too few runs succeed, then bisected on a log scale."""
    counts = {}

    def holds(lag):
        counts[lag] = int(rng.binomial(n, curve(lag)))
        return counts[lag] >= level * n

    below, beyond = 1, 2
    while beyond < 5000 and holds(beyond):
        below, beyond = beyond, 2 * beyond
    while beyond / below > finest and (middle := round((below * beyond) ** 0.5)) not in (below, beyond):
        below, beyond = (middle, beyond) if holds(middle) else (below, middle)
    return sorted(counts), [counts[lag] for lag in sorted(counts)]
