"""The memory span: against its definition spelt out, exact sums, and Pocock's constants; its coverage is simulated."""

from __future__ import annotations

from itertools import product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.stats import MemorySpan, memory_span
from memspan.stats.looks import error_of_looks, level_of_looks
from memspan.stats.mid_p import mid_p

quick = settings(deadline=None, max_examples=80)
some_counts = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=6
)
levels = st.sampled_from([0.1, 0.5, 0.9])


def chance(k, n, rate):
    return comb(n, k) * rate**k * (1 - rate) ** (n - k)


@pytest.mark.parametrize(("n", "level"), [(1, 0.5), (12, 0.9), (20, 0.5), (7, 1.0), (100, 0.9)])
def test_mid_p_is_the_sum_of_its_definition(n, level):
    for k in range(n + 1):
        equal = chance(k, n, level) / 2
        got = mid_p(k, n, level)
        assert got.above == pytest.approx(sum(chance(j, n, level) for j in range(k + 1, n + 1)) + equal, abs=1e-12)
        assert got.below == pytest.approx(sum(chance(j, n, level) for j in range(k)) + equal, abs=1e-12)


def test_error_of_looks_is_the_sum_over_all_paths():
    """Nine runs, looked at after 3, 6 and 9: all 512 ways they can go."""
    looks, rate, alpha = (3, 6, 9), 0.6, 0.12
    for side in ("above", "below"):
        wrong = sum(
            rate ** sum(path) * (1 - rate) ** (9 - sum(path))
            for path in product((0, 1), repeat=9)
            if any(getattr(mid_p(sum(path[:n]), n, rate), side) <= alpha for n in looks)
        )
        assert wrong > 0.1
        assert error_of_looks(looks, rate, alpha, side) == pytest.approx(wrong, abs=1e-12)


@pytest.mark.parametrize(("looks", "nominal"), [(2, 0.0294), (3, 0.0221), (5, 0.0158), (10, 0.0106)])
def test_level_of_many_runs_is_pococks(looks, nominal):
    """His nominal level, two-sided 5 % over equal looks, is twice ours of one side at 2.5 %."""
    got = level_of_looks(tuple(range(2000, 2000 * looks + 1, 2000)), 0.5, 0.025, "above")
    assert 2 * got == pytest.approx(nominal, rel=0.05)


@pytest.mark.parametrize("rate", [0.5, 0.9])
@pytest.mark.parametrize("side", ["above", "below"])
def test_level_of_looks_keeps_the_error_and_wastes_little(rate, side):
    looks = (25, 50, 100, 200)
    alpha = level_of_looks(looks, rate, 0.05, side)
    assert 0.035 < error_of_looks(looks, rate, alpha, side) <= 0.05


def spelt_out(lags, counts, level, error):
    """The longest span that is not refuted, and the shortest, by the definition of the two sequences."""
    above = [mid_p(k, n, level).above <= error for k, n in counts]
    below = [mid_p(k, n, level).below <= error for k, n in counts]
    spans = range(len(lags) + 1)
    dips = [sum(chance(j, n, level) for j in range(k)) + chance(k, n, level) / 2 for k, n in counts]
    doubtless = [dip <= error / 100 / len(lags) for dip in dips]
    low = max(s for s in spans if all(above[:s]))
    high = min(s for s in spans if all(failed or any(doubtless[: i + 1]) for i, failed in enumerate(below) if i >= s))
    point = max(s for s in spans if all(k >= level * n for k, n in counts[:s]))
    return tuple(lags[s - 1] if s else None for s in (point, low, high))


@given(some_counts, levels, st.floats(0.6, 0.99))
@quick
def test_span_is_its_definition_spelt_out_and_lies_in_its_interval(counts, level, confidence):
    lags = [2**i for i in range(len(counts))]
    got = memory_span(lags, *zip(*counts, strict=True), level, confidence)
    assert (got.point, got.low, got.high) == spelt_out(lags, counts, level, 1 - confidence)
    assert (got.low or 0) <= (got.point or 0) <= (got.high or 0)
    assert got.below is None or got.below > (got.high or 0)


@given(some_counts, levels, st.data())
@quick
def test_one_more_success_never_shortens_it(counts, level, data):
    lags = list(range(1, len(counts) + 1))
    which = data.draw(st.integers(0, len(counts) - 1))
    more = [(min(k + (i == which), n), n) for i, (k, n) in enumerate(counts)]
    one, other = (memory_span(lags, *zip(*each, strict=True), level) for each in (counts, more))
    for end in ("point", "low", "high"):
        assert (getattr(one, end) or 0) <= (getattr(other, end) or 0)


@given(some_counts)
@quick
def test_a_higher_level_never_lengthens_it_and_more_confidence_widens_it(counts):
    lags = list(range(1, len(counts) + 1))
    columns = list(zip(*counts, strict=True))
    half, most, sure = (memory_span(lags, *columns, *args) for args in ((0.5,), (0.9,), (0.5, 0.999)))
    for end in ("point", "low", "high"):
        assert (getattr(most, end) or 0) <= (getattr(half, end) or 0)
    assert (sure.low or 0) <= (half.low or 0) <= (half.high or 0) <= (sure.high or 0)


def test_lags_between_widen_nothing():
    """Twenty more lags, all as clear as can be, leave the interval where it was: no correction for their number."""
    few = memory_span([50, 60], [60, 40], [100, 100], 0.5)
    lags = [*range(10, 60, 5), *range(60, 110, 5)]
    many = memory_span(lags, [100] * 8 + [60, 60] + [40] + [0] * 9, [100] * 20, 0.5)
    assert (few.low, few.high) == (50, 50)
    assert (many.low, many.high) == (55, 55)


def test_a_dip_beyond_doubt_ends_the_interval_and_a_doubtful_one_leaves_it_open():
    clear, doubtful = (memory_span([1, 2, 3, 4], [100, dip, 100, 10], [100] * 4, 0.5) for dip in (20, 40))
    assert (clear.point, clear.low, clear.high) == (1, 1, 1)
    assert (doubtful.point, doubtful.low, doubtful.high) == (1, 1, 3)


def test_five_of_five_do_not_show_nine_in_ten():
    got = memory_span([3, 10], [5, 5], [5, 5], 0.9)
    assert (got.point, got.low, got.high) == (10, None, 10)
    assert str(got) == ">= 10 [< 3, >= 10]"


def test_looks_ask_for_more():
    fixed = memory_span([5, 10], [40, 24], [40, 40], 0.5)
    looked = memory_span([5, 10], [40, 24], [40, 40], 0.5, looks=(20, 40, 60, 80))
    assert memory_span([5, 10], [40, 26], [40, 40], 0.5).low == 10
    assert memory_span([5, 10], [40, 26], [40, 40], 0.5, looks=(20, 40, 60, 80)).low == 5
    assert (fixed.low, looked.low) == (5, 5)
    assert looked.method == "fixed-sequence mid-p 95 %, 4 looks"
    assert fixed.method == "fixed-sequence mid-p 95 %"


def test_level_one_is_refuted_by_one_failure_and_never_shown():
    got = memory_span([1, 2], [20, 19], [20, 20], 1.0)
    assert (got.point, got.low, got.high) == (1, None, 1)
    assert memory_span([1, 2], [20, 19], [20, 20], 1.0, looks=(10, 20)).high == 1


def test_json_names_all():
    got = memory_span([3, 30], [20, 1], [20, 20], 0.5)
    assert got.to_json() == {
        "level": 0.5,
        "point": 3,
        "low": 3,
        "high": 3,
        "below": 30,
        "shortest_tested": 3,
        "longest_tested": 30,
        "is_longest_tested": False,
        "method": "fixed-sequence mid-p 95 %",
    }
    assert MemorySpan(0.5, None, None, None, (3, 30), 0.95).below == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([3, 10], [1], [2, 2], 0.5), "got 2, 1 and 2 values"),
        (([], [], [], 0.5), "at least one"),
        (([10, 3], [1, 1], [2, 2], 0.5), r"lags must ascend, but got \[10, 3\]"),
        (([3], [1], [2], 0.0), "level must be above 0 and at most 1, but got 0.0"),
        (([3], [1], [2], 1.5), "level must be above 0 and at most 1, but got 1.5"),
        (([3], [3], [2], 0.5), "successes must be from 0 to n = 2"),
        (([3], [1], [2], 0.5, 95.0), "confidence must lie between 0 and 1"),
        (([3], [1], [2], 0.5, 0.95, [4, 8]), r"one of the looks \(4, 8\), but got 2"),
        (([3], [1], [4], 0.5, 0.95, [8, 4]), "looks must be numbers of runs from 1, ascending"),
    ],
)
def test_impossible_spans_are_one_sentence(arguments, sentence):
    with pytest.raises(InvalidInput, match=sentence) as caught:
        memory_span(*arguments)
    assert "\n" not in str(caught.value)
