"""Intervals of shares: against statsmodels' values, against what an interval must obey, and by simulation."""

from __future__ import annotations

import json
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.stats import clopper_pearson, newcombe, wilson
from memspan.stats.counts import check_counts

GOLDEN = Path(__file__).parent / "golden"
INTERVALS = {"wilson": wilson, "clopper_pearson": clopper_pearson}
quick = settings(deadline=None, max_examples=60)
counts = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.floats(0.5, 0.9999)


def golden(name):
    return json.loads((GOLDEN / name).read_text())["rows"]


@pytest.mark.parametrize("name", INTERVALS)
def test_share_agrees_with_statsmodels(name):
    rows = golden("proportions.json")
    assert len(rows) == 33
    for row in rows:
        got = INTERVALS[name](row["successes"], row["n"], row["confidence"])
        assert (got.low, got.high) == pytest.approx(row[name], abs=1e-9)
        assert got.point == row["successes"] / row["n"]


def test_difference_agrees_with_statsmodels():
    rows = golden("differences.json")
    assert len(rows) == 15
    for row in rows:
        got = newcombe(*row["counts"], row["confidence"])
        assert (got.low, got.high) == pytest.approx(row["newcombe"], abs=1e-9)


@pytest.mark.parametrize("name", INTERVALS)
@given(counts, confidences)
@quick
def test_interval_contains_the_share_within_0_and_1(name, count, confidence):
    got = INTERVALS[name](*count, confidence)
    assert 0 <= got.low <= got.point <= got.high <= 1
    assert got.low < got.high


@pytest.mark.parametrize("name", INTERVALS)
@given(counts, confidences)
@quick
def test_failures_mirror_successes(name, count, confidence):
    k, n = count
    ours, mirrored = INTERVALS[name](k, n, confidence), INTERVALS[name](n - k, n, confidence)
    assert ours.low == pytest.approx(1 - mirrored.high, abs=1e-12)
    assert ours.high == pytest.approx(1 - mirrored.low, abs=1e-12)


@pytest.mark.parametrize("name", INTERVALS)
@given(counts, st.integers(2, 5))
@quick
def test_more_runs_with_the_same_share_narrow_the_interval(name, count, times):
    k, n = count
    few, many = INTERVALS[name](k, n), INTERVALS[name](times * k, times * n)
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize("name", INTERVALS)
@given(counts)
@quick
def test_one_more_success_lifts_and_one_more_failure_lowers_the_interval(name, count):
    k, n = count
    interval = INTERVALS[name]
    now, success, failure = interval(k, n), interval(k + 1, n + 1), interval(k, n + 1)
    assert success.low > now.low or k == n == 0
    assert success.high >= now.high
    assert failure.low <= now.low
    assert failure.high < now.high


@given(counts, st.floats(0.5, 0.9), st.floats(0.91, 0.9999))
@quick
def test_more_confidence_widens_the_interval(count, less, more):
    for interval in INTERVALS.values():
        narrow, wide = interval(*count, less), interval(*count, more)
        assert wide.low <= narrow.low
        assert wide.high >= narrow.high


@given(counts, counts, confidences)
@quick
def test_difference_contains_its_point_and_turns_with_its_sides(first, second, confidence):
    forth, back = newcombe(*first, *second, confidence), newcombe(*second, *first, confidence)
    assert -1 - 1e-12 <= forth.low <= forth.point <= forth.high <= 1 + 1e-12
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low), abs=1e-12)
    assert forth.n == first[1] + second[1]


def test_wilson_ends_solve_the_score_equation():
    z = 1.959963984540054
    got = wilson(41, 100)
    for end in (got.low, got.high):
        assert abs(0.41 - end) == pytest.approx(z * np.sqrt(end * (1 - end) / 100), abs=1e-12)


def test_clopper_pearson_ends_leave_their_tails():
    got = clopper_pearson(3, 12, 0.9)
    pmf = {end: [comb(12, k) * end**k * (1 - end) ** (12 - k) for k in range(13)] for end in (got.low, got.high)}
    assert sum(pmf[got.low][3:]) == pytest.approx(0.05, abs=1e-12)
    assert sum(pmf[got.high][:4]) == pytest.approx(0.05, abs=1e-12)


def coverage(interval, n, shares, rng):
    ends = [interval(k, n) for k in range(n + 1)]
    low, high = np.array([end.low for end in ends]), np.array([end.high for end in ends])
    drawn = rng.binomial(n, shares)
    return ((low[drawn] <= shares) & (shares <= high[drawn])).mean()


@pytest.mark.parametrize("n", [5, 20, 100])
def test_wilson_covers_the_truth_as_often_as_it_says_on_average(n):
    rng = np.random.default_rng(n)
    assert 0.93 < coverage(wilson, n, rng.uniform(size=20_000), rng) < 0.97


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.83])
def test_clopper_pearson_covers_the_truth_at_every_share(share):
    rng = np.random.default_rng(7)
    assert coverage(clopper_pearson, 30, np.full(20_000, share), rng) > 0.945


def test_difference_covers_the_truth_as_often_as_it_says_on_average():
    rng = np.random.default_rng(3)
    truths = rng.uniform(size=(2000, 2))
    drawn = rng.binomial((20, 30), truths)
    ends = [newcombe(int(a), 20, int(b), 30) for a, b in drawn]
    inside = [end.low <= p - q <= end.high for end, (p, q) in zip(ends, truths, strict=True)]
    assert 0.93 < np.mean(inside) < 0.97


def test_numpy_counts_are_counts_and_the_method_names_the_confidence():
    outcomes = np.array([True, False, True])
    got = wilson(outcomes.sum(), np.int64(outcomes.size), 0.999)
    assert got == wilson(2, 3, 0.999)
    assert type(got.n) is int
    assert got.method == "wilson 99.9 %"
    assert clopper_pearson(2, 3).method == "clopper-pearson 95 %"
    assert newcombe(2, 3, 1, 3).method == "newcombe 95 %"


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((0, 0), "n must be at least 1, but got 0"),
        ((5, 4), "successes must be from 0 to n = 4, but got 5"),
        ((-1, 4), "successes must be from 0 to n = 4, but got -1"),
        ((0.5, 4), "must be whole numbers, but got 0.5 and 4; give counts, not shares"),
    ],
)
def test_impossible_counts_are_one_sentence(counts, sentence):
    with pytest.raises(InvalidInput, match=sentence) as caught:
        check_counts(*counts)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
def test_confidence_lies_between_0_and_1(interval, confidence):
    with pytest.raises(InvalidInput, match="confidence must lie between 0 and 1"):
        interval(1, 2, confidence)


def test_difference_checks_both_sides():
    with pytest.raises(InvalidInput, match="n must be at least 1"):
        newcombe(1, 2, 0, 0)
    with pytest.raises(InvalidInput, match="successes must be from 0 to n = 2"):
        newcombe(3, 2, 0, 1)
