"""Alphabets: any hashable symbols, in an order that does not depend on luck."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.data import Alphabet

HEAVY = ["jax", "pandas", "polars", "scipy"]
quick = settings(deadline=None, max_examples=80)
leaves = st.one_of(st.integers(), st.text(max_size=3), st.booleans(), st.none(), st.floats(allow_nan=False))
any_symbols = st.one_of(leaves, st.tuples(leaves, leaves), st.frozensets(leaves, max_size=2))


@given(st.lists(any_symbols, min_size=1, max_size=30))
@quick
def test_every_symbol_of_any_kind_comes_back_from_its_place(sequence):
    alphabet = Alphabet.of([sequence])
    ids = alphabet.ids(sequence)
    assert alphabet.symbols_at(ids) == sequence
    assert len(alphabet) == len(set(sequence))
    assert ids.dtype == np.int32
    assert sorted(set(ids.tolist())) == list(range(len(alphabet)))


@given(st.lists(st.one_of(st.integers(), st.floats(allow_nan=False)), min_size=1), st.randoms())
@quick
def test_symbols_with_an_order_are_sorted_whatever_came_first(sequence, shuffler):
    shuffled = list(sequence)
    shuffler.shuffle(shuffled)
    assert Alphabet.of([shuffled]) == Alphabet.of([sequence])
    assert list(Alphabet.of([sequence]).symbols) == sorted(set(sequence))


def test_symbols_without_an_order_stay_as_first_seen():
    assert Alphabet.of([["b", 1], [None, "a"]]).symbols == ("b", 1, None, "a")
    sets = [frozenset({2}), frozenset({1, 2}), frozenset({1})]  # comparable, but not in one line
    assert Alphabet.of([sets]).symbols == tuple(sets)


def test_arrays_text_and_iterators_are_sequences_too():
    assert Alphabet.of([np.array([3, 0]), range(2)]).symbols == (0, 1, 3)
    assert all(type(symbol) is int for symbol in Alphabet.of([np.array([3, 0])]).symbols)
    assert Alphabet.of(iter(["ab", "ca"])).symbols == ("a", "b", "c")
    days = np.array(["2024-01-02", "2024-01-01"], dtype="datetime64[ns]")
    assert Alphabet.of([days]).ids(days).tolist() == [1, 0]


def test_equal_symbols_share_a_place_and_alphabets_are_values():
    alphabet = Alphabet.of([[0, 1, True, 1.0]])
    assert alphabet.symbols == (0, 1)
    assert alphabet.index(np.int64(1)) == alphabet.index(True) == 1
    assert {Alphabet.of_size(2): "same"}[alphabet] == "same"


def test_large_alphabets_are_looked_up_not_searched():
    symbols = list(range(100_000))
    random.Random(0).shuffle(symbols)
    alphabet = Alphabet(tuple(symbols))
    assert alphabet.ids(symbols).tolist() == list(range(100_000))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Alphabet(()), "at least one symbol"),
        (lambda: Alphabet.of([[], []]), "at least one symbol"),
        (lambda: Alphabet(("a", "b", "a")), "each symbol once, but got 'a' twice"),
        (lambda: Alphabet.of([[1.0, float("nan")]]), "must not hold NaN"),
        (lambda: Alphabet.of([np.array([1.0, np.nan])]), "must not hold NaN"),
        (lambda: Alphabet.of([3, 0, 1]), "'int' object is not iterable; put a single sequence in a list"),
        (lambda: Alphabet.of([[[3, 0], [4]]]), "unhashable type: 'list'"),
        (lambda: Alphabet.of_size(0), "n_unique must be a whole number of at least 1, but got 0"),
        (lambda: Alphabet.of_size(3).index(3), r"one of the alphabet's 3 \(0, 1, 2\), but got 3"),
        (lambda: Alphabet.of_size(3).index(-1), "but got -1"),
        (lambda: Alphabet.of_size(3).index([1]), r"but got \[1\]"),
        (lambda: Alphabet.of_size(5000).ids([5000]), "alphabet's 5,000 .*8, 9, ...., but got 5000"),
        (lambda: Alphabet.of_size(3).ids([0.0, float("nan")]), "but got nan"),
        (lambda: Alphabet.of_size(3).symbols_at([3]), "place must be a whole number from 0 to 2, but got 3"),
        (
            lambda: Alphabet.of_size(3).symbols_at([-1]),
            "place must be a whole number from 0 to 2, but got -1",
        ),
    ],
)
def test_bad_input_is_one_sentence(make, sentence):
    with pytest.raises(InvalidInput, match=sentence) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_representation_imports_neither_jax_nor_frames():
    code = f"import sys, memspan.data; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
