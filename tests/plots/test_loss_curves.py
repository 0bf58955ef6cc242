"""The loss curves, against quantiles taken epoch by epoch from sorted lists."""

from __future__ import annotations

from math import floor, inf, isfinite, isinf

import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from memspan.core.errors import InvalidInput
from memspan.plots import loss_curves

LOSSES = st.floats(0, 1e6, width=32) | st.sampled_from([np.nan, np.inf, -np.inf])


def quantile_by_hand(values, q):
    """Interpolate between the two neighbours in sorted order; what is not finite is larger than all else."""
    ranked = sorted(value if isfinite(value) else inf for value in values)
    place = q * (len(ranked) - 1)
    below, share = floor(place), place - floor(place)
    if share == 0:
        return ranked[below]
    return inf if isinf(ranked[below + 1]) else ranked[below] * (1 - share) + ranked[below + 1] * share


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=LOSSES))
def test_equals_sorted_lists(loss):
    curve = loss_curves.facts({"rule": loss}).curves[0]
    for epoch in range(loss.shape[1]):
        column = [float(value) for value in loss[:, epoch]]
        for q, got in ((0.1, curve.low), (0.5, curve.median), (0.9, curve.high)):
            assert got[epoch] == pytest.approx(quantile_by_hand(column, q), rel=1e-9)
    assert curve.n == len(loss)
    assert curve.diverged == sum(any(not isfinite(v) for v in row) for row in loss.tolist())


@given(arrays(np.float32, (6, 5), elements=st.floats(0, 100, width=32)))
def test_finite_losses_give_finite_ordered_quantiles(loss):
    curve = loss_curves.facts({"rule": loss}).curves[0]
    for low, median, high in zip(curve.low, curve.median, curve.high, strict=True):
        assert 0 <= low <= median <= high <= 100


def test_counts_diverged_seeds_in_the_legend():
    loss = np.full((5, 3), 0.5)
    loss[0, 1:] = np.nan
    loss[1, 2] = np.inf
    curve = loss_curves.facts({"online": loss}).curves[0]
    assert curve.legend == "online (n = 5, 2 diverged)"
    assert curve.median == (0.5, 0.5, 0.5)
    assert curve.high == (0.5, inf, inf)


def test_titles_say_what_is_seen():
    low, high, lost = np.full((3, 2), 0.01), np.full((3, 2), 0.5), np.full((3, 2), np.nan)
    assert loss_curves.facts({"a": high, "b": low}).title == "b ends with the lowest median loss, 0.01"
    assert loss_curves.facts({"a": lost, "b": high}).title == "b ends with the lowest median loss, 0.5"
    assert loss_curves.facts({"a": high}).title == "a ends with a median loss of 0.5"
    assert loss_curves.facts({"a": lost}).title == "The median run diverged"


@pytest.mark.parametrize("losses", [{}, {"a": np.zeros((0, 4))}, {"a": np.zeros((4, 0))}, {"a": np.array([[-1.0]])}])
def test_refuses_what_has_no_curve(losses):
    with pytest.raises(InvalidInput, match="losses must"):
        loss_curves.facts(losses)


def test_draws_few_rows_with_the_first_and_last_epoch():
    values = loss_curves.draw(loss_curves.facts({"a": np.full((9, 4000), 0.5)}))["data"]["values"]
    assert len(values) == loss_curves.POINTS
    assert (values[0]["epoch"], values[-1]["epoch"]) == (1, 4000)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5),
        arrays(np.float64, (3, 4), elements=LOSSES.filter(lambda v: v != -1)),
        min_size=1,
        max_size=9,
    )
)
def test_all_that_is_drawn_lies_on_the_log_axis(losses):
    spec = loss_curves.draw(loss_curves.facts(losses))
    bottom, top = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert 0 < bottom < top < inf
    for row in spec["data"]["values"]:
        assert bottom <= row["low"] <= row["high"] <= top
        assert row["median"] is None or bottom <= row["median"] <= top


def test_compiles_silently_and_shows_its_labels(capfd):
    loss = np.linspace(0.7, 0.001, 40).reshape(1, 40).repeat(4, axis=0)
    lost = np.where(np.arange(40) < 20, loss, np.nan)
    svg = vl_convert.vegalite_to_svg(
        loss_curves.draw(loss_curves.facts({"RTRL": loss, "online": lost})), show_warnings=True
    )
    for text in ("RTRL (n = 4)", "online (n = 4, 4 diverged)", "epoch", "loss (log scale)", "runs diverged"):
        assert text in svg
    assert "NaN" not in svg
    assert capfd.readouterr() == ("", "")
