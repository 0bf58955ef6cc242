"""Each modern problem keeps the contract, and its targets are those of its rule, told again in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from tests.quick import quick

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
from memspan.testing import check_problem
from memspan.testing.draws import draw

SIZES = {"n_sequences": 16, "n_evaluation": 32}


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


def modern_adding(problem, row):
    last, half = problem.length - 1, problem.length // 2
    assert all(0 <= value < 1 for value, _ in row)
    assert sorted(marker for _, marker in row) == [0] * (problem.length - 2) + [1, 1]
    first, second = (step for step, (_, marker) in enumerate(row) if marker)
    assert problem.source == "tcn" or first < half <= second
    return {last: [row[first][0] + row[second][0]]}


def memory_capacity(problem, row):
    assert all(-0.5 <= value < 0.5 for (value,) in row)
    lags = range(1, problem.n_lags + 1)
    return {step: [row[step - lag][0] for lag in lags] for step in range(problem.n_lags, len(row))}


CASES = [
    (AssociativeRecall(n_pairs=4, n_keys=6, n_values=3, **SIZES), associative_recall),
    (CopyMemory.arjovsky(lag=5, n_items=3, **SIZES), copy_memory),
    (CopyMemory.tcn(lag=1, n_items=2, **SIZES), copy_memory),
    (CycleNavigation(length=3, **SIZES), cycle_navigation),
    (DelayedRecall(lag=6, n_items=3, n_fillers=2, **SIZES), delayed_recall),
    (Dyck(n_types=3, depth=3, length=12, **SIZES), dyck),
    (EvenPairs(length=6, **SIZES), even_pairs),
    (InductionHeads(length=9, n_symbols=4, **SIZES), induction_heads),
    (MemoryCapacity(n_lags=4, length=20, **SIZES), memory_capacity),
    (ModernAdding.arjovsky(length=5, **SIZES), modern_adding),
    (ModernAdding.tcn(length=5, **SIZES), modern_adding),
    (ModularArithmetic(n_numbers=5, modulus=4, **SIZES), modular_arithmetic),
    (MultiQueryRecall(length=20, n_pairs=4, n_symbols=12, **SIZES), multi_query_recall),
    (NBack(lag=3, n_symbols=4, length=11, match=0.3, **SIZES), n_back),
    (Parity(length=6, **SIZES), parity),
    (SelectiveCopying.s4(n_noise=6, n_items=3, n_symbols=6, **SIZES), selective_copying),
]


NOW = CASES[1:14:3]


@pytest.mark.parametrize(("problem", "rule"), quick(CASES, NOW), ids=lambda value: getattr(value, "variant", ""))
def test_contract_and_rule(problem, rule):
    check_problem(problem)
    rows = [np.concatenate(np.asarray(values)).tolist() for values in draw(problem).training]
    assert len(rows[0]) == 16 * 16
    for inputs, targets, mask in zip(*rows, strict=True):
        expected = rule(problem, inputs)
        assert [step for step in range(problem.n_steps) if mask[step]] == sorted(expected)
        assert np.allclose([targets[step] for step in sorted(expected)], [expected[step] for step in sorted(expected)])
