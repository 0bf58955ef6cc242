"""Every malformed object, and every malformed option, ends in one sentence."""

from __future__ import annotations

import datetime
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.data.read.sentences import assert_sentence

from memspan.core.errors import InvalidInput
from memspan.data.read import Bins, read_sequences

Q = Bins("quantile", 2)


# source, options, the whole sentence.
OBJECTS = {
    "one flat list": (
        [3, 0, 1],
        {},
        "the iterable, item 0: the item must be a sequence of symbols, but got 3; put a single sequence in a list",
    ),
    "a sequence without order": (
        [[1], {1, 2}],
        {},
        "the iterable, item 1: the item must be a sequence of symbols, but got {1, 2}; put a single sequence in a list",
    ),
    "a mapping": (
        {"a": [1, 2]},
        {},
        "source must be a path, a frame, an array or an iterable of sequences or records, but got {'a': [1, 2]}; "
        "put sequences in a list",
    ),
    "nothing": ([], {}, "the iterable must hold at least one sequence, but holds none; fill it"),
    "an empty sequence": (
        [[1], []],
        {},
        "the iterable, item 1: the item must hold at least one symbol, but the sequence is empty; "
        "fill it or leave it out",
    ),
    "a list to be cut": (
        [["a", "b"]],
        {"tokens": "words"},
        "the iterable, item 0: the item must be text to be cut into words, but got ['a', 'b']; leave out tokens",
    ),
    "records without text names": (
        [{1: 2}],
        {},
        "records must name their fields with text, but got (1,); rename them",
    ),
    "a format": (
        [[1]],
        {"format": "csv"},
        "format must be left out unless the source is a path, but got 'csv'; leave it out",
    ),
    "NaN in an array": (
        np.array([[1.0, 2], [3, np.nan]]),
        {"bins": Q},
        "the array, row 1: symbol 2 of the sequence must not be NaN, but is; fill it or leave its sequence out "
        "(values='text' reads a word nan)",
    ),
    "decimals in an array": (
        np.array([[1.0, 2]]),
        {},
        "the array, row 0: symbol 1 of the sequence must hold symbols, but got 1.0, a decimal number; name a "
        "binning, such as bins=Bins('quantile', 8), or pass values='numbers' to make each distinct number a symbol",
    ),
    "an array of three axes": (
        np.zeros((1, 2, 3)),
        {},
        "the array must have shape (time) or (sequence, time), but got shape (1, 2, 3); reshape it",
    ),
    "an array with fields": (
        np.zeros(2, dtype=[("x", int)]),
        {},
        "the array must have shape (time) or (sequence, time), but got fields x; reshape it",
    ),
    "an empty array": (
        np.zeros((2, 0)),
        {},
        "the array, row 0: the row must hold at least one symbol, but the sequence is empty; fill it or leave it out",
    ),
    "a pandas frame with NaN": (
        pd.DataFrame({"s": ["a", float("nan")]}),
        {},
        "the pandas DataFrame, row 1: column 's' must hold a value everywhere, but is empty; "
        "fill it or leave its sequence out",
    ),
    "a pandas frame with NA": (
        pd.DataFrame({"s": pd.array([1, None], dtype="Int64")}),
        {},
        "the pandas DataFrame, row 1: column 's' must hold a value everywhere, but is empty; "
        "fill it or leave its sequence out",
    ),
    "a pandas frame of mixed types": (
        pd.DataFrame({"s": ["a", 1]}, dtype=object),
        {},
        "the pandas DataFrame, row 1: column 's' must hold values of one kind, text as at first, but got 1, "
        "whole numbers; correct it or say what to read with values='text', 'integers' or 'numbers'",
    ),
    "a pandas frame with a name twice": (
        pd.DataFrame([[1, 2]], columns=["s", "s"]),
        {},
        "columns of a frame must have different names, but got 's' twice; rename one",
    ),
    "a polars frame with null": (
        pl.DataFrame({"s": ["a", None]}),
        {},
        "the polars DataFrame, row 1: column 's' must hold a value everywhere, but is empty; "
        "fill it or leave its sequence out",
    ),
    "a polars frame with NaN": (
        pl.DataFrame({"s": [1.5, float("nan")]}),
        {"bins": Q},
        "the polars DataFrame, row 1: column 's' must not be NaN, but is; fill it or leave its sequence out "
        "(values='text' reads a word nan)",
    ),
    "a polars frame with a place twice": (
        pl.DataFrame({"s": [1, 2], "t": [datetime.date(2024, 1, 1)] * 2}),
        {"column": "s", "order": "t"},
        "the polars DataFrame, row 1: column 't' must hold each place once, but 2024-01-01 stands at row 0 too; "
        "correct or delete one of them",
    ),
    "a polars frame without its column": (
        pl.DataFrame({"symbol": [1]}),
        {"column": "simbol"},
        "the polars DataFrame: column must be one of symbol, but got 'simbol'; did you mean 'symbol'?",
    ),
    "bins of text": (
        [[1]],
        {"bins": Q, "values": "text"},
        "bins must stand with numbers, but got values='text' or tokens='characters' too; drop one of them",
    ),
    "two columns in long format": (
        pl.DataFrame({"a": [1], "b": [1], "t": [1]}),
        {"column": ("a", "b"), "order": "t"},
        "column must be one column together with sequence or order, but got ('a', 'b'); name one",
    ),
}


@pytest.mark.parametrize(("source", "options", "sentence"), OBJECTS.values(), ids=OBJECTS)
def test_malformed_object(source, options, sentence):
    with pytest.raises(InvalidInput) as error:
        read_sequences(source, **options)
    assert_sentence(sentence, error, None)


@pytest.mark.parametrize(
    ("method", "of", "sentence"),
    [
        ("width", 1, "of in Bins\\('width', of\\) must be a whole number from 2 to .*, but got 1"),
        ("edges", (), "of in Bins\\('edges', of\\) must be rising finite borders, .*, but got \\(\\); sort them"),
        ("edges", (2.0, 1.0), "of in Bins\\('edges', of\\) must be rising finite borders, .* got \\(2.0, 1.0\\);"),
        ("edges", (1.0, float("nan")), "of in Bins\\('edges', of\\) must be rising finite borders"),
    ],
)
def test_malformed_bins(method, of, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        Bins(method, of)


MISSPELT = """
from memspan.data.read import Bins, read_sequences
for ask in (
    lambda: read_sequences("a.csv", format="cvs"),
    lambda: read_sequences([[1]], on_error="counts"),
    lambda: read_sequences(["a b"], tokens="word"),
    lambda: read_sequences([[1]], values="integer"),
    lambda: Bins("quantiles", 8),
):
    try:
        ask()
    except ValueError as error:
        print(error)
"""


def test_misspelt_choices_name_the_nearest(tmp_path):
    # In a process of its own, because types are checked here before the function can say anything.
    (tmp_path / "a.csv").write_text("x\na\n")
    run = subprocess.run([sys.executable, "-c", MISSPELT], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [
        "format must be one of csv, jsonl, numpy, parquet, text, tsv, but got 'cvs'; did you mean 'csv'?",
        "on_error must be one of raise, count, but got 'counts'; did you mean 'count'?",
        "tokens must be one of characters, words, but got 'word'; did you mean 'words'?",
        "values must be one of integers, numbers, text, but got 'integer'; did you mean 'integers'?",
        "method of Bins must be one of quantile, width, edges, but got 'quantiles'; did you mean 'quantile'?",
    ]
