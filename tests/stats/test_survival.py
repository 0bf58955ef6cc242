"""Time until success: against lifelines' values, against plain counting, and by simulation."""

from __future__ import annotations

import json
from math import inf, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.stats import kaplan_meier, median_time

ROWS = json.loads((Path(__file__).parent / "golden" / "survival.json").read_text())["rows"]
quick = settings(deadline=None, max_examples=60)
some_runs = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


def test_golden_file_holds_every_case():
    assert len(ROWS) == 18
    assert sum(row["median"][0] is None for row in ROWS) == 3


@pytest.mark.parametrize("row", ROWS)
def test_curve_agrees_with_lifelines(row):
    curve = kaplan_meier(row["times"], row["observed"], row["confidence"])
    assert curve.times.tolist() == row["curve_times"]
    assert curve.at_risk[1:].tolist() == row["at_risk"][1:]
    assert curve.events.tolist() == row["events"]
    np.testing.assert_allclose(curve.survival, row["survival"], rtol=0, atol=1e-9)
    inside = (curve.survival > 0) & (curve.survival < 1)  # at 1 and 0 lifelines gives an interval of no width
    assert inside.sum() >= 9
    np.testing.assert_allclose(np.c_[curve.low, curve.high][inside], np.array(row["band"])[inside], atol=1e-9)


@pytest.mark.parametrize("row", ROWS)
def test_median_agrees_with_lifelines(row):
    got = median_time(row["times"], row["observed"], row["confidence"])
    expected = [inf if value is None else value for value in row["median"]]
    assert [got.point, got.low, got.high] == pytest.approx(expected, abs=1e-9)


@given(some_runs)
@quick
def test_curve_falls_from_1_within_its_band_and_loses_no_run(runs):
    times, observed = zip(*runs, strict=True)
    curve = kaplan_meier(times, observed)
    assert curve.times[0] == 0
    assert (np.diff(curve.times) > 0).all()
    assert (np.diff(curve.survival) <= 0).all()
    assert (curve.low <= curve.survival).all()
    assert (curve.survival <= curve.high).all()
    assert curve.events.sum() == sum(observed)
    assert curve.at_risk[0] == len(runs)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=40))
@quick
def test_without_giving_up_the_curve_is_a_count_and_the_median_an_order_statistic(times):
    curve = kaplan_meier(times, [True] * len(times))
    share = [sum(time > at for time in times) / len(times) for at in curve.times]
    np.testing.assert_allclose(curve.survival, share, atol=1e-12)
    assert median_time(times, [True] * len(times)).point == sorted(times)[(len(times) - 1) // 2]


@given(some_runs)
@quick
def test_median_lies_in_its_interval_and_the_lower_end_was_seen(runs):
    times, observed = zip(*runs, strict=True)
    got = median_time(times, observed)
    assert 0 <= got.low <= got.point <= got.high
    assert got.low <= max(times)
    assert got.n == len(runs)
    assert got.method == "brookmeyer-crowley 95 %"


@given(some_runs, st.integers(1, 100))
@quick
def test_median_scales_with_the_unit_of_time_and_ignores_the_order_of_runs(runs, unit):
    times, observed = np.array(runs).T
    one, other = median_time(times, observed), median_time(times[::-1] * unit, observed[::-1])
    assert (other.point, other.low, other.high) == (one.point * unit, one.low * unit, one.high * unit)


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=5))
@quick
def test_up_to_five_runs_bound_nothing(runs):
    got = median_time(*zip(*runs, strict=True))
    assert (got.low, got.high) == (0, inf)


def test_six_runs_bound_the_median_by_their_extremes():
    got = median_time([30, 10, 60, 20, 50, 40], [True] * 6)
    assert (got.low, got.point, got.high) == (10, 30, 60)  # as the sign test: 2 / 2**6 < 5 %


def test_runs_that_all_succeed_at_one_time_bound_the_median_there():
    got = median_time([50] * 20, [True] * 20)
    assert (got.low, got.point, got.high) == (50, 50, 50)


def test_runs_that_never_succeed_bound_the_median_from_below_only():
    got = median_time([250] * 20, [False] * 20)
    assert (got.low, got.point, got.high) == (250, inf, inf)


def test_runs_given_up_early_say_nothing_about_later():
    got = median_time([1] * 19 + [250], [False] * 20)
    assert got.low == 1  # beyond 1 a single run was watched


@pytest.mark.parametrize("budget", [0.9, 10.0])
@pytest.mark.parametrize("n", [8, 20])
def test_interval_covers_the_true_median_as_often_as_it_says(n, budget):
    rng = np.random.default_rng(n)
    times = rng.exponential(size=(1000, n))
    ends = [median_time(np.minimum(row, budget), row <= budget) for row in times]
    assert np.mean([end.low <= log(2) <= end.high for end in ends]) > 0.93


@pytest.mark.parametrize(
    ("times", "observed", "sentence"),
    [
        ([], [], "at least one"),
        ([1, 2], [True], r"got shapes \(2,\) and \(1,\)"),
        ([[1, 2]], [[True, False]], "lists of one value per run"),
        ([1, -2], [True, True], "times must be finite and 0 or more, but got -2.0"),
        ([1, inf], [True, False], "times must be finite and 0 or more, but got inf"),
        ([1, float("nan")], [True, True], "times must be finite and 0 or more, but got nan"),
        ([1, 2], [True, 2], "observed must hold True or False, but got 2"),
        ([1, 2], ["yes", "no"], "observed must hold True or False, but got 'yes'"),
        (["soon"], [True], "times must be one number per run"),
    ],
)
def test_impossible_runs_are_one_sentence(times, observed, sentence):
    with pytest.raises(InvalidInput, match=sentence) as caught:
        median_time(times, observed)
    assert "\n" not in str(caught.value)
