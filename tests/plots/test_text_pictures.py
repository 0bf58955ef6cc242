"""Pictures as text: rows, signs and shades that need no colour, within the width."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from memspan.plots import cell_state, loss_curves, text


def printed(renderable, width=80, encoding="utf-8", **options):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=stream, width=width, legacy_windows=False, **options).print(renderable)
    stream.seek(0)
    return stream.read()


def states():
    """Return two units that keep the cue, one that does not, and one that is not finite."""
    cells = np.zeros((2, 4, 4))
    cells[0, :, 2], cells[1, :, 2] = 2.0, -2.0
    cells[0, :, 0] = -1.0
    cells[:, :, 1] = 0.1
    cells[0, 2, 3] = np.nan
    return cell_state.facts([[3, 0, 1, 2], [4, 0, 1, 2]], cells)


def test_cells_show_sign_and_shade():
    lines = printed(text.cell_state(states())).splitlines()
    assert lines[1] == "unit | 3   0   1   2   | 4   0   1   2   | 3|4 0   1   2  "
    assert lines[2] == "   2 | +▒▒ +▒▒ +▒▒ +▒▒ | -▒▒ -▒▒ -▒▒ -▒▒ | +██ +██ +██ +██"
    assert lines[3] == "   0 | -░░ -░░ -░░ -░░ |  ·   ·   ·   ·  | -░░ -░░ -░░ -░░"
    assert lines[4] == "   1 |  ·   ·   ·   ·  |  ·   ·   ·   ·  |  ·   ·   ·   · "
    assert lines[5] == "   3 |  ·   ·  ???  ·  |  ·   ·   ·   ·  |  ·   ·  ???  · "
    assert lines[6].endswith("██ is 4")
    assert lines[7] == "1 of 4 units are not finite, shown as ???"


def test_a_terminal_without_block_characters_gets_plain_ones():
    for renderable in (
        text.cell_state(states()),
        text.loss_curves(loss_curves.facts({"é": np.array([[0.7, 0.1]])})),
    ):
        shown = printed(renderable, encoding="ascii")
        assert shown.isascii()
    assert "   2 | +:: +:: +:: +:: | -:: " in printed(text.cell_state(states()), encoding="ascii")


def test_colour_repeats_the_text_and_no_color_removes_it(monkeypatch):
    coloured = printed(text.cell_state(states()), force_terminal=True, color_system="256")
    assert "\x1b[38;5;" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed(text.cell_state(states()), force_terminal=True, color_system="256")
    assert "38;5" not in plain
    assert "+██" in plain


@given(st.integers(1, 50), st.integers(1, 30), st.integers(30, 200), st.sampled_from(["utf-8", "ascii"]))
def test_fits_the_terminal_and_80_columns(steps, units, width, encoding):
    cells = np.random.default_rng(0).normal(size=(2, steps, units))
    facts = cell_state.facts([["a"] * steps, ["b"] * steps], cells)
    lines = printed(text.cell_state(facts), width, encoding).splitlines()
    assert max(cell_len(line) for line in lines) <= min(width, 80)
    rows = [line for line in lines if line[4:7] == " | " and line[:4].strip().isdigit()]
    assert [int(row[:4]) for row in rows] == list(facts.units[:10])


def test_says_which_steps_and_units_are_left_out():
    facts = cell_state.facts([["a"] * 40, ["b"] * 40], np.ones((2, 40, 30)))
    shown = printed(text.cell_state(facts))
    assert "the first 3 and the last 2 of 40 steps" in shown
    assert "10 of 30 units" in shown


def test_one_bar_per_epoch_falls_with_the_loss():
    facts = loss_curves.facts({"online": np.array([[1.0, 0.1, 0.01]]), "rtrl": np.array([[0.1, 0.01, 0.001]])})
    lines = printed(text.loss_curves(facts)).splitlines()
    assert lines[:4] == [
        "online (n = 1)",
        "1 █▆▃ 0.01 [0.01, 0.01]",
        "rtrl (n = 1)",
        "0.1 ▆▃▁ 0.001 [0.001, 0.001]",
    ]


def test_diverged_runs_are_counted_and_marked():
    loss = np.array([[0.7, np.nan, np.nan], [0.7, 0.5, np.inf], [0.7, 0.4, 0.3]])
    lines = printed(text.loss_curves(loss_curves.facts({"online": loss}))).splitlines()
    assert lines[0] == "online (n = 3, 2 diverged)"
    assert lines[1].startswith("0.7 █▁! inf [")


@pytest.mark.parametrize("width", [44, 80, 200])
def test_a_curve_is_one_line(width):
    loss = np.geomspace(0.7, 1.23456e-7, 1000)[None].repeat(5, axis=0)
    lines = printed(text.loss_curves(loss_curves.facts({"online": loss})), width).splitlines()
    assert lines[1].startswith("0.7 █")
    assert lines[1].endswith("[1.2e-07, 1.2e-07]")
    assert len(lines[1]) <= min(width, 80)
