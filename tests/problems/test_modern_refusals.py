"""What the modern problems refuse, and the names they give themselves."""

from __future__ import annotations

import pytest

from memspan.core.errors import InvalidInput
from memspan.core.spec import describe
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

DRAWN = [
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
]

REFUSED = [
    (AssociativeRecall, {"n_pairs": 27}, "n_pairs must be a whole number from 1 to 26, but got 27"),
    (AssociativeRecall, {"n_values": 1}, "n_values"),
    (CopyMemory, {"lag": 0}, "lag"),
    (CopyMemory, {"source": "arjovski"}, "did you mean 'arjovsky'"),
    (CycleNavigation, {"n_places": 1}, "n_places"),
    (DelayedRecall, {"lag": 2, "n_items": 3}, "lag must be a whole number of at least 3, but got 2"),
    (Dyck, {"length": 7}, "length must be even, but got 7; use 8"),
    (Dyck, {"depth": 65}, "depth"),
    (EvenPairs, {"length": 1}, "length"),
    (InductionHeads, {"length": 3}, "length"),
    (MemoryCapacity, {"n_lags": 30, "length": 32}, "length must be a whole number of at least 33"),
    (ModernAdding, {"source": "1997"}, "source must be one of arjovsky, tcn"),
    (ModularArithmetic, {"modulus": 1}, "modulus"),
    (MultiQueryRecall, {"length": 14, "n_pairs": 4}, "length must be a whole number of at least 16"),
    (MultiQueryRecall, {"n_symbols": 101}, "n_symbols must be even, but got 101; use 102"),
    (MultiQueryRecall, {"power": 0.0}, "power must be a finite number above 0, but got 0.0"),
    (MultiQueryRecall, {"power": float("nan")}, "power"),
    (NBack, {"match": 1.0}, "match must be between 0 and 1, but got 1.0"),
    (NBack, {"lag": 5, "length": 5}, "length must be a whole number of at least 6"),
    (Parity, {"length": 0}, "length"),
    (SelectiveCopying, {"n_symbols": 3}, "n_symbols"),
    (SequentialDigits, {"judged_on": "training"}, "judged_on must be one of validation, test"),
    (SequentialDigits, {"permutation_seed": -1}, "permutation_seed"),
]

NAMES = {
    "associative recall, one query (Ba 2016), 4 pairs": AssociativeRecall.ba(),
    "copy memory (Arjovsky 2016), T=100": CopyMemory.arjovsky(lag=100),
    "copy memory (Bai 2018, TCN), T=1000": CopyMemory.tcn(),
    "induction heads (Gu and Dao 2023, Mamba), 16 symbols, length 256": InductionHeads.mamba(),
    "adding (Arjovsky 2016), T=100": ModernAdding.arjovsky(),
    "adding (Bai 2018, TCN), T=200": ModernAdding.tcn(),
    "multi-query associative recall (Arora 2024, Zoology), 4 pairs, length 64": MultiQueryRecall.zoology(),
    "selective copying (S4 repository, variable), 10 items in 110 steps": SelectiveCopying.s4(),
    "selective copying (Gu and Dao 2023, Mamba), 16 items in 4096 steps": SelectiveCopying.mamba(),
}


@pytest.mark.parametrize(("kind", "arguments", "message"), REFUSED)
def test_refusals_are_one_sentence(kind, arguments, message):
    with pytest.raises(InvalidInput) as refusal:
        kind(**arguments)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("kind", DRAWN)
def test_every_drawn_problem_needs_sequences_and_a_key(kind):
    for size in ("n_sequences", "n_evaluation"):
        with pytest.raises(InvalidInput, match=f"{size} must be a whole number of at least 1"):
            kind(**{size: 0})
    with pytest.raises(InvalidInput, match=r"pass jax\.random\.key"):
        kind().batch(None)


def test_variants_carry_their_source():
    for name, problem in NAMES.items():
        assert problem.variant == name


def test_different_variants_have_different_identities():
    described = [str(describe(problem)) for problem in NAMES.values()]
    assert len(set(described)) == len(NAMES)
