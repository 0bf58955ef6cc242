"""The log-rank test: against lifelines' values, by hand, against what a test must obey, and under no difference."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.stats import log_rank

ROWS = json.loads((Path(__file__).parent / "golden" / "log_rank.json").read_text())["rows"]
quick = settings(deadline=None, max_examples=60)
some_runs = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=15)
some_groups = st.lists(some_runs, min_size=2, max_size=4)


def pairs(groups):
    return [tuple(zip(*runs, strict=True)) for runs in groups]


def test_golden_file_holds_every_case():
    assert [row["degrees"] for row in ROWS] == [1, 1, 2, 3, 2, 1]


@pytest.mark.parametrize("row", ROWS)
def test_statistic_and_p_value_agree_with_lifelines(row):
    got = log_rank(*map(tuple, row["groups"]))
    assert got.statistic == pytest.approx(row["statistic"], abs=1e-9)
    assert got.p_value == pytest.approx(row["p_value"], abs=1e-9)
    assert got.degrees == row["degrees"]
    assert got.n == sum(len(times) for times, _ in row["groups"])


def test_two_groups_by_hand():
    """At 2: one of two successes, 2 of 4 at risk. At 3: the one success, 1 of 2 at risk."""
    got = log_rank(([2, 3], [True, True]), ([2, 5], [True, False]))
    excess = (1 - Fraction(2 * 2, 4)) + (1 - Fraction(1, 2))
    variance = Fraction(2 * 2 * 2 * 2, 4 * 4 * 3) + Fraction(1, 4)
    assert got.statistic == pytest.approx(float(excess**2 / variance), abs=1e-12)


@given(some_groups)
@quick
def test_neither_order_nor_unit_matters(groups):
    one = log_rank(*pairs(groups))
    turned = log_rank(*[(np.array(times[::-1]) * 7, observed[::-1]) for times, observed in pairs(groups)[::-1]])
    assert turned.statistic == pytest.approx(one.statistic, abs=1e-6)
    assert turned.degrees == one.degrees
    assert 0 <= one.p_value <= 1
    assert one.degrees < len(groups)


@given(some_runs)
@quick
def test_a_group_does_not_differ_from_itself(runs):
    (group,) = pairs([runs])
    assert log_rank(group, group).statistic == pytest.approx(0, abs=1e-9)


@given(some_groups)
@quick
def test_a_monotone_change_of_clock_changes_nothing(groups):
    one = log_rank(*pairs(groups))
    other = log_rank(*[(np.array(times) ** 2 + 1, observed) for times, observed in pairs(groups)])
    assert other.statistic == pytest.approx(one.statistic, abs=1e-6)


def test_without_any_success_nothing_is_compared():
    got = log_rank(([5, 5], [False, False]), ([5], [False]))
    assert (got.statistic, got.degrees, got.p_value) == (0, 0, 1)


def test_a_group_that_was_never_at_risk_takes_its_degree_along():
    rest = ([3, 4, 6], [True, True, True]), ([5, 7, 8], [True, True, False])
    with_idle = log_rank(*rest, ([1, 1], [False, False]))
    assert with_idle.degrees == 1
    assert with_idle.statistic == pytest.approx(log_rank(*rest).statistic, abs=1e-9)


@pytest.mark.parametrize("groups", [2, 3])
def test_without_a_difference_a_twentieth_of_studies_finds_one(groups):
    rng = np.random.default_rng(groups)
    times = np.ceil(rng.exponential(10, (1500, groups, 30)))
    found = [log_rank(*[(np.minimum(side, 15), side <= 15) for side in study]).p_value < 0.05 for study in times]
    assert 0.035 < np.mean(found) < 0.065


def test_it_needs_two_groups_of_runs():
    with pytest.raises(InvalidInput, match="compares two groups of runs or more, but got 1"):
        log_rank(([1], [True]))
    with pytest.raises(InvalidInput, match="times must be finite and 0 or more"):
        log_rank(([1], [True]), ([-1], [True]))
