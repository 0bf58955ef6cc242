"""Numbers become symbols only by a binning that is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.data.read import Bins, read_sequences, stream_sequences

FINITE = st.floats(-1e9, 1e9)
SEQUENCES = st.lists(st.lists(FINITE, min_size=1, max_size=20), min_size=1, max_size=5)


def flat(sequences):
    return np.concatenate([np.asarray(s) for s in sequences])


@given(st.lists(FINITE, min_size=2, max_size=200, unique=True), st.integers(2, 9), st.integers(1, 5))
def test_quantile_bins_are_equally_full(numbers, count, cuts):
    assume(count <= len(numbers))
    sequences = [part.tolist() for part in np.array_split(numbers, min(cuts, len(numbers)))]
    data = read_sequences(sequences, bins=Bins("quantile", count))
    full = np.bincount(flat(data.sequences), minlength=count)
    assert full.sum() == len(numbers)
    assert full.max() - full.min() <= 1
    # A higher bin holds higher numbers.
    bins = flat(data.sequences)[np.argsort(flat(sequences))]
    assert (np.diff(bins) >= 0).all()


@given(SEQUENCES, st.integers(2, 9))
def test_width_bins_are_equally_wide(sequences, count):
    numbers = flat(sequences)
    assume(np.ptp(numbers) > 1e-3)
    data = read_sequences(sequences, bins=Bins("width", count))
    share = (numbers - numbers.min()) / np.ptp(numbers) * count
    off = np.abs(share - np.round(share)) > 1e-6  # on a border, rounding decides
    assert (flat(data.sequences)[off] == np.minimum(share, count - 1).astype(int)[off]).all()
    assert len(data.alphabet) == count


@given(SEQUENCES, st.lists(FINITE, min_size=1, max_size=6, unique=True).map(sorted))
def test_edges_split_where_they_are(sequences, edges):
    data = read_sequences(sequences, bins=Bins("edges", edges))
    for numbers, ids in zip(sequences, data.sequences, strict=True):
        assert ids.tolist() == [sum(number >= edge for edge in edges) for number in numbers]
    assert len(data.alphabet) == len(edges) + 1


@given(SEQUENCES, st.sampled_from([Bins("quantile", 3), Bins("width", 3), Bins("edges", (0.0,))]))
def test_streaming_once_is_the_same(sequences, bins):
    try:
        data = read_sequences(sequences, bins=bins)
    except InvalidInput:
        assert len(np.unique(flat(sequences))) < len(flat(sequences)) or len(flat(sequences)) < 3
        return
    stream = stream_sequences(iter(sequences), bins=bins)
    for mine, theirs in zip(stream, data.sequences, strict=True):
        assert mine.tolist() == theirs.tolist()
    assert stream.alphabet == data.alphabet


def test_names_of_bins():
    data = read_sequences([[36.0, 37, 39]], bins=Bins("edges", (36.5, 38.0)))
    assert data.alphabet == ("below 36.5", "36.5 to 38.0", "from 38.0")
    assert data.sequences[0].tolist() == [0, 1, 2]


def test_whole_numbers_can_be_binned():
    assert read_sequences(np.array([1, 2, 3, 4]), bins=Bins("width", 2)).sequences[0].tolist() == [0, 0, 1, 1]


def test_leading_zeros_are_numbers_to_bins(tmp_path):
    (tmp_path / "a.csv").write_text("minute\n08\n09\n10\n")
    assert read_sequences(tmp_path / "a.csv", bins=Bins("edges", (9.0,))).sequences[0].tolist() == [0, 1, 1]


def test_range_that_is_no_number_itself():
    data = read_sequences([[-1.5e308, 0.1, 1.5e308]], bins=Bins("width", 2))
    assert data.sequences[0].tolist() == [0, 1, 1]


@pytest.mark.parametrize("bins", [Bins("quantile", 4), Bins("width", 4)])
def test_empty_bins_are_refused(bins):
    with pytest.raises(InvalidInput, match=r"^bins must each hold a number, but .* leaves some empty"):
        read_sequences([[1.0] * 10 + ([2.0] if bins.method == "quantile" else [])], bins=bins)


def test_refused_sequences_do_not_move_the_borders():
    good, bad = [0.0, 1.0, 2.0, 3.0], [1e6, 2e6, None]
    data = read_sequences([good, bad], bins=Bins("quantile", 2), on_error="count")
    assert data.alphabet == ("below 2.0", "from 2.0")
    assert (data.report.read, data.report.refused) == (1, 1)
