"""Survival in text and data: no bar claims what no run shows, and the numbers are those of ten lines of Python."""

from __future__ import annotations

import json
import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.studies.span.fabricated import cell_of, span_of_counts, study_of_counts

from memspan.store import Environment, StoredRun
from memspan.studies.outcomes import Outcomes
from memspan.studies.span import Span, survival_lines

HERE = Environment({}, "cpu", "")


def kaplan_meier(ends):
    """Exactly, from pairs of a time and whether the run solved it then: the share left after each time."""
    share, left = Fraction(1), []
    for time in sorted({0, *(time for time, _ in ends)}):
        at_risk = sum(end >= time for end, _ in ends)
        solved = sum(end == time and done for end, done in ends)
        share *= 1 - Fraction(solved, at_risk) if at_risk else 1
        left.append((time, share))
    return left


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=20))
def test_the_curve_of_runs_is_that_of_ten_lines(ends):
    runs = Outcomes(
        tuple(
            StoredRun(seed, "finished", solved, time if not solved else 20, time if solved else None, HERE)
            for seed, (time, solved) in enumerate(ends)
        )
    )
    curve = runs.survival
    expected = kaplan_meier(ends)
    assert curve.times.tolist() == [time for time, _ in expected]
    assert curve.survival.tolist() == pytest.approx([float(share) for _, share in expected])
    assert ((curve.low <= curve.survival + 1e-12) & (curve.survival <= curve.high + 1e-12)).all()


def test_the_table_has_a_line_where_any_run_solved_it():
    """Fabricated runs solve it after 20 of 40 updates: the first half of the bars is full, the rest as solved."""
    lines = survival_lines(span_of_counts({"a": {3: 20, 10: 15, 30: 0}, "b, c": {3: 19}}))
    assert [re.split(r"  +", line.strip()) for line in lines] == [
        ["not solved yet, from 0 updates to the budget", "lag", "budget", *(f"{n} % by" for n in (25, 50, 75, 90))],
        ["a", "3", "█" * 12 + "▁" * 12, "40", "20", "20", "20", "20"],
        ["10", "█" * 12 + "▃" * 12, "40", "20", "20", "20", "-"],
        ["b, c", "3", "█" * 12 + "▂" * 12, "40", "20", "20", "20", "20"],  # one of twenty is left: not the lowest bar
    ]
    assert survival_lines(span_of_counts({"a": {3: 0}})) == []
    (_, line) = survival_lines(span_of_counts({"a": {3: 20}}), ascii_only=True)
    assert line.isascii()


def test_one_of_a_thousand_is_seen_at_either_end():
    planned = study_of_counts({"a": {3: None}}, seeds=1000).cells()[0]
    for solved, bar in ((999, "▂"), (1, "▇")):
        span = Span(study_of_counts({"a": {3: None}}, seeds=1000), (cell_of(planned, solved),))
        assert survival_lines(span)[1].split()[2] == "█" * 12 + bar * 12


def test_the_data_are_plain():
    told = span_of_counts({"a": {3: 15}}).to_json()["recipes"][0]["cells"][0]["survival"]
    json.dumps(told, allow_nan=False)
    assert told["method"] == "kaplan-meier, log-log 95 %"
    assert (told["times"], told["events"], told["at_risk"]) == ([0.0, 20.0, 40.0], [0, 15, 0], [20, 20, 5])
    assert told["survival"] == pytest.approx([1, 0.25, 0.25])
    assert set(told) == {"method", "times", "at_risk", "events", "survival", "low", "high"}


@pytest.mark.extended
def test_lifelines_says_the_same():
    import lifelines

    cell = span_of_counts({"a": {3: 13}}).cells[0]
    told = cell.to_json()["survival"]
    fitter = lifelines.KaplanMeierFitter().fit(*cell.times)
    assert told["survival"] == pytest.approx(fitter.survival_function_.iloc[:, 0].tolist(), abs=1e-9)
    theirs = fitter.confidence_interval_.to_numpy()[1:]  # before the first success ours is Clopper and Pearson's
    assert told["low"][1:] == pytest.approx(theirs[:, 0].tolist(), abs=1e-9)
    assert told["high"][1:] == pytest.approx(theirs[:, 1].tolist(), abs=1e-9)
