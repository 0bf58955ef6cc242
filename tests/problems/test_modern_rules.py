"""Each modern problem against its rule, told again in plain Python, on drawn sequences."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from memspan.problems import (
    AssociativeRecall,
    CopyMemory,
    CycleNavigation,
    DelayedRecall,
    Dyck,
    EvenPairs,
    InductionHeads,
    MemoryCapacity,
    ModernAdding,
    ModularArithmetic,
    MultiQueryRecall,
    NBack,
    Parity,
    SelectiveCopying,
)

ROWS = {"n_sequences": 300, "n_evaluation": 1}


def delayed_recall(problem, row):
    items = row[: problem.n_items]
    assert max(items) < problem.n_symbols
    assert all(problem.n_symbols <= filler < problem.n_inputs - 1 for filler in row[problem.n_items : problem.lag])
    assert row[problem.lag :] == [problem.n_inputs - 1] * problem.n_items
    return {problem.lag + i: item for i, item in enumerate(items)}


def copy_memory(problem, row):
    shown, marker = problem.n_items, problem.n_symbols + 1
    items = row[:shown]
    assert all(1 <= item <= problem.n_symbols for item in items)
    wait = [0] * (problem.lag - 1)
    end = [marker] * (shown + 1) if problem.source == "tcn" else [marker] + [0] * shown
    assert row[shown:] == wait + end
    return dict(enumerate([0] * (problem.lag + shown) + items))


def selective_copying(problem, row):
    shown = problem.n_noise + problem.n_items
    assert row[shown:] == [problem.n_symbols - 1] * problem.n_items
    items = [symbol for symbol in row[:shown] if symbol != 0]
    assert len(items) == problem.n_items
    assert max(items) < problem.n_symbols - 1
    return {shown + i: item for i, item in enumerate(items)}


def induction_heads(problem, row):
    special = problem.n_symbols - 1
    first, last = (step for step, symbol in enumerate(row) if symbol == special)
    assert last == len(row) - 1
    assert first <= len(row) - 4
    return {last: row[first + 1]}


def associative_recall(problem, row):
    pairs = dict(zip(row[: 2 * problem.n_pairs : 2], row[1 : 2 * problem.n_pairs : 2], strict=True))
    assert len(pairs) == problem.n_pairs
    assert row[2 * problem.n_pairs : -1] == [problem.n_inputs - 1] * 2
    return {len(row) - 1: pairs[row[-1]] - problem.n_keys}


def multi_query_recall(problem, row):
    shown, half = 2 * problem.n_pairs, problem.n_symbols // 2
    pairs = dict(zip(row[:shown:2], row[1:shown:2], strict=True))
    assert len(pairs) == len(set(pairs.values())) == problem.n_pairs
    assert all(1 <= key < half <= value < problem.n_symbols for key, value in pairs.items())
    queries = {step: row[step] for step in range(shown, len(row)) if row[step] != 0}
    assert sorted(queries.values()) == sorted(pairs)
    assert all((step - shown) % 2 == 0 for step in queries)
    return {step: pairs[key] for step, key in queries.items()}


def n_back(problem, row):
    return {t: int(row[t] == row[t - problem.lag]) for t in range(problem.lag, len(row))}


def parity(problem, row):
    assert row[-1] == 2
    return {len(row) - 1: row[:-1].count(1) % 2}


def even_pairs(problem, row):
    bits = "".join(map(str, row[:-1]))
    changes = sum(bits[i : i + 2] in ("01", "10") for i in range(len(bits)))
    return {len(row) - 1: changes % 2}


def cycle_navigation(problem, row):
    place = 0
    for move in row[:-1]:
        place = (place + {0: -1, 1: 0, 2: 1}[move]) % problem.n_places
    return {len(row) - 1: place}


def modular_arithmetic(problem, row):
    words = [*map(str, range(problem.modulus)), "+", "-", "*", ""]
    return {len(row) - 1: eval("".join(words[symbol] for symbol in row)) % problem.modulus}


def dyck(problem, row):
    answers, open_types = {}, []
    for step, bracket in enumerate(row):
        if bracket < problem.n_types:
            open_types.append(bracket)
            assert len(open_types) <= problem.depth
        else:
            answers[step - 1] = open_types.pop()
            assert answers[step - 1] == bracket - problem.n_types
    assert not open_types
    assert len(answers) == len(row) // 2
    return answers


SYMBOLIC = [
    (DelayedRecall(lag=6, n_items=3, n_fillers=2, **ROWS), delayed_recall),
    (CopyMemory.arjovsky(lag=4, n_items=3, **ROWS), copy_memory),
    (CopyMemory.tcn(lag=1, n_items=2, **ROWS), copy_memory),
    (SelectiveCopying.s4(n_noise=7, n_items=4, n_symbols=6, **ROWS), selective_copying),
    (SelectiveCopying.mamba(length=40, n_items=5, **ROWS), selective_copying),
    (InductionHeads(length=9, n_symbols=4, **ROWS), induction_heads),
    (AssociativeRecall(n_pairs=4, n_keys=6, n_values=3, **ROWS), associative_recall),
    (MultiQueryRecall(length=20, n_pairs=4, n_symbols=12, **ROWS), multi_query_recall),
    (NBack(lag=3, n_symbols=4, length=11, match=0.3, **ROWS), n_back),
    (Parity(length=7, **ROWS), parity),
    (EvenPairs(length=7, **ROWS), even_pairs),
    (CycleNavigation(length=6, n_places=4, **ROWS), cycle_navigation),
    (ModularArithmetic(n_numbers=6, modulus=7, **ROWS), modular_arithmetic),
    (Dyck(n_types=3, depth=3, length=14, **ROWS), dyck),
]


@pytest.mark.parametrize(("problem", "rule"), SYMBOLIC, ids=lambda value: getattr(value, "variant", ""))
def test_targets_follow_from_the_inputs(problem, rule):
    batch = problem.batch(jax.random.key(7))
    assert batch.inputs.shape == (300, problem.n_steps)
    assert 0 <= int(batch.inputs.min()) <= int(batch.inputs.max()) < problem.n_inputs
    for inputs, targets, mask in zip(*map(np.ndarray.tolist, map(np.asarray, batch)), strict=True):
        scored = {step: targets[step] for step in range(problem.n_steps) if mask[step]}
        assert scored == rule(problem, inputs)


@pytest.mark.parametrize("problem", [ModernAdding.arjovsky(7, **ROWS), ModernAdding.tcn(5, **ROWS)])
def test_adding_sums_two_marked_values(problem):
    batch = problem.batch(jax.random.key(0))
    assert batch.inputs.shape == (300, problem.length, 2)
    pairs = set()
    for values, targets in zip(np.asarray(batch.inputs, float), np.asarray(batch.targets, float), strict=True):
        assert ((values[:, 0] >= 0) & (values[:, 0] < 1)).all()
        marked = [step for step in range(problem.length) if values[step, 1] == 1]
        assert sorted(values[:, 1]) == [0] * (problem.length - 2) + [1, 1]
        assert targets[-1, 0] == pytest.approx(sum(values[step, 0] for step in marked), abs=1e-6)
        pairs.add(tuple(marked))
    half = problem.length // 2
    anywhere = {(i, j) for j in range(problem.length) for i in range(j)}
    halves = {(i, j) for i, j in anywhere if i < half <= j}
    assert pairs == (anywhere if problem.source == "tcn" else halves)
    assert np.array_equal(batch.mask, np.tile(np.arange(problem.length) == problem.length - 1, (300, 1)))


def test_memory_capacity_asks_for_delayed_inputs():
    problem = MemoryCapacity(n_lags=4, length=9, n_sequences=5)
    inputs, targets, mask = map(np.asarray, problem.batch(jax.random.key(0)))
    assert (np.abs(inputs) <= 0.5).all()
    for row in range(5):
        for step in range(9):
            assert mask[row, step] == (step >= 4)
            for lag in range(1, 5):
                expected = inputs[row, step - lag, 0] if step >= lag else 0
                assert targets[row, step, lag - 1] == expected
