"""The exact ceiling, against a dictionary of contexts."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.ceiling import Ceilings, ceiling, demand, smallest_window
from memspan.core.errors import InvalidInput


def brute_force(inputs, targets, window, mask=None, weights=None):
    """Count the targets of every context in a dictionary; a short context is a tuple of another length."""
    votes, total = defaultdict(Counter), 0
    for row in range(len(inputs)):
        weight = 1 if weights is None else weights[row]
        for time in range(len(inputs[row])):
            if mask is None or mask[row][time]:
                context = tuple(inputs[row][max(0, time + 1 - window) : time + 1].tolist())
                votes[context][int(targets[row][time])] += weight
                total += weight
    return Fraction(sum(max(answers.values()) for answers in votes.values()), total)


@st.composite
def sets_of_sequences(draw):
    """Up to five sequences of unequal length, with negative symbols too, a mask and weights."""
    symbol = st.integers(-1, 2)
    inputs, targets, mask = [], [], []
    for length in draw(st.lists(st.integers(1, 12), min_size=1, max_size=5)):
        inputs.append(np.array(draw(st.lists(symbol, min_size=length, max_size=length))))
        targets.append(np.array(draw(st.lists(symbol, min_size=length, max_size=length))))
        mask.append(np.array(draw(st.lists(st.booleans(), min_size=length, max_size=length))))
    mask[0][draw(st.integers(0, len(mask[0]) - 1))] = True
    weights = draw(st.lists(st.integers(1, 4), min_size=len(inputs), max_size=len(inputs)))
    return inputs, targets, mask, weights


@settings(deadline=None)
@given(sets_of_sequences(), st.integers(1, 14))
def test_equals_brute_force(sequences, window):
    inputs, targets, mask, weights = sequences
    assert ceiling(inputs, targets, window) == brute_force(inputs, targets, window)
    assert ceiling(inputs, targets, window, mask, weights) == brute_force(inputs, targets, window, mask, weights)


@settings(deadline=None)
@given(sets_of_sequences())
def test_demand_is_the_first_window_that_reaches_the_best(sequences):
    ceilings = Ceilings(*sequences)
    curve = [ceilings.at(window) for window in range(1, 15)]
    assert curve == sorted(curve)
    assert demand(*sequences) == ceilings.demand == curve.index(curve[-1]) + 1


@settings(deadline=None)
@given(sets_of_sequences(), st.data())
def test_no_table_of_the_current_symbol_beats_window_one(sequences, data):
    inputs, targets, mask, _ = sequences
    table = {symbol: data.draw(st.integers(-1, 2)) for symbol in range(-1, 3)}
    answers = np.array([table[symbol] for row in inputs for symbol in row.tolist()])
    right = (answers == np.concatenate(targets))[np.concatenate(mask)]
    assert Fraction(int(right.sum()), len(right)) <= ceiling(inputs, targets, 1, mask)


def test_order_of_asking_does_not_matter():
    rng = np.random.default_rng(0)
    inputs, targets = [list(rng.integers(2, size=(3, 40))) for _ in range(2)]
    shared = Ceilings(inputs, targets)
    for window in (33, 1, 17, 40, 2, 1000, 16):
        assert shared.at(window) == ceiling(inputs, targets, window) == brute_force(inputs, targets, window)


def test_a_weight_counts_as_so_many_copies():
    inputs = [np.array([0, 1]), np.array([0, 1])]
    targets = [np.array([1, 0]), np.array([1, 1])]
    assert ceiling(inputs, targets, 2, weights=[3, 1]) == Fraction(7, 8)
    assert ceiling(inputs, targets, 2, weights=[3, 0]) == 1


def test_the_start_is_seen():
    """Both 0s have the same symbol, but only the first has nothing before it."""
    inputs, targets = [np.array([0, 0])], [np.array([1, 2])]
    assert ceiling(inputs, targets, 1) == Fraction(1, 2)
    assert ceiling(inputs, targets, 2) == 1


def test_smallest_window_where_nothing_helps():
    assert smallest_window(lambda window: Fraction(1, 2), 9) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([], [], 1), "inputs must be sequences of one symbol or more"),
        (([np.array([], int)], [np.array([], int)], 1), "inputs must be sequences of one symbol or more"),
        (([np.array([1])], [np.array([1, 2])], 1), "targets must have the lengths of inputs"),
        (
            ([np.array([1])], [np.array([1])], 1, [np.array([True, True])]),
            "mask must have the lengths of inputs",
        ),
        (([np.array([1])], [np.array([1])], 1, [np.array([False])]), "must leave a position to score"),
        (([np.array([1])], [np.array([1])], 1, None, [1, 2]), "weights must be 1 whole numbers"),
        (([np.array([1])], [np.array([1])], 1, None, [-1]), "weights must be 1 whole numbers"),
        (([np.array([1])], [np.array([1])], 0), "window must be a whole number of at least 1"),
    ],
)
def test_refusals(arguments, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        ceiling(*arguments)
