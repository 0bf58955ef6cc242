"""Numeric series: windows and stateful batches reassemble them, and every kind of table gives the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from memspan.core.errors import InvalidInput
from memspan.data import from_stateful_batches, one_hot, to_series, to_stateful_batches, to_supervised

# What pandas makes of a missing whole number depends on its version and on the other columns.
NOT_A_NUMBER = "got nan at row 1, column 0|got a value that is none"
quick = settings(deadline=None, max_examples=60)
numbers = st.floats(-1e6, 1e6, width=32)
small = st.integers(1, 4)
tables = st.tuples(st.integers(2, 20), small).flatmap(lambda shape: hnp.arrays(float, shape, elements=numbers))


@given(tables, st.integers(1, 6), st.integers(1, 6))
@quick
def test_windows_and_what_follows_are_slices_of_the_series(table, window, horizon):
    window = min(window, len(table) - 1)
    horizon = min(horizon, len(table) - window)
    X, y = to_supervised(table, window, horizon)
    assert len(X) == len(y) == len(table) - window - horizon + 1
    for start in range(len(X)):
        np.testing.assert_array_equal(X[start], table[start : start + window])
        np.testing.assert_array_equal(y[start], table[start + window : start + window + horizon])


@given(tables, st.integers(1, 19))
@quick
def test_windows_reassemble_the_series(table, window):
    X, y = to_supervised(table, min(window, len(table) - 1))
    np.testing.assert_array_equal(np.concatenate([X[0], y[:, 0]]), table)


@given(st.data(), small, small, small, small)
@quick
def test_stateful_batches_reassemble_the_series_and_each_row_continues(data, batch, steps, blocks, features):
    rows = batch * steps * blocks
    left = data.draw(st.integers(0, batch * steps - 1))
    series = np.arange((rows + left) * features, dtype=float).reshape(-1, features)
    cut = to_stateful_batches(series, batch, steps, drop=left)
    assert cut.shape == (blocks, batch, steps, features)
    np.testing.assert_array_equal(from_stateful_batches(cut), series[:rows])
    for block in range(1, blocks):
        for row in range(batch):
            assert cut[block, row, 0, 0] == cut[block - 1, row, -1, 0] + features  # the very next time step


def test_a_carried_sum_over_stateful_batches_is_the_sum_of_each_part():
    series = np.random.default_rng(0).normal(size=(24, 2))
    state = np.zeros((3, 2))
    for block in to_stateful_batches(series, batch=3, steps=4):
        state = state + block.sum(axis=1)
    np.testing.assert_allclose(state, [series[:8].sum(0), series[8:16].sum(0), series[16:].sum(0)])


def test_the_readers_data_frame_and_the_form_keras_takes():
    frame = pd.DataFrame(np.arange(1280 * 10).reshape(1280, 10))
    blocks = to_stateful_batches(frame, batch=128, steps=1)
    assert blocks.shape == (10, 128, 1, 10)
    samples = blocks.reshape(-1, 1, 10)
    assert samples[0, 0, 0] == 0
    assert samples[128, 0, 0] == 10  # sample 128 follows sample 0, which was in the same row one batch earlier


@given(tables)
@quick
def test_pandas_polars_numpy_and_lists_give_the_same(table):
    columns = [f"x{i}" for i in range(table.shape[1])]
    forms = [
        pd.DataFrame(table, columns=columns),
        pl.DataFrame(table, schema=columns),
        table.tolist(),
        tuple(map(tuple, table.tolist())),
    ]
    for form in forms:
        np.testing.assert_array_equal(to_series(form), table)
        for got, want in zip(to_supervised(form, 1), to_supervised(table, 1), strict=True):
            np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal(
            to_stateful_batches(form, 1, len(table)), to_stateful_batches(table, 1, len(table))
        )


def test_one_value_per_step_is_one_feature_in_every_form():
    for form in ([1, 2, 3], np.array([1, 2, 3]), pd.Series([1, 2, 3]), pl.Series([1, 2, 3]), (1, 2, 3)):
        assert to_series(form).tolist() == [[1.0], [2.0], [3.0]]


def test_columns_of_mixed_numbers_are_numbers():
    columns = {"a": [1, 2], "b": [True, False], "c": [0.5, 1.5]}
    want = [[1.0, 1.0, 0.5], [2.0, 0.0, 1.5]]
    assert to_series(pd.DataFrame(columns)).tolist() == want
    assert to_series(pl.DataFrame(columns)).tolist() == want
    assert to_series(pd.DataFrame(columns).astype({"a": "Int64"})).tolist() == want
    assert to_series([[Decimal("1.5")]]).tolist() == [[1.5]]


def test_precision_is_kept_and_the_users_table_is_not_touched():
    assert to_series(np.ones((2, 2), np.float32)).dtype == np.float32
    assert to_series(np.ones((2, 2), np.int8)).dtype == np.float64
    table = np.ones((4, 1))
    to_series(table)[:] = 7
    to_supervised(table, 1)[0][:] = 7
    to_stateful_batches(table, 2, 1)[:] = 7
    assert (table == 1).all()


def test_a_sequence_of_vectors_is_a_series():
    X, y = to_supervised(one_hot([3, 0, 1, 2, 3], 5), window=1)
    assert X.shape == (4, 1, 5)
    assert y.shape == (4, 1, 5)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ([[1, 2], [3]], "rows of equal length, but got ragged ones; use pad"),
        ([[1.0, 2.0], [3.0, float("nan")]], "finite numbers, but got nan at row 1, column 1"),
        ([1.0, float("inf")], "finite numbers, but got inf at row 1, column 0"),
        ([[1, None]], "got nan at row 0, column 1"),
        (pd.DataFrame({"a": [1.0, None]}), "got nan at row 1, column 0"),
        (pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}), NOT_A_NUMBER),
        (pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [True, False]}), NOT_A_NUMBER),
        (pl.DataFrame({"a": [1, None], "b": [1, 2]}), "got nan at row 1, column 0"),
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "must hold numbers, but got values of type str"),
        (pl.DataFrame({"a": [1, 2], "b": ["1", "2"]}), "must hold numbers, but got values of type str"),
        (pd.DataFrame({"a": pd.to_datetime(["2024-01-01"])}), "values of type datetime64"),
        ([[date(2024, 1, 1)]], "got a value that is none"),
        (["a", "b"], "values of type"),
        (np.array([1j]), "values of type complex128"),
        ([], "at least one row and one column, but got shape"),
        (np.zeros((2, 2, 2)), r"but got shape \(2, 2, 2\)"),
        (np.array(5.0), r"but got shape \(\)"),
    ],
)
def test_a_bad_table_is_one_sentence(table, sentence):
    with pytest.raises(InvalidInput, match=sentence) as caught:
        to_series(table)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: to_supervised([1, 2, 3], 3),
            "leave 1 of the 3 steps to predict, so be at most 2, but got 3",
        ),
        (
            lambda: to_supervised([1, 2, 3], 2, 2),
            "leave 2 of the 3 steps to predict, so be at most 1, but got 2",
        ),
        (lambda: to_supervised([1, 2, 3], 0), "window must be a whole number of at least 1"),
        (lambda: to_supervised([1, 2, 3], 1, 0), "horizon must be a whole number of at least 1"),
        (lambda: to_stateful_batches(range(13), 2, 3), "1 of its 13 rows are left over; pass drop=1"),
        (lambda: to_stateful_batches(range(13), 2, 3, drop=2), "5 of its 11 rows are left over; pass drop=7"),
        (lambda: to_stateful_batches(range(5), 2, 3), "at most the 5 rows of the series, but got 2 x 3"),
        (lambda: to_stateful_batches(range(5), 1, 1, drop=9), "at most the 0 rows"),
        (lambda: to_stateful_batches(range(5), 0, 1), "batch must be a whole number of at least 1"),
        (lambda: to_stateful_batches(range(5), 1, 0), "steps must be a whole number of at least 1"),
        (lambda: to_stateful_batches(range(5), 1, 1, drop=-1), "drop must be a whole number of at least 0"),
    ],
)
def test_bad_cuts_are_one_sentence(make, sentence):
    with pytest.raises(InvalidInput, match=sentence) as caught:
        make()
    assert "\n" not in str(caught.value)
