"""The picture of survival: its numbers are those of a curve made by hand, and it says who was given up."""

from __future__ import annotations

import json

import numpy as np
import pytest

from memspan.core.errors import InvalidInput
from memspan.plots import save, survival
from memspan.stats import kaplan_meier

FIRST = kaplan_meier([10, 20, 20, 50, 50], [True, True, False, True, False])
NEVER = kaplan_meier([80] * 4, [False] * 4)


def test_a_row_is_a_step_and_counts_who_was_given_up():
    """By hand: 4/5 after 10, times 3/4 after 20 (one solved, one given up), times 1/2 after 50."""
    rows = survival.facts({"a": {10: NEVER, 3: FIRST}}).rows(3)
    told = [(row["updates"], row["at_risk"], row["given_up"]) for row in rows]
    assert told == [(0.0, 5, 0), (10.0, 5, 0), (20.0, 4, 1), (50.0, 2, 1)]
    np.testing.assert_allclose([row["share"] for row in rows], [1, 4 / 5, 3 / 5, 3 / 10])
    assert all(row["low"] <= row["share"] <= row["high"] for row in rows)
    assert sum(row["given_up"] for row in survival.facts({"a": {10: NEVER}}).rows(10)) == 4


def test_each_lag_has_a_panel_with_those_that_were_tried(tmp_path):
    facts = survival.facts({"a": {10: NEVER, 3: FIRST}, "b": {10: FIRST}}, "Mine")
    picture = json.loads(save(survival.draw(facts), tmp_path / "survival.json").read_text())
    assert picture["title"]["text"] == "Mine"
    shown = [(panel["title"]["text"], {row["label"] for row in panel["data"]["values"]}) for panel in picture["concat"]]
    assert shown == [("lag 3", {"a"}), ("lag 10", {"a", "b"})]
    ends = [panel["layer"][1]["encoding"]["x"]["scale"]["domain"] for panel in picture["concat"]]
    assert ends == [[0, 50.0], [0, 80.0]]
    colours = {tuple(panel["layer"][2]["encoding"]["color"]["scale"]["domain"]) for panel in picture["concat"]}
    assert colours == {("a", "b")}  # the same colour in every panel


def test_it_can_be_drawn(tmp_path):
    file = save(survival.draw(survival.facts({"a": {3: FIRST, 10: NEVER}})), tmp_path / "survival.svg")
    assert "lag 10" in file.read_text()


@pytest.mark.parametrize("curves", [{}, {"a": {}}])
def test_nothing_to_draw_is_refused(curves):
    with pytest.raises(InvalidInput, match="curves must hold one lag or more"):
        survival.facts(curves)
