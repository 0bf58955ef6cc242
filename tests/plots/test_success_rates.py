"""The success rates: what is given is what is drawn."""

from __future__ import annotations

import pytest
import vl_convert

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots import success

HALF = Estimate(0.5, 0.25, 0.75, 8, "wilson 95 %")
ALL = Estimate(1.0, 0.81, 1.0, 16, "wilson 95 %")


def test_rows_hold_the_estimates():
    rows = success.facts([("online", HALF), ("rtrl", ALL, 1.0, 0.125)]).rows()
    assert rows == [
        {"label": "online (n = 8)", "rate": 0.5, "low": 0.25, "high": 0.75, "text": "50 % [25, 75]"}
        | {"ceiling": None, "chance": None},
        {"label": "rtrl (n = 16)", "rate": 1.0, "low": 0.81, "high": 1.0, "text": "100 % [81, 100]"}
        | {"ceiling": 1.0, "chance": 0.125},
    ]


@pytest.mark.parametrize(
    "rates",
    [
        [],
        [("a", HALF), ("a", ALL)],
        [("a", Estimate(1.2, 0.0, 1.0, 3, "m"))],
        [("a", HALF, 2.0)],
        [("a", HALF, None, -1.0)],
    ],
)
def test_refuses_what_is_no_rate(rates):
    with pytest.raises(InvalidInput, match="rates must"):
        success.facts(rates)


def test_marks_and_their_key_are_there_when_they_are_known():
    plain = success.draw(success.facts([("online", HALF)]))
    assert [layer["mark"]["type"] for layer in plain["layer"]] == ["rule", "point", "text"]
    assert plain["title"]["subtitle"] == "line: interval (wilson 95 %)"
    full = success.draw(success.facts([("online", HALF, 1.0, 0.2)]))
    assert [layer["mark"]["type"] for layer in full["layer"]] == ["tick", "tick", "rule", "point", "text"]
    assert full["title"]["subtitle"] == "line: interval (wilson 95 %); tick: best possible; dashed tick: chance"


def test_compiles_silently_and_shows_its_labels(capfd):
    spec = success.draw(success.facts([("rtrl", ALL, 1.0), ("online", HALF)], measure="Share of runs"))
    svg = vl_convert.vegalite_to_svg(spec, show_warnings=True)
    for text in ("rtrl (n = 16)", "100 % [81, 100]", "online (n = 8)", "50 % [25, 75]", "share of runs"):
        assert text in svg
    assert capfd.readouterr() == ("", "")
