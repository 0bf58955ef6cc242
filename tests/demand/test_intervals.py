"""The intervals: do they hold the truth as often as they say?"""

from __future__ import annotations

import numpy as np
import pytest

from memspan.demand.bootstrap import MOST_UNITS, resample


def interval(rng, n_units):
    """Units of unequal size with a shared shift each: symbols of one sequence are not independent."""
    sizes = rng.integers(5, 15, size=n_units).astype(float)
    sums = sizes * (1 + 0.5 * rng.standard_normal(n_units)) + np.sqrt(sizes) * rng.standard_normal(n_units)
    return resample(sums[:, None], sizes, "sequences", rng).at(0)


@pytest.mark.parametrize("n_units", [9, 40])
def test_they_hold_the_truth_about_as_often_as_they_say(n_units):
    rng = np.random.default_rng(0)
    held = [estimate.low <= 1 <= estimate.high for estimate in (interval(rng, n_units) for _ in range(400))]
    # 95 % of 400 have a standard error of 1.1 %.
    assert 0.915 <= np.mean(held) <= 0.985


def test_pairing_removes_what_sequences_share():
    rng = np.random.default_rng(0)
    shared = 10 * rng.standard_normal(50)
    sums = np.stack([shared, shared + 0.1], axis=1) * 10
    drawn = resample(sums, np.full(50, 10.0), "sequences", rng)
    paired = drawn.difference(1, 0)
    assert paired.point == pytest.approx(0.1)
    assert paired.high - paired.low < 1e-9
    assert drawn.at(0).high - drawn.at(0).low > 1


def test_many_units_are_pooled_without_changing_the_interval():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((4 * MOST_UNITS, 1))
    drawn = resample(values, np.ones(len(values)), "sequences", rng).at(0)
    assert drawn.n == len(values)
    assert drawn.high - drawn.low == pytest.approx(2 * 1.96 / np.sqrt(len(values)), rel=0.1)
