"""statsmodels and lifelines run here and now: the golden values are what they give today."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.stats.make_stats_golden import FILES, GOLDEN

pytestmark = pytest.mark.extended


def flat(value):
    """All numbers in a row of a golden file, in order; a None is a number that was not reached."""
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list | tuple):
        return [number for part in value for number in flat(part)]
    return [np.inf if value is None else float(value)]


@pytest.mark.parametrize("name", FILES)
def test_the_golden_values_are_those_of_today(name):
    stored = json.loads((GOLDEN / name).read_text())["rows"]
    fresh = list(FILES[name][1]())
    assert len(fresh) == len(stored)
    np.testing.assert_allclose(flat(stored), flat(fresh), rtol=0, atol=1e-9)
