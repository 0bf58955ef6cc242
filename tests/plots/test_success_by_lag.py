"""Success against lag: what is given is what is drawn, and no mark lies on another recipe's."""

from __future__ import annotations

from itertools import pairwise
from math import log

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots import success_by_lag

HALF = Estimate(0.5, 0.25, 0.75, 8, "wilson 95 %")
ALL = Estimate(1.0, 0.81, 1.0, 16, "wilson 95 %")
TWO = {"BPTT": [(30, HALF), (3, ALL)], "online": [(3, HALF)]}


def test_rows_hold_the_estimates_in_order_of_the_lag():
    rows = success_by_lag.facts(TWO).rows()
    assert [(row["label"], row["lag"], row["rate"], row["low"], row["high"]) for row in rows] == [
        ("BPTT (n = 8 to 16)", 3, 1.0, 0.81, 1.0),
        ("BPTT (n = 8 to 16)", 30, 0.5, 0.25, 0.75),
        ("online (n = 8)", 3, 0.5, 0.25, 0.75),
    ]


@given(st.sets(st.integers(1, 10_000), min_size=1, max_size=5), st.integers(1, 9))
def test_marks_stand_apart_evenly_around_their_lag_and_no_lags_mingle(lags, recipes):
    rows = success_by_lag.facts({f"r{i}": [(lag, HALF) for lag in lags] for i in range(recipes)}).rows()
    places = {lag: [row["shown_at"] for row in rows if row["lag"] == lag] for lag in sorted(lags)}
    for lag, shown in places.items():
        assert sum(map(log, shown)) / recipes == pytest.approx(log(lag), abs=1e-4)
        assert all(before < after for before, after in pairwise(shown))
    assert all(max(short) < min(long) for short, long in pairwise(places.values()))


def test_usual_lags_have_marks_a_mark_apart():
    """A mark is 9 pixels wide, and the axis of 480 spans a little more than the lags."""
    shown = success_by_lag.facts({f"r{i}": [(lag, HALF) for lag in (3, 10, 30, 100)] for i in range(6)})
    panel = success_by_lag.panel(shown)
    low, high = panel["layer"][-1]["encoding"]["x"]["scale"]["domain"]
    assert 480 * log(shown.step) / log(high / low) > 8
    assert all(low < row["shown_at"] < high for row in shown.rows())


@pytest.mark.parametrize("rates", [{}, {"a": []}, {"a": [(3, HALF)], "b": []}])
def test_refuses_nothing(rates):
    with pytest.raises(InvalidInput, match="rates must hold one lag or more"):
        success_by_lag.facts(rates)


@pytest.mark.parametrize("lags", [[0], [3, 3], [-1, 3]])
def test_refuses_what_is_no_lag(lags):
    with pytest.raises(InvalidInput, match="lags must be distinct and at least 1, but got"):
        success_by_lag.facts({"a": [(lag, HALF) for lag in lags]})


@pytest.mark.parametrize("ends", [(1.2, 0.0, 1.0), (0.5, 0.6, 0.7), (0.5, -0.1, 0.7), (0.5, 0.4, 1.1)])
def test_refuses_what_is_no_rate(ends):
    with pytest.raises(InvalidInput, match="rates must lie in their intervals and between 0 and 1"):
        success_by_lag.facts({"a": [(3, Estimate(*ends, 8, "m"))]})


def test_the_key_says_what_is_there():
    alone = success_by_lag.facts({"BPTT": [(3, HALF)]}, levels=())
    assert success_by_lag.draw(alone)["title"]["subtitle"] == "bar: interval (wilson 95 %)"
    many = success_by_lag.draw(success_by_lag.facts(TWO, "By lag"))
    assert many["title"]["text"] == "By lag"
    assert many["title"]["subtitle"] == (
        "bar: interval (wilson 95 %); marks of one lag stand side by side; dotted: 50 %, 90 %"
    )
    assert [layer["mark"]["type"] for layer in many["layer"]] == ["rule", "rule", "rule", "line", "point"]


def test_many_recipes_differ_in_colour_or_shape():
    facts = success_by_lag.facts({f"recipe {i}": [(3, HALF)] for i in range(20)})
    point = success_by_lag.panel(facts)["layer"][-1]["encoding"]
    looks = list(zip(point["color"]["scale"]["range"], point["shape"]["scale"]["range"], strict=True))
    assert len(set(looks)) == 20


def test_compiles_silently_and_shows_its_labels_whole(capfd):
    label = 'LSTM(units=32, chrono="10 * lag"), TruncatedBPTT(steps=10)'
    spec = success_by_lag.draw(success_by_lag.facts({label: [(100, ALL), (1000, HALF)], "online": [(100, HALF)]}))
    svg = vl_convert.vegalite_to_svg(spec, show_warnings=True)
    for text in (label.replace('"', "&quot;") + " (n = 8 to 16)", "online (n = 8)", "1,000", "50 %, 90 %"):
        assert text in svg or text.replace("&quot;", '"') in svg
    assert capfd.readouterr() == ("", "")
