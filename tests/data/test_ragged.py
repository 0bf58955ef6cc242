"""Sequences of unequal length: padding and mask lose nothing and add nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from memspan.core.errors import InvalidInput
from memspan.data import Alphabet, Padded, decode, pad, to_lstm_dataset, to_padded_dataset

quick = settings(deadline=None, max_examples=60)
texts = st.lists(st.text("abcde", min_size=2, max_size=12), min_size=1, max_size=6)
kinds = st.sampled_from([np.int32, np.int64, np.float32, np.float64, np.bool_])
steps = st.sampled_from([(), (3,), (2, 2)])


@given(st.data(), kinds, steps)
@quick
def test_padding_and_mask_lose_nothing(data, kind, step):
    lengths = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=5))
    values = {"allow_nan": False} if kind in (np.float32, np.float64) else None
    arrays = [data.draw(hnp.arrays(kind, (length, *step), elements=values)) for length in lengths]
    padded = pad(arrays)
    assert padded.mask.sum(axis=1).tolist() == lengths
    assert padded.values.dtype == kind
    assert not padded.values[~padded.mask].any()
    for array, back in zip(arrays, padded.unpad(), strict=True):
        np.testing.assert_array_equal(back, array)
    np.testing.assert_array_equal(padded.values[padded.mask], np.concatenate(arrays))


@given(texts, st.integers(1, 3))
@quick
def test_padded_dataset_is_each_sequences_own_dataset(sequences, window):
    sequences = [text + "aa" for text in sequences]
    alphabet = Alphabet.of(sequences)
    data = to_padded_dataset(sequences, alphabet, window)
    for i, sequence in enumerate(sequences):
        X, y = to_lstm_dataset(sequence, alphabet, window)
        np.testing.assert_array_equal(data.inputs[i][data.mask[i]], X)
        np.testing.assert_array_equal(data.targets[i][data.mask[i]], y)
    assert data.mask.sum() == sum(len(sequence) - window for sequence in sequences)
    assert not data.inputs[~data.mask].any()
    assert not data.targets[~data.mask].any()


def test_the_tutorials_sequences_side_by_side():
    data = to_padded_dataset([[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]], 5)
    assert data.inputs.shape == (2, 4, 1, 5)
    assert data.mask.all()
    assert data.inputs.dtype == np.float32
    whole = data.inputs[:, :, -1]  # (batch, time, feature)
    assert [decode(row, 5) for row in whole] == [[3, 0, 1, 2], [4, 0, 1, 2]]
    assert [decode(row, 5) for row in data.targets] == [[0, 1, 2, 3], [0, 1, 2, 4]]


def test_outputs_of_a_network_lose_their_padding_by_the_same_mask():
    padded = pad([[1.0, 2.0, 3.0], [4.0]])
    outputs = Padded(padded.values * 10, padded.mask).unpad()
    assert [output.tolist() for output in outputs] == [[10, 20, 30], [40]]


def test_values_take_the_type_that_holds_all():
    assert pad([np.array([1], np.int32), np.array([0.5], np.float64)]).values.dtype == np.float64


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: pad([]), "at least one sequence, but got none"),
        (lambda: pad([[[1, 2], [3]]]), "sequence 0 is ragged in itself"),
        (lambda: pad([[[1, 2]], [[1, 2, 3]]]), r"steps of one shape, but got \(2,\) and \(3,\)"),
        (lambda: pad([[1], [[1, 2]]]), r"steps of one shape, but got \(\) and \(2,\)"),
        (lambda: pad([[1.0], [2.0, float("nan")]]), "must not hold NaN, but sequence 1 does"),
        (lambda: pad([["a", "b"]]), r"sequence 0 has shape \(2,\) and type <U1; turn symbols into numbers"),
        (lambda: pad([1, 2]), r"sequence 0 has shape \(\)"),
        (lambda: to_padded_dataset([], 5), "at least one sequence, but got none"),
        (lambda: to_padded_dataset([[0, 1, 2], [0, 1]], 3, 2), "which has length 2, but got 2"),
        (lambda: to_padded_dataset([[0, 1], [0, 9]], 3), "but got 9"),
    ],
)
def test_bad_input_is_one_sentence(make, sentence):
    with pytest.raises(InvalidInput, match=sentence) as caught:
        make()
    assert "\n" not in str(caught.value)
