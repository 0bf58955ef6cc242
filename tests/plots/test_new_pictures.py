"""Differences, scores, gates, single steps, and the picture as a value: facts against NumPy, drawings that render."""

from __future__ import annotations

import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots import Picture, cell_state, differences, gate_activity, render, score_by_lag, state_steps
from memspan.stats import newcombe

GAIN = Estimate(0.5, 0.3, 0.7, 40, "newcombe 95 %")
SEQUENCES = [[3, 0, 1], [4, 0, 1]]


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_point_is_filled_where_its_interval_leaves_out_nothing(one, other):
    difference = newcombe(one, 20, other, 20)
    shown = differences.facts([("a", difference)], "b")
    assert (shown.apart == ("a",)) == (difference.low > 0 or difference.high < 0)
    row = shown.rows()[0]
    assert [row[name] for name in ("low", "difference", "high")] == pytest.approx(
        [100 * difference.low, 100 * (one - other) / 20, 100 * difference.high]
    )
    filled = differences.draw(shown)["layer"][2]["encoding"]["color"]["condition"][0]["test"]
    assert filled == "datum.low > 0 || datum.high < 0"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "lines must bear labels that differ, one or more, but got"),
        ([("a", GAIN), ("a", GAIN)], "lines must bear labels that differ"),
        ([("a", Estimate(50.0, 30.0, 70.0, 40, "percent"))], "lines must be differences of rates in their intervals"),
    ],
)
def test_refuses_what_is_no_difference(lines, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        differences.facts(lines, "b")


@given(hnp.arrays(float, st.integers(1, 30), elements=st.floats(0, 1)))
def test_quantiles_are_runs_of_their_own(values):
    row = score_by_lag.facts({"a": {3: values}}, [], "accuracy").rows[0]
    assert {row["low"], row["median"], row["high"]} <= set(values.tolist())
    assert row["low"] == np.sort(values)[int(np.ceil(0.1 * len(values))) - 1]
    assert row["low"] <= row["median"] <= row["high"]


def test_a_score_that_is_not_finite_is_lower_than_any_other():
    row = score_by_lag.facts({"a": {3: np.array([np.nan, 0.5, 0.9])}}, [], "accuracy").rows[0]
    assert (row["low"], row["median"], row["high"]) == (-np.inf, 0.5, 0.9)
    drawn = score_by_lag.draw(score_by_lag.facts({"a": {3: np.array([np.nan])}}, [], "accuracy"))
    assert drawn["data"]["values"][0]["median"] is None
    assert "<svg" in vl_convert.vegalite_to_svg(drawn)


def test_bounds_are_lines_that_differ_in_their_dashes():
    bounds = [score_by_lag.Bounds(3, 0.2, 0.875, 1.0)]
    drawn = score_by_lag.draw(score_by_lag.facts({"a": {3: np.array([0.9])}}, bounds, "accuracy"))
    rows = {row["bound"]: row["value"] for row in drawn["layer"][0]["data"]["values"]}
    assert rows == {"chance": 0.2, "floor": 0.875, "best": 1.0}
    dashes = drawn["layer"][0]["encoding"]["strokeDash"]["scale"]["range"]
    assert len({tuple(dash) for dash in dashes}) == 3


def test_refuses_a_recipe_without_runs():
    with pytest.raises(InvalidInput, match="scores must hold one run or more, but got none for 'a' at lag 3"):
        score_by_lag.facts({"a": {3: np.array([])}}, [], "accuracy")


@given(hnp.arrays(float, (2, 3, 4), elements=st.floats(0, 1)))
def test_gates_are_shown_as_they_are(gate):
    shown = gate_activity.facts(SEQUENCES, {"forget": gate}, units=[2, 0])
    rows = {(row["step"], row["unit"]): row["open"] for row in shown.rows("forget", 1)}
    assert rows.keys() == {(step, unit) for step in (1, 2, 3) for unit in (0, 2)}
    assert rows[2, 2] == pytest.approx(gate[1, 1, 2], rel=1e-3)
    assert f"{gate.mean():.0%}" in shown.title


@pytest.mark.parametrize("gate", [np.full((2, 3, 4), 1.2), np.full((2, 2, 4), 0.5), np.full((2, 3, 4), np.nan)])
def test_refuses_what_is_no_gate(gate):
    with pytest.raises(InvalidInput, match="gates must be"):
        gate_activity.facts(SEQUENCES, {"forget": gate})


def test_bars_are_the_cells_and_words_name_the_unit_that_differs_most():
    cells = np.arange(24.0).reshape(2, 3, 4) / 10
    cells[1, 1, 3] += 2
    facts = cell_state.facts(SEQUENCES, cells)
    drawn = state_steps.draw(facts)
    for sequence, panel in enumerate(drawn["hconcat"]):
        rows = panel["data"]["values"]
        assert {(row["step"], row["unit"]): row["value"] for row in rows} == {
            (step + 1, str(unit)): pytest.approx(cells[sequence, step, unit]) for step in range(3) for unit in range(4)
        }
    assert drawn["params"][0]["bind"]["max"] == 3
    apart = np.abs(cells[0, 1] - cells[1, 1])
    assert state_steps.told(facts)[1] == (
        f"Step 2 of 3, reading 0: the cell states differ by {apart.mean():.2f} a unit, most in unit {apart.argmax()} "
        f"({cells[0, 1, 3]:.2f} and {cells[1, 1, 3]:.2f})."
    )


@pytest.mark.parametrize(
    "spec",
    [
        differences.draw(differences.facts([("a", GAIN)], "b")),
        score_by_lag.draw(score_by_lag.facts({"a": {3: np.array([0.9])}}, [], "accuracy")),
        gate_activity.draw(gate_activity.facts(SEQUENCES, {"input": np.full((2, 3, 4), 0.5)})),
        state_steps.draw(cell_state.facts(SEQUENCES, np.ones((2, 3, 4)))),
    ],
)
def test_a_picture_is_a_value_that_notebooks_show(spec, tmp_path):
    picture = Picture(spec)
    shown = picture._repr_mimebundle_()
    assert shown["application/vnd.vegalite.v6+json"] is spec
    assert shown["image/svg+xml"].startswith("<svg")
    assert list(picture._repr_mimebundle_(include=["text/plain"])) == ["text/plain"]
    assert "image/svg+xml" not in picture._repr_mimebundle_(exclude=["image/svg+xml"])
    assert picture.save(tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["\x00", "bell \x07", "\uffff", "</script>", "\u202eabc", "日本語"])
def test_any_name_can_be_drawn(name):
    """Without `writable` some of these end the process, so that no test could fail politely."""
    drawn = render.svg(differences.draw(differences.facts([(name, GAIN)], name)))
    assert drawn.startswith("<svg")
