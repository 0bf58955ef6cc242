"""Nominal 95 % intervals contain the truth in 93 to 97 % of 10,000 simulated studies; where not, it is said."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest
from tests.stats.simulate import (
    STUDIES,
    block_table,
    bracketed,
    medians,
    newcombe_table,
    shared_seeds,
    span_table,
    spans,
    true_span,
    wilson_table,
)

from memspan.stats import median_time, memory_span
from memspan.stats.looks import error_of_looks

SHARES = np.linspace(0.1, 0.9, 161)


@pytest.fixture
def rng():
    return np.random.default_rng(20240503)


def within(cover):
    return 0.93 <= cover <= 0.97


def inside(low, truth, high):
    return ((low <= truth) & (truth <= high)).mean()


def exact(n, shares, covered):
    """Coverage at each share, without simulation: the chances of the counts whose interval contains it."""
    from scipy.special import bdtr

    chances = np.diff(bdtr(np.arange(n + 1)[:, None], n, shares), axis=0, prepend=0)
    return (chances * covered).sum(axis=0)


# Rates. Wilson's coverage goes up and down with the rate: right on average over rates, never far below.


@pytest.mark.parametrize("n", [10, 20, 50, 100, 200])
def test_rates(rng, n):
    truths = rng.uniform(size=STUDIES)
    low, high = wilson_table(n)[:, rng.binomial(n, truths)]
    assert within(inside(low, truths, high))


@pytest.mark.parametrize(("n", "least"), [(10, 0.915), (20, 0.92), (50, 0.93), (100, 0.93), (200, 0.935)])
def test_rates_at_the_worst_share(n, least):
    low, high = wilson_table(n)[:, :, None]
    cover = exact(n, SHARES, (low <= SHARES) & (high >= SHARES))
    assert least <= cover.min() < 0.945
    assert within(cover.mean())


@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("n", [20, 100, 200])
def test_rates_at_the_levels_of_a_span(rng, n, share):
    low, high = wilson_table(n)[:, rng.binomial(n, share, STUDIES)]
    assert within(inside(low, share, high))


# Differences.


@pytest.mark.parametrize(("n", "m"), [(20, 20), (20, 50), (50, 50), (100, 100)])
def test_differences(rng, n, m):
    truths = rng.uniform(size=(2, STUDIES))
    low, high = newcombe_table(n, m)[:, rng.binomial(n, truths[0]), rng.binomial(m, truths[1])]
    assert within(inside(low, truths[0] - truths[1], high))


@pytest.mark.parametrize("truths", [(0.5, 0.5), (0.9, 0.5), (0.9, 0.8), (0.3, 0.2)])
@pytest.mark.parametrize("n", [50, 100])
def test_differences_at_given_rates(rng, n, truths):
    drawn = [rng.binomial(n, truth, STUDIES) for truth in truths]
    low, high = newcombe_table(n, n)[:, drawn[0], drawn[1]]
    assert within(inside(low, truths[0] - truths[1], high))


# Medians of times until success: continuous times first, then whole epochs, which only add coverage.

MEDIAN = log(2)
BUDGETS = {"none": inf, "barely": 1.2 * MEDIAN, "ample": 4 * MEDIAN}


@pytest.mark.parametrize("n", [30, 50, 100])
@pytest.mark.parametrize("given_up", [*BUDGETS, "any time", "a fifth never learns"])
def test_medians(rng, n, given_up):
    times, truth = rng.exponential(size=(STUDIES, n)), MEDIAN
    until = np.full(times.shape, BUDGETS.get(given_up, 3.0))
    if given_up == "any time":
        until = rng.exponential(2.0, times.shape)
    if given_up == "a fifth never learns":
        times[rng.uniform(size=times.shape) < 0.2] = inf
        truth = -log(1 - 0.5 / 0.8)
    _, low, high = medians(np.minimum(times, until), times <= until)
    assert within(inside(low, truth, high))


@pytest.mark.parametrize("n", [10, 20, 50])
def test_medians_of_whole_epochs(rng, n):
    times = np.ceil(rng.exponential(size=(STUDIES, n)) / MEDIAN * 20)  # half of the runs succeed by epoch 20
    _, low, high = medians(np.minimum(times, 30), times <= 30)
    assert 0.945 < inside(low, 20, high) < 0.985


def test_the_medians_above_are_the_librarys(rng):
    for n, budget in ((10, 1.0), (31, 0.4), (40, inf)):
        times = rng.exponential(size=(60, n))
        times[::2] = np.ceil(times[::2] * 4) / 4
        seen = np.minimum(times, budget)
        ours = [median_time(*study) for study in zip(seen, times <= budget, strict=True)]
        expected = np.array([(one.point, one.low, one.high) for one in ours]).T
        np.testing.assert_array_equal(medians(seen, times <= budget), expected)


# Spans. The bound is met where a rate lies at the level: at the span's own lag, or just below it at the next.

LEVELS_AND_RUNS = [(0.5, 20), (0.5, 50), (0.5, 100), (0.5, 200), (0.9, 100), (0.9, 200), (0.9, 500)]


def hardest(level):
    return {
        "the next lag is just below": (1, 1, 1, level - 1e-9, level - 1e-9, 0),
        "only the first lag, just below": (level - 1e-9, 0, 0),
        "the span's lag is at the level": (1, 1, level, 0, 0, 0),
        "all up to it are at the level": (*[level] * 8, 0, 0),
        "only the last lag, at the level": (1, 1, level),
        "a rise after the span": (1, level - 1e-9, 1, 1, 0),
    }


@pytest.mark.parametrize(("level", "n"), LEVELS_AND_RUNS)
def test_spans_where_the_bound_is_met(rng, level, n):
    for name, rates in hardest(level).items():
        low, high = spans(rng.binomial(n, rates, (STUDIES, len(rates))), n, level)
        assert within(inside(low, true_span(rates, level), high)), name


@pytest.mark.parametrize(("level", "n"), [(0.5, 20), (0.5, 100), (0.9, 100)])
def test_spans_elsewhere_are_covered_more_often(rng, level, n):
    lags = 2.0 ** np.arange(1, 11)
    curves = [1 / (1 + (lags / middle) ** slope) for slope in (1, 2, 4) for middle in (7, 30, 90)]
    dips = [(1, 0.3, 1, 0.95, 0.2), (level + 0.05, level - 0.05, level + 0.05, level - 0.05)]
    flat = [[level] * 8, [level - 1e-9] * 8, [level + 0.03] * 4 + [level - 0.03] * 4]
    for rates in [*curves, *dips, *flat]:
        low, high = spans(rng.binomial(n, rates, (STUDIES, len(rates))), n, level)
        assert inside(low, true_span(rates, level), high) > 0.94


def test_spans_of_rates_clear_of_the_level_are_known(rng):
    low, high = spans(rng.binomial(50, (1, 0.95, 0.1, 0), (STUDIES, 4)), 50, 0.5)
    assert inside(low, 2, high) > 0.999
    assert (low == high).mean() > 0.99


@pytest.mark.parametrize("correlation", [0.3, 0.7])
def test_spans_of_lags_that_share_seeds(rng, correlation):
    for rates in [(0.5, 0.5 - 1e-9), (1, 0.5, 0.4), (0.6, 0.5 - 1e-9)]:
        solved = shared_seeds(rng, np.array(rates), 50, correlation)
        low, high = spans(solved, 50, 0.5)
        assert inside(low, true_span(rates, 0.5), high) > 0.93


def test_one_test_of_a_span_errs_in_3_to_7_of_100_from_20_runs_at_half_and_from_100_at_nine_tenths():
    for level, least in ((0.5, 20), (0.9, 100)):
        for n in range(least, 401):
            for side in ("above", "below"):
                assert 0.03 < error_of_looks((n,), level, 0.05, side) < 0.07, (level, n, side)


def test_two_lags_err_no_more_than_one():
    """The exact chance of either error, over all pairs of rates around the level, is that of one test at most."""
    n, level = 50, 0.5
    above, below, _ = span_table(n, level)[:, :, None]
    high, low = exact(n, np.linspace(level, 1, 60), above), exact(n, np.linspace(level, 1, 60), below)
    next_high, next_low = (exact(n, np.linspace(0, level, 60), each) for each in (above, below))
    either = np.outer(high, next_high) + np.outer(low, next_low)
    assert either.max() == pytest.approx(error_of_looks((n,), level, 0.05, "above"), abs=1e-3)


def test_the_spans_above_are_the_librarys(rng):
    lags = [1, 2, 4, 8, 16]
    for level, n, looks in ((0.5, 20, ()), (0.9, 40, ()), (0.5, 40, (20, 40, 80))):
        solved = np.sort(rng.binomial(n, (1, level, level, 0.3, 0.1), (100, 5)), axis=1)[:, ::-1]
        solved[::2] = rng.binomial(n, (level, 0.95, level, 0.6, level), (50, 5))
        low, high = spans(solved, n, level, looks)
        for k, *ends in zip(solved.tolist(), low, high, strict=True):
            got = memory_span(lags, k, [n] * 5, level, looks=looks)
            assert [got.low, got.high] == [lags[end - 1] if end else None for end in ends]


# Runs added in blocks.


@pytest.mark.parametrize("half_width", [0.15, 0.1, 0.07])
def test_stopping_when_the_interval_is_narrow_keeps_the_coverage(rng, half_width):
    truths = rng.uniform(size=STUDIES)
    solved, runs = np.zeros(STUDIES, int), np.zeros(STUDIES, int)
    added = np.full(STUDIES, 20)
    while added.any():
        solved, runs = solved + rng.binomial(added, truths), runs + added
        added = np.array(
            [block_table(n, half_width, 20, 400)[k] for k, n in zip(solved.tolist(), runs.tolist(), strict=True)]
        )
    ends = np.array([wilson_table(n)[:, k] for k, n in zip(solved.tolist(), runs.tolist(), strict=True)])
    assert within(inside(ends[:, 0], truths, ends[:, 1]))
    assert len(np.unique(runs)) > 1
    assert (ends[:, 1] - ends[:, 0] <= 2 * half_width).all()


LOOKS = (20, 40, 60, 80, 100, 120, 140, 160, 180, 200)


def stopped_when_decided(rng, rates, level, looks):
    """Runs are added to a lag until it is shown to lie on one side of the level."""
    shape = (STUDIES, len(rates))
    solved, runs, open_ = np.zeros(shape, int), np.zeros(shape, int), np.ones(shape, bool)
    for before, n in zip((0, *LOOKS), LOOKS, strict=False):
        drawn = rng.binomial(n - before, rates, shape)
        solved, runs = np.where(open_, solved + drawn, solved), np.where(open_, n, runs)
        open_ &= ~span_table(n, level, looks)[:2, solved.clip(max=n)].any(axis=0)
    return spans(solved, runs, level, looks)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_stopping_when_a_lag_is_decided_keeps_the_coverage_with_looks_and_loses_it_without(rng, level):
    for rates in ((1, 1, level - 1e-9, 0), (1, 1, level, 0)):
        covers = [
            inside(low, true_span(rates, level), high)
            for low, high in (stopped_when_decided(rng, rates, level, looks) for looks in (LOOKS, ()))
        ]
        assert within(covers[0])
        assert covers[1] < 0.87


# Lags looked for by bracketing.


def bracketing(rng, curve_of, fresh=False, studies=1500, n=50, level=0.5):
    found = 0
    for _ in range(studies):
        truth = 2 ** rng.uniform(3, 9)
        lags, solved = bracketed(rng, curve_of(truth), n, level)
        if fresh:
            solved = [int(rng.binomial(n, curve_of(truth)(lag))) for lag in lags]
        got = memory_span(lags, solved, [n] * len(lags), level)
        found += (got.low or 0) <= truth < (inf if got.below is None else got.below)
    return found / studies


@pytest.mark.parametrize("slope", [1, 4])
def test_bracketing_a_curve_that_falls_keeps_the_coverage(rng, slope):
    assert bracketing(rng, lambda truth: lambda lag: 1 / (1 + (lag / truth) ** slope)) > 0.95


def test_bracketing_a_plateau_at_the_level_loses_it_and_fresh_seeds_restore_it(rng):
    def plateau(truth):
        return lambda lag: 0.5 if lag <= truth else 0.0

    assert 0.80 < bracketing(rng, plateau) < 0.92
    assert bracketing(rng, plateau, fresh=True) > 0.93
