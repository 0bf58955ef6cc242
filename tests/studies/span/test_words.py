"""The finding and the tables: what they say is what was counted."""

from __future__ import annotations

import pytest
from tests.studies.span.fabricated import cell_of, span_of_counts, study_of_counts

from memspan.studies.in_words import count
from memspan.studies.span import findings
from memspan.studies.span.table import RateLines, details, spans

COUNTS = {
    "online": {3: 9, 10: 0, 30: 0},
    "BPTT": {3: 20, 10: 15, 30: 2},
    "RTRL": {3: 20, 10: 20},
    "chrono": {3: 20, 10: 20, 30: 20},
}


def test_the_finding_is_one_sentence_with_the_longest_first():
    assert findings(span_of_counts(COUNTS)) == (
        "At every tested lag, at least half of the runs succeed up to lag 30, the longest it was tried at, with "
        "'chrono' (20 of 20 there); up to lag 10, the longest it was tried at, with 'RTRL' (20 of 20 there); up to lag "
        "10 with 'BPTT' (15 of 20 there); not even at the shortest lag, 3, with 'online'."
    )


def test_the_finding_where_nothing_succeeds():
    found = findings(span_of_counts({"a": {3: 0}, "b": {3: 9}, "c": {3: 1}}))
    assert found.endswith("succeed not even at the shortest lag, 3, with 'a', 'b' and 'c'.")


def test_the_rates_are_counts_with_intervals():
    span = span_of_counts(COUNTS)
    lines = RateLines(span.study)
    table = [*lines.header(), *(line for name in span.names for line in lines.row(name, span.row(name)))]
    assert [line.split() for line in table] == [
        ["runs", "that", "solve", "it", "lag", "3", "lag", "10", "lag", "30"],
        ["online", "9/20", "[26,", "66]", "%", "0/20", "[0,", "16]", "%", "0/20", "[0,", "16]", "%"],
        ["BPTT", "20/20", "[84,", "100]", "%", "15/20", "[53,", "89]", "%", "2/20", "[3,", "30]", "%"],
        ["RTRL", "20/20", "[84,", "100]", "%", "20/20", "[84,", "100]", "%", "not", "tried"],
        ["chrono", "20/20", "[84,", "100]", "%", "20/20", "[84,", "100]", "%", "20/20", "[84,", "100]", "%"],
    ]
    assert len({len(line) for line in table}) == 1  # columns are flush


def test_what_is_known_without_training_stands_there():
    lines = [line.split()[-2:] for line in RateLines(study_of_counts({"a": {3: 1, 10: 1}})).bounds()]
    # By hand: 5 and 12 symbols; of 2 x 4 and 2 x 11 steps one cannot be told without memory.
    assert lines == [["lag", "10"], ["0.2", "0.08333"], ["0.875", f"{21 / 22:.4g}"], ["1", "1"]]


def test_what_is_not_measured_yet_is_not_called_a_failure():
    span = span_of_counts({"a": {3: 20, 10: None}, "b": {3: None}})
    lines = RateLines(span.study)
    assert lines.row("a", span.row("a"))[0].endswith("not done")
    assert lines.row("b", {})[0].split() == ["b", "not", "done", "not", "tried"]


def test_a_table_wider_than_the_terminal_is_turned():
    span = span_of_counts(COUNTS)
    lines = RateLines(span.study, width=60)
    assert lines.row("BPTT", span.row("BPTT")) == [
        "BPTT",
        "  lag 3   20/20 [84, 100] %",
        "  lag 10   15/20 [53, 89] %",
        "  lag 30     2/20 [3, 30] %",
    ]
    assert lines.header() == ["runs that solve it"]


@pytest.mark.parametrize(
    ("solved", "runs", "text"),
    [
        (5, 5, "5/5 [57, 100] %"),
        (0, 5, "0/5 [0, 43] %"),
        (999, 1000, "999/1000 [99, 99.98] %"),
        (1, 1000, "1/1000 [0.02, 1] %"),
    ],
)
def test_no_rate_is_called_0_or_100_percent_without_its_count(solved, runs, text):
    planned = study_of_counts({"a": {1: 0}}, seeds=runs).cells()[0]
    assert count(cell_of(planned, solved)) == text


def test_details_count_what_was_lost_and_what_diverged():
    planned = study_of_counts({"a": {3: 0}}, seeds=10).cells()[0]
    measured = cell_of(planned, solved=6, lost=2, diverged=1)
    assert (measured.solved, measured.diverged) == (6, 1)
    span = span_of_counts({"a": {3: 0}}, seeds=10)
    row = details(type(span)(span.study, (measured,)))[1].split()
    assert row[:4] == ["a", "3", "8/10", "1"]
    assert row[4] == "20"  # the second of four epochs of 10 updates
    assert row[-2:] == ["40", "1.5"]


def test_a_median_that_was_not_reached_says_so():
    assert "not reached" in details(span_of_counts({"a": {3: 4}}))[1]


def test_spans_tell_which_lags_were_not_tried():
    rows = [line.split() for line in spans(span_of_counts(COUNTS))]
    assert rows[3] == ["RTRL", ">=", "10", "[>=", "10,", ">=", "10]", ">=", "10", "[<", "3,", ">=", "10]", "30"]
    assert rows[2][-1] == "-"
