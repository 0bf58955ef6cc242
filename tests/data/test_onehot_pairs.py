"""The tutorial's functions: its own numbers, any alphabet, any window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.data import Alphabet, decode, encode, one_hot, to_lstm_dataset, to_xy_pairs

quick = settings(deadline=None, max_examples=80)
symbols = st.one_of(st.integers(-9, 9), st.text(max_size=2), st.tuples(st.integers(0, 2)), st.none())
sequences = st.lists(symbols, min_size=2, max_size=25)
windowed = sequences.flatmap(lambda s: st.tuples(st.just(s), st.integers(1, len(s) - 1)))


def seed_encode(pattern, n_unique):
    """The tutorial's function, as an oracle of its own."""
    encoded = []
    for value in pattern:
        row = [0.0 for _ in range(n_unique)]
        row[value] = 1.0
        encoded.append(row)
    return encoded


@given(st.lists(st.integers(0, 11), max_size=20), st.integers(12, 15))
@quick
def test_encode_is_the_tutorials(sequence, n_unique):
    encoded = encode(sequence, n_unique)
    assert encoded == seed_encode(sequence, n_unique)
    assert all(type(value) is float for row in encoded for value in row)


def test_the_tutorials_first_sequence():
    sequence = [3, 0, 1, 2, 3]
    encoded = encode(sequence, 5)
    X, y = to_xy_pairs(encoded)
    assert encoded[:4] == X
    assert y == encoded[1:]
    lstm_X, lstm_y = to_lstm_dataset(sequence, 5)
    assert lstm_X.shape == (4, 1, 5)
    assert lstm_y.shape == (4, 5)
    assert lstm_X[:, 0].tolist() == X
    assert lstm_y.tolist() == y
    assert lstm_X.dtype == lstm_y.dtype == np.float32
    assert decode(lstm_X[:, -1], 5) == [3, 0, 1, 2]
    assert decode(lstm_y, 5) == [0, 1, 2, 3]


def test_the_readers_num_lag_of_two():
    X, y = to_lstm_dataset([3, 0, 1, 2], 5, window=2)
    assert X.shape == (2, 2, 5)
    assert [decode(sample, 5) for sample in X] == [[3, 0], [0, 1]]
    assert decode(y, 5) == [1, 2]


@given(sequences)
@quick
def test_decode_undoes_encode_for_any_alphabet(sequence):
    alphabet = Alphabet.of([sequence])
    assert decode(encode(sequence, alphabet), alphabet) == sequence
    assert decode(one_hot(sequence, alphabet), alphabet) == sequence


@given(windowed)
@quick
def test_windows_reassemble_the_sequence(case):
    sequence, window = case
    alphabet = Alphabet.of([sequence])
    X, y = to_lstm_dataset(sequence, alphabet, window)
    assert X.shape == (len(sequence) - window, window, len(alphabet))
    assert decode(X[0], alphabet) + decode(y, alphabet) == sequence
    for start, sample in enumerate(X):
        assert decode(sample, alphabet) == sequence[start : start + window]


@given(windowed)
@quick
def test_pairs_and_dataset_agree(case):
    sequence, window = case
    alphabet = Alphabet.of([sequence])
    X, y = to_lstm_dataset(sequence, alphabet, window)
    assert to_xy_pairs(encode(sequence, alphabet), window) == (X.tolist(), y.tolist())


def test_windows_are_copies_that_may_be_written():
    X, _ = to_lstm_dataset([3, 0, 1, 2, 3], 5, window=2)
    X[0] = 7
    assert decode(X[1], 5) == [0, 1]


def test_decode_reads_predictions_by_their_largest_value():
    assert decode([[0.2, 0.9, 0.3], [0.5, 0.1, 0.4]], 3) == [1, 0]
    assert decode(np.zeros((0, 3), dtype=np.float32), 3) == decode([], 3) == []


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: encode([3, 0, 5], 5), "but got 5; correct it"),
        (lambda: encode([3, -1], 5), "but got -1; correct it"),
        (lambda: encode([0], 0), "n_unique must be a whole number of at least 1, but got 0"),
        (lambda: to_lstm_dataset("memory", Alphabet.of(["memo"])), "but got 'r'"),
        (lambda: decode([[0.0, 1.0]], 5), "as long as the alphabet, 5, but got length 2"),
        (lambda: decode([[0.0, 1.0], [1.0]], 2), "rows of equal length"),
        (lambda: decode([[0.0, float("nan")]], 2), "finite numbers, but got nan at row 0, column 1"),
        (lambda: decode([[1.0, 0.0], [0.0, 0.0]], 2), "one largest value, but vector 1 has it at 2 places"),
        (lambda: to_xy_pairs([1, 2, 3], 3), "shorter than the sequence, which has length 3, but got 3"),
        (lambda: to_xy_pairs([]), "which has length 0, but got 1"),
        (lambda: to_xy_pairs([1, 2, 3], 0), "window must be a whole number of at least 1, but got 0"),
        (lambda: to_lstm_dataset([3, 0, 1], 5, 3), "which has length 3, but got 3"),
        (lambda: to_lstm_dataset([], 5), "which has length 0, but got 1"),
        (lambda: to_lstm_dataset([3, 0, 1], 5, 0), "window must be a whole number of at least 1, but got 0"),
    ],
)
def test_bad_input_is_one_sentence(make, sentence):
    with pytest.raises(InvalidInput, match=sentence) as caught:
        make()
    assert "\n" not in str(caught.value)
