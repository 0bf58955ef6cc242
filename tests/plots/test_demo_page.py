"""The picture of the demonstration: all panels in one spec, with the numbers of runs in words."""

from __future__ import annotations

import numpy as np
import vl_convert

from memspan.core.estimate import Estimate
from memspan.plots import cell_state, demo_page, loss_curves, success

LOSS = np.geomspace(0.7, 0.01, 250)[None].repeat(12, axis=0)


def test_subtitle_states_runs_and_epochs():
    same = loss_curves.facts({"online": LOSS, "rtrl": LOSS})
    assert demo_page.facts("Memory", same).subtitle == "online, rtrl: 12 runs each, 250 epochs"
    one = loss_curves.facts({"online": LOSS})
    assert demo_page.facts("Memory", one, note="Adam").subtitle == "online: 12 runs, 250 epochs; Adam"
    other = loss_curves.facts({"online": LOSS, "rtrl": LOSS[:4, :9]})
    assert demo_page.facts("Memory", other).subtitle == "online: 12 runs, 250 epochs; rtrl: 4 runs, 9 epochs"


def test_compiles_silently_with_all_panels(capfd):
    cells = np.random.default_rng(0).normal(size=(2, 4, 20))
    facts = demo_page.facts(
        "A demonstration of memory",
        loss_curves.facts({"online": LOSS, "rtrl": LOSS / 2}),
        success.facts([("online", Estimate(0.5, 0.25, 0.75, 12, "wilson 95 %"), 1.0)]),
        cell_state.facts([[3, 0, 1, 2], [4, 0, 1, 2]], cells),
    )
    svg = vl_convert.vegalite_to_svg(demo_page.draw(facts), show_warnings=True)
    shown = (
        "A demonstration of memory",
        "12 runs each, 250 epochs",
        "online (n = 12)",
        "Reading 4 0 1 2",
        "3|4",
    )
    for text in shown:
        assert text in svg
    assert capfd.readouterr() == ("", "")


def test_panels_that_are_not_known_are_left_out():
    spec = demo_page.draw(demo_page.facts("Memory", loss_curves.facts({"mlp": LOSS})))
    assert len(spec["vconcat"]) == 1
    assert len(spec["vconcat"][0]["hconcat"]) == 1
