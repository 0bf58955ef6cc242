"""Every problem of the modern catalogue keeps the contract, in small sizes."""

from __future__ import annotations

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
    SequentialDigits,
)
from memspan.testing import check_problem

SIZES = {"n_sequences": 16, "n_evaluation": 32}

SMALL = [
    AssociativeRecall.ba(n_pairs=3, **SIZES),
    CopyMemory.arjovsky(lag=5, n_items=3, **SIZES),
    CopyMemory.tcn(lag=5, n_items=3, **SIZES),
    CycleNavigation(length=3, **SIZES),
    DelayedRecall(lag=6, n_items=2, n_fillers=2, **SIZES),
    Dyck(n_types=3, depth=3, length=12, **SIZES),
    EvenPairs(length=6, **SIZES),
    InductionHeads(length=12, n_symbols=5, **SIZES),
    MemoryCapacity(n_lags=4, length=20, **SIZES),
    ModernAdding.arjovsky(length=5, **SIZES),
    ModernAdding.tcn(length=5, **SIZES),
    ModularArithmetic(n_numbers=3, **SIZES),
    MultiQueryRecall(length=20, n_pairs=3, n_symbols=16, **SIZES),
    NBack(lag=2, n_symbols=3, length=12, match=0.4, **SIZES),
    Parity(length=6, **SIZES),
    SelectiveCopying.s4(n_noise=6, n_items=3, n_symbols=6, **SIZES),
    SequentialDigits.permuted(),
]


@pytest.mark.parametrize("problem", SMALL, ids=lambda problem: problem.variant)
def test_contract(problem):
    check_problem(problem)
