"""The demand curve: what is given is what is drawn."""

from __future__ import annotations

import pytest
import vl_convert

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots import demand_curve


def value(point):
    return Estimate(point, point - 0.1, point + 0.1, 40, "bootstrap over sequences, 95 %")


BITS = [(window, value(2 / (1 + window))) for window in range(6)]


def test_rows_hold_the_estimates():
    rows = demand_curve.facts("A log", {"bits per symbol": BITS}).rows("bits per symbol")
    assert rows[1] == {"window": 1, "value": 1.0, "low": 0.9, "high": 1.1}
    assert len(rows) == 6


def test_the_demand_is_marked_and_what_cannot_be_judged_is_grey():
    facts = demand_curve.facts("A log", {"bits per symbol": BITS, "accuracy": BITS}, window=2, judged=3)
    for panel in demand_curve.draw(facts)["hconcat"]:
        grey, rule = panel["layer"][:2]
        assert grey["data"]["values"] == [{"from": 3, "to": 5}]
        assert rule["data"]["values"] == [{"window": 2}]


def test_nothing_is_marked_where_all_is_judged_and_no_demand_named():
    panel = demand_curve.draw(demand_curve.facts("A log", {"bits per symbol": BITS}, judged=5))["hconcat"][0]
    assert [layer["mark"]["type"] for layer in panel["layer"]] == ["area", "line"]


@pytest.mark.parametrize("stepped", [False, True])
def test_it_renders(stepped):
    facts = demand_curve.facts("A log", {"accuracy": BITS}, note="4 symbols", window=4, judged=4, stepped=stepped)
    svg = vl_convert.vegalite_to_svg(demand_curve.draw(facts))
    assert "A log" in svg
    assert "symbols seen" in svg


@pytest.mark.parametrize("curves", [{}, {"accuracy": []}])
def test_refuses_an_empty_curve(curves):
    with pytest.raises(InvalidInput, match="curves must hold one window"):
        demand_curve.facts("A log", curves)
