"""transformers, LRU-pytorch and s5-pytorch run here and now: golden_linear.npz is what they give today."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracles.make_golden_linear import GOLDEN, generate

# s5-pytorch still compiles with torch.jit, which warns.
pytestmark = [pytest.mark.extended, pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")]


def test_the_golden_values_are_those_of_today():
    with np.load(GOLDEN, allow_pickle=False) as stored:
        golden = dict(stored)
    fresh = generate()
    assert set(fresh) == set(golden)
    for name, values in fresh.items():
        np.testing.assert_allclose(golden[name], values, rtol=0, atol=1e-5, err_msg=name)
