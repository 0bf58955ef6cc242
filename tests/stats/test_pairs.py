"""McNemar's test and the median's interval, against SciPy's own and against every possible outcome."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.stats import mcnemar, median

COUNTS = st.integers(0, 60)


@given(COUNTS, COUNTS)
def test_mcnemar_is_scipy_s_exact_test_less_half_of_what_was_seen(first, second):
    """The two-sided exact p-value at one half is twice a tail; the mid-p-value counts the outcome itself by half."""
    n = first + second
    if n == 0:
        assert mcnemar(first, second) == 1
        return
    exact = scipy.stats.binomtest(first, n).pvalue
    seen = scipy.stats.binom.pmf(first, n, 0.5)
    expected = 1.0 if first == second else exact - seen
    assert mcnemar(first, second) == pytest.approx(expected, abs=1e-12)
    assert mcnemar(first, second) == mcnemar(second, first)


@pytest.mark.parametrize("seeds", [10, 20, 100])
@pytest.mark.parametrize("apart", [0.1, 0.3, 0.5, 0.9])
def test_mcnemar_finds_a_difference_where_there_is_none_in_five_percent_of_studies(seeds, apart):
    """Exactly, over all outcomes of seeds each of which tells the sides apart with this chance, in either direction."""
    n = np.arange(seeds + 1)
    level = [sum(comb(m, k) for k in range(m + 1) if mcnemar(k, m - k) <= 0.05) / 2**m for m in n.tolist()]
    assert scipy.stats.binom.pmf(n, seeds, apart) @ level <= 0.052


def test_one_sided_seeds():
    assert mcnemar(5, 0) == pytest.approx(1 / 32)
    with pytest.raises(InvalidInput):
        mcnemar(-1, 2)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=60), st.sampled_from([0.8, 0.95]))
def test_the_median_s_interval_is_scipy_s(values, confidence):
    found = median(values, confidence)
    theirs = scipy.stats.quantile_test(values, q=np.median(values), p=0.5).confidence_interval(confidence)
    expected = [end if np.isfinite(end) else outside for end, outside in zip(theirs, (0.0, 1.0), strict=True)]
    assert (found.point, found.low, found.high, found.n) == (float(np.median(values)), *expected, len(values))


@pytest.mark.parametrize("values", [[], [[0.5]], [1.5], [-0.1], [float("nan")]])
def test_what_has_no_median_is_refused(values):
    with pytest.raises(InvalidInput, match="values must be"):
        median(values)
