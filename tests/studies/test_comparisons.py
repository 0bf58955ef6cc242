"""Comparisons of recipes: what is tested alone, what is corrected, over which runs, and against other libraries."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.stats import holm, log_rank, newcombe, newcombe_paired
from memspan.store import Environment, StoredRun
from memspan.studies.compared_in_words import answer_line, chance, pair_lines
from memspan.studies.comparisons import compare
from memspan.studies.outcomes import Outcomes
from memspan.studies.primary import Primary

HERE = Environment({}, "cpu", "")
BUDGET = 500


def runs(times, seed=0):
    """Runs from a seed on, each of which solves its problem after so many updates and keeps it; None never does."""
    return Outcomes(
        tuple(
            StoredRun(number, "finished", time is not None, BUDGET, time, HERE)
            for number, time in enumerate(times, seed)
        )
    )


def solving(flags, seed=0):
    return runs([100 if flag else None for flag in flags], seed)


TIMES = st.lists(st.one_of(st.none(), st.integers(1, 20).map(lambda n: 25 * n)), min_size=1, max_size=12)
ROWS = st.fixed_dictionaries(
    {name: st.dictionaries(st.sampled_from([3, 10]), TIMES, min_size=1) for name in ("a", "b", "c")}
)
QUESTION = st.tuples(
    st.permutations(["a", "b", "c"]).map(lambda names: names[:2]),
    st.sampled_from([3, 10]),
    st.sampled_from(["success", "updates"]),
)
FEW = settings(max_examples=25)


def made(rows):
    return {name: {lag: runs(times) for lag, times in row.items()} for name, row in rows.items()}


def evidence(found):
    """All tests by what they are about."""
    return {
        (one.lag, frozenset((one.first, one.second)), measure): getattr(one, measure)
        for one in found.pairs
        for measure in ("success", "updates")
    }


@FEW
@given(ROWS, QUESTION)
def test_the_primary_question_stands_alone_and_all_else_is_corrected_together(rows, asked):
    rows, asked = made(rows), Primary(*asked)
    found, all_of_it = compare(rows, asked), compare(rows)
    tests, explored = evidence(found), evidence(all_of_it)
    answered = asked.lag in rows[asked.first] and asked.lag in rows[asked.second]
    assert (found.answer is not None) == answered
    alone = {key for key, one in tests.items() if one.adjusted is None}
    assert alone == ({(asked.lag, frozenset(asked.compare), asked.on)} if answered else set())
    assert {key: one.p_value for key, one in tests.items()} == {key: one.p_value for key, one in explored.items()}
    assert found.family == len(tests) - len(alone) == all_of_it.family - len(alone)
    if corrected := [key for key in tests if key not in alone]:
        assert [tests[key].adjusted for key in corrected] == holm([tests[key].p_value for key in corrected]).tolist()
    if answered:
        assert (found.answer.first, found.answer.second) == asked.compare


@FEW
@given(TIMES, TIMES, ROWS, st.sampled_from(["success", "updates"]))
def test_the_answer_to_the_primary_question_is_the_same_whatever_else_is_compared(one, other, more, on):
    asked = Primary(["mine", "theirs"], 3, on)
    two = {"mine": {3: runs(one)}, "theirs": {3: runs(other)}}
    small, large = compare(two, asked).answer, compare({**made(more), **two}, asked).answer
    assert (small.difference if on == "success" else None) == (large.difference if on == "success" else None)
    assert getattr(small, on) == getattr(large, on)


@FEW
@given(ROWS)
def test_sides_change_places_and_intervals_of_many_are_wider(rows):
    rows = made(rows)
    found, turned = compare(rows), compare(dict(reversed(rows.items())))
    for one in found.pairs:
        (back,) = [
            each for each in turned.pairs if (each.lag, each.second, each.first) == (one.lag, one.first, one.second)
        ]
        assert one.difference.point == pytest.approx(-back.difference.point)
        assert (one.difference.low, one.difference.high) == pytest.approx((-back.difference.high, -back.difference.low))
        assert one.success.p_value == back.success.p_value
        assert one.updates.p_value == pytest.approx(back.updates.p_value)
        (alone,) = compare({name: {one.lag: rows[name][one.lag]} for name in (one.first, one.second)}).pairs
        assert one.difference.low <= alone.difference.low <= alone.difference.point == one.difference.point
        assert one.difference.high >= alone.difference.high >= alone.difference.point


def test_pairs_are_the_seeds_that_both_ran():
    """Seeds 0 to 3 of the one and 2 to 5 of the other share 2 and 3; disjoint ones are two independent sides."""
    first, second = solving([1, 1, 1, 0]), solving([0, 0, 1, 1], seed=2)
    (one,) = compare({"a": {3: first}, "b": {3: second}}).pairs
    assert (one.runs, one.solved, one.success.method) == ((2, 2), (1, 0), "mcnemar mid-p")
    assert one.difference == newcombe_paired(0, 1, 0, 1)
    (apart,) = compare({"a": {3: first}, "b": {3: solving([0, 1, 1], seed=4)}}).pairs
    assert (apart.runs, apart.solved, apart.success.method) == ((4, 3), (3, 2), "score test")
    assert apart.difference == newcombe(3, 4, 2, 3)


def test_a_run_that_lost_it_again_counts_for_its_updates_but_not_as_success():
    lost = Outcomes(tuple(replace(run, solved=False) for run in runs([100] * 6).runs))
    (one,) = compare({"kept": {3: runs([100] * 6)}, "lost": {3: lost}}).pairs
    assert (one.solved, one.updates.p_value) == ((6, 0), 1.0)
    assert one.success.p_value < 0.05


def test_a_family_finds_something_in_five_percent_of_studies_without_a_difference():
    """Four recipes at two lags, 24 tests: corrected they are wrong once in twenty studies at most, alone more often."""
    rng, studies = np.random.default_rng(0), 60
    corrected = alone = 0
    for _ in range(studies):
        draws = rng.integers(1, 41, (4, 2, 20))  # the later half is beyond the budget
        rows = {
            name: {lag: runs([25 * int(t) if t <= 20 else None for t in draws[i, j]]) for j, lag in enumerate((3, 10))}
            for i, name in enumerate("abcd")
        }
        found = evidence(compare(rows)).values()
        corrected += any(one.differs for one in found)
        alone += any(one.p_value <= 0.05 for one in found)
    assert corrected <= 0.05 * studies + 3 * np.sqrt(studies * 0.05 * 0.95)
    assert alone > 0.3 * studies


def test_one_recipe_is_compared_with_nothing():
    found = compare({"a": {3: solving([1, 0])}})
    assert (found.pairs, found.family, pair_lines(found), answer_line(found)) == ((), 0, [], None)
    json.dumps(found.to_json(), allow_nan=False)


def test_the_words():
    rows = {"a": {3: solving([1] * 5), 10: solving([0] * 5)}, "b": {3: solving([0] * 5), 10: solving([0] * 5)}}
    found = compare(rows, Primary(["b", "a"], 3))
    assert answer_line(found) == (
        "primary question, at lag 3, tested alone: 'b' solves it in 0 and 'a' in 5 of the same 5 seeds, a difference "
        "in rates of -1.00 [-1.00, -0.39] (newcombe paired 95 %); p = 0.031 (mcnemar mid-p): they differ."
    )
    table = pair_lines(found)
    assert [re.split(r"  +", line) for line in table] == [
        ["compared (exploratory)", "lag", "solved", "difference in rates", "p, success", "p, updates"],
        ["b - a", "3", "0/5, 5/5", "above", "above", "0.008"],
        ["a - b", "10", "0/5, 0/5", "+0.00 [-0.43, +0.43]", "1.000", "1.000"],
    ]
    assert "100 %" not in "\n".join(table)  # five of five is a count with an interval
    on_updates = answer_line(compare(rows, Primary(["a", "b"], 10, "updates")))
    assert on_updates == (
        "primary question, at lag 10, tested alone: updates until solved of 'a' not reached, 'b' not reached (median); "
        "p = 1.000 (log-rank): these runs do not show that they differ."
    )
    missing = compare({"a": rows["a"]}, Primary(["a", "b"], 3))
    assert answer_line(missing) == "primary question, at lag 3, tested alone: 'a' and 'b' are not both measured yet."
    assert [chance(p) for p in (0.0, 0.00099, 0.001, 0.05, 1.0)] == [
        "< 0.001",
        "< 0.001",
        "= 0.001",
        "= 0.050",
        "= 1.000",
    ]


def test_a_long_table_shows_the_surest_and_counts_the_rest():
    rows = {f"recipe {n}": {3: solving([i < 4 * n for i in range(20)])} for n in range(6)}
    found = compare(rows)
    lines = pair_lines(found, most=4)
    assert (len(lines), lines[-1]) == (6, "... and 11 other pairs that differ less surely; --json FILE has them all")
    shown = {line.split("  ")[0] for line in lines[1:-1]}
    adjusted = {f"{one.first} - {one.second}": one.success.adjusted for one in found.pairs}
    assert max(adjusted[name] for name in shown) <= min(p for name, p in adjusted.items() if name not in shown)
    assert len(pair_lines(found)) == 16


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"compare": ["a"], "lag": 3}, "primary.compare must be the names of two recipes that differ"),
        ({"compare": ["a", "a"], "lag": 3}, "primary.compare must be the names of two recipes that differ"),
        ({"compare": "ab", "lag": 3}, "primary.compare must be the names of two recipes that differ"),
        ({"compare": ["a", "b"], "lag": 0}, "primary.lag must be a whole number of at least 1"),
        ({"compare": ["a", "b"], "lag": 3, "on": "sucess"}, "did you mean 'success'"),
    ],
)
def test_what_is_no_question_is_refused(words, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        Primary(**words)


def test_a_question_is_about_what_the_study_has():
    tried = {"BPTT": [3, 10], "BPTT, chrono": [10]}
    Primary(["BPTT, chrono", "BPTT"], 10).check(tried)
    with pytest.raises(InvalidInput, match="but got 'bptt, chron'; did you mean 'BPTT, chrono'"):
        Primary(["BPTT", "bptt, chron"], 10).check(tried)
    with pytest.raises(InvalidInput, match="'BPTT, chrono' is tried at 10, not at 3; name another"):
        Primary(["BPTT", "BPTT, chrono"], 3).check(tried)


@pytest.mark.extended
def test_statsmodels_and_lifelines_say_the_same():
    """The whole object of a study of four recipes at two lags, each number by another library."""
    import lifelines.statistics
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(1)
    rows = {
        name: {
            lag: runs([25 * int(t) if t <= 20 else None for t in rng.integers(1, most, 30)])
            for lag, most in ((3, 25), (10, 60 - 8 * i))
        }
        for i, name in enumerate("abcd")
    }
    told = json.loads(json.dumps(compare(rows).to_json()))
    expected = []
    for one in told["pairs"]:
        first, second = (rows[one[side]][one["lag"]] for side in ("first", "second"))
        table = np.zeros((2, 2), int)
        for run, other in zip(first.runs, second.runs, strict=True):
            table[int(not run.solved), int(not other.solved)] += 1
        exact = mcnemar(table, exact=True)
        apart = table[0, 1] + table[1, 0]
        midp = exact.pvalue - _seen(int(exact.statistic), apart) if table[0, 1] != table[1, 0] else 1.0
        (times, solved), (others, theirs) = first.times, second.times
        rank = lifelines.statistics.logrank_test(times, others, solved, theirs).p_value
        assert one["success"]["p_value"] == pytest.approx(midp, abs=1e-9)
        assert one["updates"]["p_value"] == pytest.approx(rank, abs=1e-9)
        expected += [midp, rank]
    adjusted = [one[measure]["adjusted"] for one in told["pairs"] for measure in ("success", "updates")]
    np.testing.assert_allclose(adjusted, multipletests(expected, method="holm")[1], atol=1e-9)


def _seen(k, n):
    from scipy.stats import binom

    return binom.pmf(k, n, 0.5)


def test_log_rank_is_over_all_runs_of_both():
    (one,) = compare({"a": {3: runs([25, 50, None])}, "b": {3: runs([100, None, None, None, 75])}}).pairs
    theirs = log_rank(
        ([25, 50, 500], [True, True, False]), ([100, 500, 500, 500, 75], [True, False, False, False, True])
    )
    assert one.updates.p_value == theirs.p_value
