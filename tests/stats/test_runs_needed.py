"""How many runs to add: against trying every n, and by what a rule must obey."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.stats import next_block, runs_needed, wilson

quick = settings(deadline=None, max_examples=60)
counts = st.integers(1, 100).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
widths = st.floats(0.02, 0.3)
Z = 1.959963984540054


def half_width(rate, n):
    return Z / (n + Z**2) * sqrt(n * rate * (1 - rate) + Z**2 / 4)


@given(counts, widths)
@quick
def test_it_is_the_first_n_that_is_narrow_enough(count, width):
    got, now = runs_needed(*count, width), wilson(*count)
    rates = [now.point, min(max(0.5, now.low), now.high)]
    already = half_width(now.point, now.n) <= width
    for rate, needed in zip(rates, got, strict=True):
        tried = next(n for n in range(now.n, 10_000) if already or half_width(rate, n) <= width + 1e-12)
        assert needed == tried
    assert got.expected <= got.most


def test_at_a_half_it_is_the_textbooks():
    assert runs_needed(50, 100, 0.05).most == 381  # Wilson's; the plain formula, 385, leaves out z squared
    assert runs_needed(50, 100, 0.2) == (100, 100)


@given(counts, widths, st.integers(1, 50), st.integers(1, 300))
@quick
def test_blocks_end_when_the_interval_is_narrow_or_the_budget_spent(count, width, block, most):
    (successes, n), added = count, 0
    while step := next_block(successes, n + added, width, block, most):
        assert step <= block
        added += step
        assert n + added <= most
    now = wilson(successes, n + added)
    assert (now.high - now.low) / 2 <= width or n + added >= most


def test_the_first_block_needs_no_runs():
    assert next_block(0, 0, 0.1, block=20, most=200) == 20
    assert next_block(0, 0, 0.1, block=20, most=5) == 5


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: runs_needed(1, 2, 0.5), "half_width must lie between 0 and 0.5, but got 0.5"),
        (lambda: runs_needed(3, 2, 0.1), "successes must be from 0 to n = 2"),
        (lambda: next_block(1, 2, 0.0, 20, 100), "half_width must lie between 0 and 0.5"),
        (lambda: next_block(1, 2, 0.1, 0, 100), "block must be at least 1, but got 0"),
    ],
)
def test_impossible_aims_are_one_sentence(call, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        call()
