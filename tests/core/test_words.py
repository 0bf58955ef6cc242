"""The small words: errors that advise, estimates that carry their interval, statuses that are sentences."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput, check_choice, check_range, nearest
from memspan.core.estimate import Estimate
from memspan.core.status import Status


@given(st.integers(-50, 50), st.integers(-50, 50), st.none() | st.integers(-50, 50))
def test_ranges_include_their_ends(value, low, high):
    inside = low <= value and (high is None or value <= high)
    if inside:
        assert check_range("lag", value, low, high) is value
    else:
        with pytest.raises(InvalidInput, match=rf"^lag must be a whole number .* but got {value}"):
            check_range("lag", value, low, high)


def test_a_choice_is_returned_or_explained():
    assert check_choice("rule", "bptt", ["online", "bptt"]) == "bptt"
    with pytest.raises(InvalidInput, match=r"^rule must be one of online, bptt, but got 'bpt'; did you mean 'bptt'\?$"):
        check_choice("rule", "bpt", ["online", "bptt"])
    with pytest.raises(InvalidInput, match=r"^rule must be one of .* but got 'zzzzz'; choose one of these$"):
        check_choice("rule", "zzzzz", ["online", "bptt"])
    assert nearest("ONLINE", ["online"]) == "online"
    assert nearest("qqq", ["online"]) is None


def test_invalid_input_is_a_value_error():
    assert issubclass(InvalidInput, ValueError)


def test_an_estimate_shows_all_it_rests_on():
    estimate = Estimate(0.4, 0.31, 0.5, 100, "wilson 95 %")
    assert str(estimate) == "0.40 [0.31, 0.50] (n = 100, wilson 95 %)"
    assert json.loads(json.dumps(estimate.to_json())) == {
        "point": 0.4,
        "low": 0.31,
        "high": 0.5,
        "n": 100,
        "method": "wilson 95 %",
    }


def test_statuses_are_sentences():
    assert {status.name for status in Status} == {"SOLVED", "LOST", "BUDGET_SPENT", "DIVERGED", "FAILED"}
    assert all(len(str(status).split()) > 5 for status in Status)
