"""Comparisons of rates: Holm, the score test, all pairs and paired seeds, against statsmodels and published values."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.stats import holm, newcombe, newcombe_paired, pairwise, score_test

GOLDEN = Path(__file__).parent / "golden"
quick = settings(deadline=None, max_examples=60)
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=8)
tables = st.tuples(*[st.integers(0, 30)] * 4).filter(any)


def golden(name):
    return json.loads((GOLDEN / name).read_text())["rows"]


def test_holm_agrees_with_statsmodels():
    rows = golden("holm.json")
    assert len(rows) == 5
    for row in rows:
        assert holm(row["p_values"]).tolist() == pytest.approx(row["holm"], abs=1e-9)


@given(p_values)
@quick
def test_holm_lies_between_the_value_and_bonferroni_and_keeps_the_order(given_values):
    adjusted, values = holm(given_values), np.array(given_values)
    assert (adjusted >= values).all()
    assert (adjusted <= np.minimum(values * len(values), 1)).all()
    assert (np.diff(adjusted[np.argsort(values, kind="stable")]) >= 0).all()


def test_holm_rarely_finds_what_is_not_there():
    rng = np.random.default_rng(4)
    some = [holm(row).min() <= 0.05 for row in rng.uniform(size=(4000, 6))]
    assert 0.04 < np.mean(some) < 0.06


def test_score_test_agrees_with_statsmodels():
    rows = golden("score_test.json")
    assert len(rows) == 4
    for row in rows:
        got = score_test(row["successes"], row["n"])
        assert got.statistic == pytest.approx(row["statistic"], abs=1e-9)
        assert got.p_value == pytest.approx(row["p_value"], abs=1e-9)
        assert got.degrees == len(row["n"]) - 1


@pytest.mark.parametrize("successes", [[0, 0], [5, 9]])
def test_runs_that_all_end_alike_show_no_difference(successes):
    assert score_test(successes, [5, 9]).p_value == 1


def test_pairs_agree_with_statsmodels_at_bonferronis_level():
    rows = golden("pairwise.json")
    assert len(rows) == 3
    for row in rows:
        sides = {name: tuple(side) for name, side in zip("abcd", row["sides"], strict=True)}
        got = pairwise(sides, row["confidence"])
        ends = [(one.difference.low, one.difference.high) for one in got]
        np.testing.assert_allclose(ends, row["intervals"], rtol=0, atol=1e-9)
        assert [(one.first, one.second) for one in got] == list(combinations("abcd", 2))
        raw = [score_test(*zip(sides[one.first], sides[one.second], strict=True)).p_value for one in got]
        assert [one.p_value for one in got] == holm(raw).tolist()
        assert got[0].difference.method.endswith("bonferroni over 6")


def test_a_single_pair_needs_no_correction():
    (one,) = pairwise({"a": (9, 10), "b": (4, 10)})
    assert one.difference == newcombe(9, 10, 4, 10)
    assert one.to_json()["p_value"] == score_test([9, 4], [10, 10]).p_value


def test_all_pairs_hold_together_as_often_as_they_say():
    rng, truths, n = np.random.default_rng(8), (0.3, 0.5, 0.8), 40
    ends = [[newcombe(k, n, j, n, 1 - 0.05 / 3) for j in range(n + 1)] for k in range(n + 1)]
    low, high = (np.array([[getattr(one, end) for one in row] for row in ends]) for end in ("low", "high"))
    drawn = rng.binomial(n, truths, (10_000, 3))
    inside = [
        (low[drawn[:, i], drawn[:, j]] <= truths[i] - truths[j])
        & (truths[i] - truths[j] <= high[drawn[:, i], drawn[:, j]])
        for i, j in combinations(range(3), 2)
    ]
    assert 0.945 < np.all(inside, axis=0).mean() < 0.97


@pytest.mark.parametrize(
    ("table", "ends"),
    [
        # Cavo et al. (2012) in M. Fagerland, S. Lydersen and P. Laake, "Statistical Analysis of Contingency Tables",
        # chapter 8, and the table of one pair each, both as their R package `contingencytables` tests them.
        ((59, 6, 16, 80), (-0.1186, -0.0046)),
        ((1, 0, 0, 1), (-0.5734, 0.5734)),
    ],
)
def test_paired_difference_agrees_with_published_values(table, ends):
    got = newcombe_paired(*table)
    assert (got.low, got.high) == pytest.approx(ends, abs=5.1e-5)


@given(tables)
@quick
def test_paired_difference_contains_its_point_and_turns_with_its_sides(table):
    both, first, second, neither = table
    forth, back = newcombe_paired(*table), newcombe_paired(both, second, first, neither)
    assert -1 - 1e-12 <= forth.low <= forth.point + 1e-12
    assert forth.point <= forth.high + 1e-12 <= 1 + 2e-12
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low), abs=1e-12)
    assert forth.n == sum(table)


def test_pairs_without_correlation_are_as_two_sides():
    paired, apart = newcombe_paired(25, 25, 25, 25), newcombe(50, 100, 50, 100)
    assert (paired.low, paired.high) == pytest.approx((apart.low, apart.high), abs=1e-12)


def test_pairs_that_go_together_narrow_the_interval():
    paired, apart = newcombe_paired(45, 10, 5, 40), newcombe(55, 100, 50, 100)
    assert paired.point == pytest.approx(apart.point)
    assert paired.high - paired.low < 0.7 * (apart.high - apart.low)


@pytest.mark.parametrize("call", [lambda: newcombe_paired(0, 0, 0, 0), lambda: newcombe_paired(1, -1, 0, 2)])
def test_impossible_pairs_are_one_sentence(call):
    with pytest.raises(InvalidInput, match="counts of seeds must"):
        call()


def test_impossible_comparisons_are_one_sentence():
    with pytest.raises(InvalidInput, match=r"p_values must be from 0 to 1, but got 1\.5"):
        holm([0.2, 1.5])
    with pytest.raises(InvalidInput, match="p_values must be a list"):
        holm([])
    with pytest.raises(InvalidInput, match="two sides or more, but got 1 and 1"):
        score_test([1], [2])
    with pytest.raises(InvalidInput, match="sides must be two or more, but got 1"):
        pairwise({"a": (1, 2)})
    with pytest.raises(InvalidInput, match="successes must be from 0 to n"):
        pairwise({"a": (1, 2), "b": (3, 2)})
