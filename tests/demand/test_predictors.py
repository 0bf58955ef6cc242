"""The predictors of every window, against a plain loop over dictionaries and against what must hold of any."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from memspan.demand.markov import predictions
from memspan.demand.samples import COUNTS, SELECTION, WEIGHTS, Samples, hold_out


def contexts_of(rows, window):
    """The last `window` symbols of each position; "^" stands before the start, and beyond it nothing is longer."""
    for row in rows:
        for time in range(len(row)):
            yield ("^", *row)[max(0, time + 2 - window) : time + 2] if window else ()


def grade_of(followers):
    often, kinds = followers.total(), len(followers)
    return math.frexp(often)[1], 0 if kinds == 1 else 1 if 2 * kinds <= often else 2


def slow_predictions(rows, targets, parts, n_symbols, longest):
    """The same mixture, written as a loop: for each window a list of (probability, guess) at the held-out positions."""
    answers = [target for row in targets for target in row]
    part = [parts[i] for i, row in enumerate(rows) for _ in row]
    place = [(i, time) for i, row in enumerate(rows) for time in range(len(row))]
    shares = [[1 / n_symbols] * n_symbols for _ in answers]  # the whole distribution at every position
    done = [False] * len(answers)
    for window in range(longest + 1):
        context = list(contexts_of(rows, window))
        followers, met = defaultdict(Counter), defaultdict(list)
        for at, answer in enumerate(answers):
            if part[at] == COUNTS:
                followers[context[at]][answer] += 1
        grades = {grade_of(counter) for counter in followers.values()}
        for at, answer in enumerate(answers):
            counter = followers.get(context[at])
            if part[at] == WEIGHTS and counter and not done[at]:
                met[grade_of(counter)].append((counter[answer] / counter.total(), shares[at][answer]))
        weight = {grade: fitted(met[grade], expected(*grade)) for grade in grades}
        for at in range(len(answers)):
            counter = followers.get(context[at])
            if not counter or done[at]:
                continue
            w = weight[grade_of(counter)]
            shares[at] = [w * counter[s] / counter.total() + (1 - w) * shares[at][s] for s in range(n_symbols)]
            done[at] = place[at][1] + 1 < window
        yield [shares[at] for at in range(len(answers)) if part[at] >= SELECTION]


def expected(power, mixed):
    often = 1.5 * 2 ** (power - 1)
    return often / (often + (1, max(2, often / 4), 0.75 * often)[mixed])


def fitted(pairs, prior):
    def slope(w):
        return sum((f - p) / (p + w * (f - p)) for f, p in pairs) + prior / w - (1 - prior) / (1 - w)

    best = brentq(slope, 1e-12, 1 - 1e-12, xtol=1e-14)
    earned = sum(math.log1p(best * (f - p) / p) for f, p in pairs)
    return best if earned > max(1.0, math.log(max(len(pairs), 1)) / 2) else 0.0


def drawn(seed, symbols=3, n_rows=60):
    """Sequences of unequal length in which a symbol tends to follow the one two steps before."""
    rng = np.random.default_rng(seed)
    rows = []
    for length in rng.integers(2, 12, size=n_rows):
        row = list(rng.integers(symbols, size=2))
        for _ in range(length):
            row.append(row[-2] if rng.random() < 0.7 else rng.integers(symbols))
        rows.append(np.array(row))
    return [row[:-1] for row in rows], [row[1:] for row in rows]


@pytest.mark.parametrize("seed", range(4))
def test_equals_the_plain_loop(seed):
    inputs, targets = drawn(seed)
    samples = hold_out(inputs, targets, None, 5, np.random.default_rng(seed))
    parts = {int(u): int(p) for u, p in zip(samples.unit, samples.part, strict=True)}
    slow = slow_predictions([row.tolist() for row in inputs], [row.tolist() for row in targets], parts, 3, 5)
    held = samples.target[samples.part >= SELECTION]
    moved = 0.0
    for fast, shares in zip(predictions(samples, 3, 3), slow, strict=True):
        expected = np.array(shares)[np.arange(len(held)), held]
        # The weights of the library are halved to 2**-32.
        np.testing.assert_allclose(fast.probability, expected, atol=2e-9, rtol=0)
        ranked = np.sort(shares, axis=1)
        clear = ranked[:, -1] - ranked[:, -2] > 1e-6
        assert np.array_equal(fast.right[clear], (np.argmax(shares, axis=1) == held)[clear])
        moved += np.abs(fast.probability - 1 / 3).mean()
    assert moved > 0.1  # the weights were not all refused


@pytest.mark.parametrize("seed", range(3))
def test_probabilities_add_up_to_one(seed):
    """Every held-out position is asked for every symbol; what is asked for does not change what is counted."""
    inputs, targets = drawn(seed)
    samples = hold_out(inputs, targets, None, 6, np.random.default_rng(seed))
    held = samples.part >= SELECTION
    where = np.concatenate([np.flatnonzero(~held), np.repeat(np.flatnonzero(held), 3)])
    asked = samples.target[where]
    asked[(~held).sum() :] = np.tile(np.arange(3), held.sum())
    widened = samples._replace(
        end=samples.end[where],
        room=samples.room[where],
        target=asked,
        unit=samples.unit[where],
        part=samples.part[where],
    )
    for window in predictions(widened, 3, 3):
        np.testing.assert_allclose(window.probability.reshape(-1, 3).sum(axis=1), 1, atol=1e-12)
        assert window.probability.min() > 0


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)), st.integers(0, 5))
def test_names_of_symbols_do_not_matter(names, seed):
    inputs, targets = drawn(seed, symbols=4)
    rename = np.array(names)
    split = [np.random.default_rng(seed) for _ in range(2)]
    one = hold_out(inputs, targets, None, 4, split[0])
    other = hold_out([rename[row] for row in inputs], [rename[row] for row in targets], None, 4, split[1])
    for first, second in zip(predictions(one, 4, 4), predictions(other, 4, 4), strict=True):
        np.testing.assert_allclose(first.probability, second.probability, rtol=1e-12)
        assert np.array_equal(first.seen, second.seen)
        assert np.array_equal(first.right, second.right)


def test_the_held_out_targets_teach_nothing():
    inputs, targets = drawn(0)
    samples = hold_out(inputs, targets, None, 4, np.random.default_rng(0))
    held = samples.part >= SELECTION
    other = samples._replace(target=np.where(held, 2, samples.target))
    for first, second in zip(predictions(samples, 3, 3), predictions(other, 3, 3), strict=True):
        same = samples.target[held] == 2
        np.testing.assert_array_equal(first.probability[same], second.probability[same])


def test_a_symbol_never_counted_still_has_a_probability():
    inputs, targets = drawn(0)
    samples = hold_out(inputs, targets, None, 3, np.random.default_rng(0))
    last = list(predictions(samples._replace(target=np.where(samples.part == 3, 3, samples.target)), 3, 4))[-1]
    assert 0 < last.probability.min() < 0.05


def test_blocks_keep_a_gap_of_a_window_between_the_parts():
    rows = [np.arange(5000) % 7]
    samples: Samples = hold_out([rows[0][:-1]], [rows[0][1:]], None, 8, np.random.default_rng(0))
    assert samples.is_cut
    assert samples.longest == 8
    reach = {}
    for end, unit, room in zip(samples.end, samples.unit, samples.room, strict=True):
        assert room >= samples.longest
        first = end - samples.longest + 1  # the earliest symbol it may look at
        low, high = reach.get(unit, (first, end))
        reach[unit] = (min(low, first), max(high, end))
    spans = sorted(reach.values())
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert np.bincount(samples.part).min() > 0


def test_whole_sequences_stay_in_one_part():
    inputs, targets = drawn(1, n_rows=200)
    samples = hold_out(inputs, targets, None, 8, np.random.default_rng(0))
    assert not samples.is_cut
    assert all(len(set(samples.part[samples.unit == unit])) == 1 for unit in range(samples.n_units))
    share = np.bincount(samples.part[np.unique(samples.unit, return_index=True)[1]]) / 200
    np.testing.assert_allclose(share, [0.6, 0.1, 0.15, 0.15])
