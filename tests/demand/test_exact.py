"""Exact demands and the conflicts that force them, against dictionaries."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.ceiling import ceiling, demand
from memspan.core.contexts import Contexts
from memspan.demand import exact, steps
from memspan.demand.conflicts import find_conflicts


@st.composite
def sets_of_sequences(draw):
    symbol = st.integers(0, 2)
    inputs, targets, mask = [], [], []
    for length in draw(st.lists(st.integers(1, 10), min_size=1, max_size=5)):
        inputs.append(np.array(draw(st.lists(symbol, min_size=length, max_size=length))))
        targets.append(np.array(draw(st.lists(symbol, min_size=length, max_size=length))))
        mask.append(np.array(draw(st.lists(st.booleans(), min_size=length, max_size=length))))
    mask[0][draw(st.integers(0, len(mask[0]) - 1))] = True
    return inputs, targets, mask


def tables(inputs, targets, mask, window):
    """What follows each context; the start is a symbol."""
    found = defaultdict(Counter)
    for row, wanted, scored in zip(inputs, targets, mask, strict=True):
        for time in np.flatnonzero(scored):
            seen = ("^", *row.tolist())[max(0, time + 2 - window) : time + 2]
            found[seen][int(wanted[time])] += 1
    return found


@settings(deadline=None)
@given(sets_of_sequences())
def test_every_window_has_its_ceiling(sequences):
    known = exact(*sequences)
    assert known.demand == demand(*sequences)
    assert known.steps[0].first == 1
    for step in known.steps:
        for window in range(step.first, step.last + 1):
            assert step.ceiling == ceiling(sequences[0], sequences[1], window, sequences[2])


@settings(deadline=None)
@given(sets_of_sequences(), st.integers(1, 11))
def test_conflicts_are_the_contexts_with_several_targets(sequences, window):
    inputs, targets, mask = sequences
    contexts = Contexts(inputs)
    found = find_conflicts(
        contexts, np.concatenate(targets), np.concatenate(mask), window, range(3), range(3), most=1000
    )
    expected = {seen: counts for seen, counts in tables(*sequences, window).items() if len(counts) > 1}
    got = {}
    for conflict in found:
        start = ("^",) if len(conflict.context) < window else ()
        got[start + conflict.context] = Counter(dict(conflict.followers))
        assert conflict.times == sum(often for _, often in conflict.followers)
        assert conflict.resolved_by == resolution(sequences, start + conflict.context, window)
    assert got == expected
    costs = [conflict.times - conflict.followers[0][1] for conflict in found]
    assert costs == sorted(costs, reverse=True)


def resolution(sequences, context, window):
    """The first longer window at which every context that ends like this one has a single target."""
    for longer in range(window + 1, 13):
        found = tables(*sequences, longer)
        if all(
            len(counts) == 1
            for seen, counts in found.items()
            if seen[-len(context) :] == context and matches(seen, context)
        ):
            return longer
    return None


def matches(seen, context):
    return context[0] != "^" or seen == context


def test_only_changes_are_asked_for():
    asked = []

    def at(window):
        asked.append(window)
        return Fraction(window >= 70_000)

    found = steps(at, 100_000)
    assert [(step.first, step.last) for step in found] == [(1, 69_999), (70_000, 100_000)]
    assert len(asked) < 40


def test_a_conflict_reads_well_at_any_lag():
    rows = [np.array([symbol, *range(1000)]) for symbol in (1000, 1001)]
    targets = [np.concatenate([row[1:], row[:1]]) for row in rows]
    known = exact(rows, targets)
    assert known.demand == 1001
    assert str(known.conflicts[0]) == (
        "after 0 1 2 3 ... 996 997 998 999 (1,000 symbols): 1000 in 50 %, 1001 in 50 %; resolved by the symbol "
        "1,001 steps back"
    )


def test_what_nothing_resolves_says_so():
    rows, targets = [np.array([0, 1])] * 2, [np.array([0, 0]), np.array([0, 1])]
    found = find_conflicts(Contexts(rows), np.concatenate(targets), np.ones(4, bool), 1, "ab", "xy")
    assert [str(conflict) for conflict in found] == ["after b: x in 50 %, y in 50 %; resolved by no symbol before"]


def test_the_start_can_resolve():
    rows, targets = [np.array([0, 0])], [np.array([1, 2])]
    known = exact(rows, targets)
    assert known.demand == 2
    assert known.conflicts[0].resolved_by == 2
