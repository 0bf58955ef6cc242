"""The pictures of what is held: what is given is what is drawn, and what cannot be drawn is refused."""

from __future__ import annotations

import json
import math

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots import credit, readout_over_time, swap

HALF = Estimate(0.5, 0.25, 0.75, 8, "wilson 95 %")
ALL = Estimate(1.0, 0.81, 1.0, 16, "wilson 95 %")
NONE = Estimate(0.0, 0.0, math.inf, 2, "sign test 95 %")


def test_read_outs_are_drawn_with_their_intervals_and_chance():
    shown = readout_over_time.facts({"linear": [(1, ALL), (2, HALF)]}, chance=0.5)
    assert [(row["step"], row["told"], row["low"], row["n"]) for row in shown.rows()] == [
        (1, 1.0, 0.81, 16),
        (2, 0.5, 0.25, 8),
    ]
    drawn = readout_over_time.draw(shown)
    assert drawn["layer"][0]["encoding"]["y"]["datum"] == 0.5
    assert drawn["title"]["subtitle"].startswith("n = 8 to 16; bar: interval (wilson 95 %)")
    text = vl_convert.vegalite_to_svg(drawn)
    assert "step, 1 is the cue's" in text
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        readout_over_time.facts({"linear": [(1, NONE), (2, Estimate(2.0, 0.0, 3.0, 2, ""))]}, chance=0.5)
    with pytest.raises(InvalidInput, match="measure first"):
        readout_over_time.facts({"linear": []}, chance=0.5)


def test_a_swap_matrix_has_a_cell_a_part_and_step():
    shown = swap.facts(["whole state", "cell"], [1, 5], [[ALL, ALL], [HALF, ALL]], chance=0.5)
    assert [(row["part"], row["step"], row["follows"]) for row in shown.rows()] == [
        ("whole state", 1, 1.0),
        ("whole state", 5, 1.0),
        ("cell", 1, 0.5),
        ("cell", 5, 1.0),
    ]
    text = vl_convert.vegalite_to_svg(swap.draw(shown))
    assert text.count(">100%<") >= 3
    assert ">50%<" in text
    with pytest.raises(InvalidInput, match="one score for each of 2 steps"):
        swap.facts(["cell"], [1, 5], [[ALL]], chance=0.5)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.integers(1, 10))
def test_every_gradient_can_be_drawn_on_a_log_scale(norms, horizon):
    points = [(back, Estimate(norm, 0.0, norm, 4, "t 95 %")) for back, norm in enumerate(norms)]
    shown = credit.facts({"trained": [*points, (len(points), NONE)]}, horizon, "Online")
    rows = shown.rows()
    assert all(row["shown"] >= row["norm"] and row["shown"] > 0 for row in rows)
    assert [row["shown"] == row["norm"] for row in rows if row["norm"] > 1e-30] == [True] * sum(
        n > 1e-30 for n in norms
    )
    json.dumps(credit.draw(shown), allow_nan=False)
    drawn_horizon = [layer for layer in credit.draw(shown)["layer"] if "datum" in layer["encoding"].get("x", {})]
    assert len(drawn_horizon) == (horizon <= len(points))


def test_the_horizon_lies_between_what_is_reached_and_what_is_not():
    shown = credit.facts({"before": [(0, ALL), (1, HALF)], "after": [(0, ALL), (1, ALL)]}, 1, "Online")
    drawn = credit.draw(shown)
    assert drawn["layer"][0]["encoding"]["x"]["datum"] == 0.5
    assert "horizon of Online, 1 input" in drawn["title"]["subtitle"]
    assert "log scale" in vl_convert.vegalite_to_svg(drawn)
    with pytest.raises(InvalidInput, match="finite and 0 or more"):
        credit.facts({"x": [(0, Estimate(-1.0, -1.0, -1.0, 1, ""))]})
