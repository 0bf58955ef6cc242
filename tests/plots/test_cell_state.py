"""The cell state of two sequences, against loops over units."""

from __future__ import annotations

import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from memspan.core.errors import InvalidInput
from memspan.plots import cell_state

STATES = st.floats(-5, 5, width=32)
CELLS = st.tuples(st.integers(1, 6), st.integers(1, 8)).flatmap(
    lambda size: arrays(np.float32, (2, *size), elements=STATES)
)


def shown(cells, first="abcdefghij", second="xbcdefghij"):
    return cell_state.facts([first[: cells.shape[1]], second[: cells.shape[1]]], cells)


@given(CELLS)
def test_orders_units_by_their_difference_at_the_last_step(cells):
    facts = shown(cells)
    assert sorted(facts.units) == list(range(cells.shape[2]))
    gaps = [abs(float(cells[0, -1, unit]) - float(cells[1, -1, unit])) for unit in facts.units]
    assert gaps == sorted(gaps, reverse=True)


@given(CELLS)
def test_table_holds_the_states_and_their_differences(cells):
    facts = shown(cells)
    table = {(row["panel"], row["step"], row["unit"]): row["value"] for row in facts.rows()}
    assert len(table) == 3 * cells[0].size
    for step in range(cells.shape[1]):
        gaps = []
        for unit in range(cells.shape[2]):
            first, second = float(cells[0, step, unit]), float(cells[1, step, unit])
            assert [table[name, step + 1, unit] for name in facts.names] == [first, second, first - second]
            gaps.append(abs(first - second))
        assert facts.distance[step] == pytest.approx(sum(gaps) / len(gaps))


def test_names_symbols_where_they_differ():
    facts = cell_state.facts([[3, 0, 1, 2], [4, 0, 1, 2]], np.zeros((2, 4, 1)))
    assert facts.symbols[2] == ("3|4", "0", "1", "2")
    assert facts.names == ("Reading 3 0 1 2", "Reading 4 0 1 2", "Difference, first less second")


def test_titles_say_what_is_seen():
    cells = np.zeros((2, 3, 2))
    assert shown(cells).title == "The cell state is the same for both sequences"
    cells[0, 0], cells[0, 2] = 0.5, (1, 2)
    assert shown(cells).title == "Cell states differ by 0.50 per unit after the first symbol, 1.50 after the last"
    assert shown(cells[:, :1]).title == "Cell states differ by 0.50 per unit"
    assert shown(np.full((2, 3, 2), np.nan)).title == "No unit of the cell state is finite"


def test_says_that_only_the_first_symbol_differs_just_where_it_does():
    subtitle = cell_state.panel(shown(np.zeros((2, 3, 2))))["title"]["subtitle"]
    assert "only the first symbol differs" in subtitle
    other = cell_state.panel(shown(np.zeros((2, 3, 2)), second="xyc"))["title"]["subtitle"]
    assert "only the first symbol differs" not in other


def test_counts_units_that_are_not_finite_and_puts_them_last():
    cells = np.zeros((2, 2, 3))
    cells[0, :, 0], cells[0, :, 2], cells[1, 0, 1] = np.inf, 1.0, np.nan
    facts = shown(cells)
    assert facts.not_finite == 2
    assert facts.units == (2, 0, 1)
    assert facts.distance == (1.0, 1.0)
    assert [row["value"] for row in facts.rows() if row["unit"] == 0 and row["panel"] == facts.names[0]] == [
        None,
        None,
    ]
    assert "2 not finite" in cell_state.panel(facts)["title"]["subtitle"]


@pytest.mark.parametrize(
    ("sequences", "shape"),
    [
        (["ab"], (1, 2, 3)),
        (["ab", "ab"], (2, 3, 3)),
        (["ab", "abc"], (2, 2, 3)),
        (["", ""], (2, 0, 3)),
        (["a", "b"], (2, 1, 0)),
    ],
)
def test_refuses_shapes_that_do_not_agree(sequences, shape):
    with pytest.raises(InvalidInput, match="cells must be shaped"):
        cell_state.facts(sequences, np.zeros(shape))


def test_draws_the_units_that_differ_most():
    cells = np.zeros((2, 4, 100))
    cells[0, -1] = np.arange(100)
    spec = cell_state.draw(shown(cells))
    for view in spec["hconcat"]:
        units = list(dict.fromkeys(row["unit"] for row in view["data"]["values"]))
        assert units == list(range(99, 79, -1))
    assert "20 of 100 units" in spec["title"]["subtitle"]


def test_scale_is_centred_at_zero_and_shared():
    cells = np.array([[[0.5, -3.0]], [[0.25, 1.0]]])
    scales = [view["layer"][0]["encoding"]["color"]["scale"] for view in cell_state.draw(shown(cells))["hconcat"]]
    assert [scale["domain"] for scale in scales] == [[-4.0, 4.0]] * 3


@pytest.mark.parametrize("steps", [1, 4, 30])
def test_compiles_silently_and_shows_its_labels(capfd, steps):
    symbols = ['"', "\\", "'a", "<b>", "é", *"fghij"] * 3
    cells = np.random.default_rng(0).normal(size=(2, steps, 5))
    cells[0, 0, 1] = np.nan
    facts = cell_state.facts([symbols[:steps], [*symbols[1:steps], "z"]], cells)
    svg = vl_convert.vegalite_to_svg(cell_state.draw(facts), show_warnings=True)
    for text in ("Reading &quot;", "Difference, first less second", f"steps 1 to {steps}", "1 not finite"):
        assert text in svg.replace('"</text>', "&quot;</text>").replace('Reading "', "Reading &quot;")
    assert capfd.readouterr() == ("", "")
