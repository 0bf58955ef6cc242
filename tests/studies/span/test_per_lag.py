"""Settings that depend on the lag: the notation, and nothing beyond it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.studies.span.per_lag import at_lag, names_lag

LAGS = st.integers(1, 100_000)


@given(LAGS, st.integers(0, 10**9 - 1), st.sampled_from(["{} * lag", "{}*lag", " {}  *  lag "]))
def test_a_multiple_is_multiplied(lag, factor, form):
    assert at_lag("chrono", form.format(factor), lag, [lag]) == factor * lag


@given(LAGS, st.integers(1, 99), st.integers(0, 10**9 - 1), st.sampled_from(["{} * lag + {}", "{}*lag+{} "]))
def test_a_number_is_added(lag, factor, more, form):
    assert at_lag("n_outputs", form.format(factor, more), lag, [lag]) == factor * lag + more
    assert at_lag("n_outputs", f"lag + {more}", lag, [lag]) == lag + more


@given(st.lists(LAGS, min_size=1, max_size=6, unique=True), st.data())
def test_a_list_is_read_in_the_order_of_the_lags(lags, data):
    values = data.draw(st.lists(st.integers(), min_size=len(lags), max_size=len(lags)))
    assert [at_lag("units", values, lag, lags) for lag in lags] == values


@pytest.mark.parametrize("value", [3, 0.5, True, "keras", "flag", "lagging", None, {"name": "LSTM"}])
def test_what_does_not_speak_of_the_lag_is_left_alone(value):
    assert at_lag("gate", value, 10, [10]) is value


@pytest.mark.parametrize(
    "text",
    [
        "lag - 1",
        "1 + lag",
        "lag + 1.5",
        "lag*10",
        "-1 * lag",
        "1.5 * lag",
        "lag ** 2",
        "2 * 3 * lag",
        "9999999999 * lag",
        "lag; lag",
    ],
)
def test_other_notations_are_refused_and_not_guessed(text):
    with pytest.raises(
        InvalidInput, match=r"^chrono may depend on the lag as 'lag', '10 \* lag', 'lag \+ 2' or a list"
    ):
        at_lag("chrono", text, 10, [10])


@pytest.mark.parametrize(("values", "lag"), [([1], 3), ([1, 2, 3], 3), ([1, 2], 7), ([], 3)])
def test_a_list_has_a_value_for_each_lag(values, lag):
    with pytest.raises(InvalidInput, match="must hold one value for each of the lags 3, 10"):
        at_lag("units", values, lag, [3, 10])


def test_which_settings_name_the_lag():
    assert names_lag({"a": 1, "b": "3 * lag"})
    assert not names_lag({"a": 1, "b": "lag - 1", "c": ["lag"]})
