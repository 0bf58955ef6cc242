"""The picture of a tuning: the front is what nothing that holds beats, and all that was tried is drawn."""

from __future__ import annotations

import re

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots import pareto_front
from memspan.plots.pareto_front import KINDS, Tried

ALL = Estimate(1.0, 0.96, 1.0, 100, "clopper-pearson 95 %")
SOME = [
    Tried(100, 90, ALL, "holds"),
    Tried(100, 80, ALL, "holds"),
    Tried(300, 20, ALL, "holds"),
    Tried(400, 30, ALL, "holds"),
    Tried(50, 10, ALL, "given up"),
    Tried(90, 10, ALL, "falls short"),
    Tried(100, 85, Estimate(0.99, 0.98, 0.995, 1000, ""), "winner", "fewest weights"),
]
points = st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from(KINDS))


def test_the_front_is_what_holds_and_is_not_beaten():
    assert [one[:2] for one in pareto_front.facts(SOME, 0.99, "x").front] == [(100, 80), (300, 20)]


@given(st.lists(points, min_size=1, max_size=12))
def test_nothing_that_holds_lies_below_the_front(tried):
    shown = pareto_front.facts([Tried(w, u, ALL, kind, "a") for w, u, kind in tried], 0.9, "x")
    good = {(w, u) for w, u, kind in tried if kind in ("holds", "winner")}
    beaten = {a for a in good for b in good if a != b and b[0] <= a[0] and b[1] <= a[1]}
    assert {one[:2] for one in shown.front} == good - beaten
    assert len(shown.front) == len(good - beaten)


def test_every_configuration_is_drawn_with_its_rate():
    shown = pareto_front.draw(pareto_front.facts(SOME, 0.99, "LSTM"))
    steps, tried, won = (layer["data"]["values"] for layer in shown["layer"])
    assert [(one["weights"], one["updates"]) for one in steps] == [(100, 80), (300, 20)]
    assert sorted((one["weights"], one["updates"], one["rate"]) for one in tried) == sorted(
        (one.weights, one.updates, one.rate.point) for one in SOME[:-1]
    )
    assert [one["label"] for one in won] == ["fewest weights: 100 weights, 85 updates, 990/1,000 fresh"]
    assert {one["label"] for one in tried} == {"holds (4)", "given up (1)", "falls short (1)"}
    low, high = shown["layer"][1]["encoding"]["x"]["scale"]["domain"]
    assert low < 50 < 400 < high


@pytest.mark.parametrize("tried", [SOME, SOME[:1], SOME[4:5], SOME[-1:]])
def test_it_can_be_rendered(tried):
    svg = vl_convert.vegalite_to_svg(pareto_front.draw(pareto_front.facts(tried, 0.99, "LSTM")))
    assert float(re.search(r'<svg[^>]* width="([\d.]+)"', svg)[1]) > 400


@pytest.mark.parametrize(
    ("tried", "sentence"),
    [
        ([], "tried must hold one configuration or more"),
        ([Tried(1, 1, ALL, "good")], "tried must be of the kinds winner, holds, falls short, given up"),
        ([Tried(0, 1, ALL, "holds")], "with weights and updates, but got"),
    ],
)
def test_what_is_wrong_is_one_sentence(tried, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        pareto_front.facts(tried, 0.9, "x")
