"""Every malformed input ends in one sentence with its file and line."""

from __future__ import annotations

import datetime
import gzip
import io
import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest

from memspan.core.errors import InvalidInput
from memspan.data.read import Bins, read_sequences, stream_sequences

LONG = {"column": "s", "sequence": "id", "order": "t"}
Q = Bins("quantile", 2)

# file name, content, options, the whole sentence; {} stands for the path.
FILES = {
    "missing column": (
        "a.csv",
        b"id,symbol\nu,a\n",
        {"column": "symbl"},
        "{}, line 1: column must be one of id, symbol, but got 'symbl'; did you mean 'symbol'?",
    ),
    "missing sequence column": (
        "a.csv",
        b"id,s\nu,a\n",
        {"column": "s", "sequence": "idd"},
        "{}, line 1: sequence must be one of id, s, but got 'idd'; did you mean 'id'?",
    ),
    "missing order column": (
        "a.csv",
        b"id,s\nu,a\n",
        {"column": "s", "order": "when"},
        "{}, line 1: order must be one of id, s, but got 'when'; choose one of these",
    ),
    "no column named": (
        "a.csv",
        b"x,y\n1,2\n",
        {},
        "{}, line 1: column must name the column of symbols, or several with a sequence each, out of x, y, "
        "but is left out; pass column",
    ),
    "one column twice": (
        "a.csv",
        b"x,y\n1,2\n",
        {"column": "x", "sequence": "x"},
        "column, sequence and order must be different columns, but got x, x; name each once",
    ),
    "no header": (
        "a.csv",
        b"3\n0\n1\n",
        {},
        "{}, line 1: the header must name the columns, but got the number 3; add a header line or pass names",
    ),
    "blank header": (
        "a.csv",
        b"\na\n",
        {},
        "{}, line 1: the header must name the columns, but is blank; add a header line",
    ),
    "name twice": (
        "a.csv",
        b"x,x\n1,2\n",
        {},
        "{}, line 1: columns must have different names, but got 'x' twice; rename one",
    ),
    "too few fields": (
        "a.csv",
        b"x,y\n1,2\n3\n",
        {"column": "x"},
        "{}, line 3: the line must have 2 fields, as many as there are columns, but has 1; correct or delete it",
    ),
    "too many fields": (
        "a.tsv",
        b"x\ty\n1\t2\t3\n",
        {"column": "x"},
        "{}, line 2: the line must have 2 fields, as many as there are columns, but has 3; correct or delete it",
    ),
    "blank line": (
        "a.csv",
        b"x\na\n\nb\n",
        {},
        "{}, line 3: the line must have 1 fields, as many as there are columns, but is blank; correct or delete it",
    ),
    "line after a quoted line end": (
        "a.csv",
        b'x,y\n"a\nb",1\nc,\n',
        {"column": "y"},
        "{}, line 4: column 'y' must hold a value everywhere, but is empty; fill it or leave its sequence out",
    ),
    "open quote": (
        "a.csv",
        b'x\na\n"b\nc\n',
        {},
        "{}, line 3: the line must be a record with quotes in pairs, but unexpected end of data (up to line 4); "
        "correct it",
    ),
    "text after a quote": (
        "a.csv",
        b'x\n"a"b\n',
        {},
        "{}, line 2: the line must be a record with quotes in pairs, but ',' expected after '\"' (up to line 2); "
        "correct it",
    ),
    "text among integers": (
        "a.csv",
        b"x\n1\n2\nabc\n",
        {},
        "{}, line 4: column 'x' must hold values of one kind, whole numbers as at first, but got 'abc', text; "
        "correct it or say what to read with values='text', 'integers' or 'numbers'",
    ),
    "integer among text": (
        "a.csv",
        b"x\nabc\n1\n",
        {},
        "{}, line 3: column 'x' must hold values of one kind, text as at first, but got '1', whole numbers; "
        "correct it or say what to read with values='text', 'integers' or 'numbers'",
    ),
    "leading zero": (
        "a.csv",
        b"x\n7\n007\n",
        {},
        "{}, line 3: column 'x' must hold values of one kind, whole numbers as at first, but got '007', text; "
        "correct it or say what to read with values='text', 'integers' or 'numbers'",
    ),
    "text where integers are asked for": (
        "a.csv",
        b"x\n7\nb\n",
        {"values": "integers"},
        "{}, line 3: column 'x' must hold integers, but got 'b'; correct it or pass values='text'",
    ),
    "decimals without bins": (
        "a.csv",
        b"x\n1.5\n2\n",
        {},
        "{}, line 2: column 'x' must hold symbols, but got '1.5', a decimal number; name a binning, such as "
        "bins=Bins('quantile', 8), or pass values='numbers' to make each distinct number a symbol",
    ),
    "text to be binned": (
        "a.csv",
        b"x\n1.5\n1_000\n",
        {"bins": Q},
        "{}, line 3: column 'x' must hold numbers, as bins need, but got '1_000'; correct it or leave out bins",
    ),
    "NaN to be binned": (
        "a.csv",
        b"x\n1.5\nnan\n",
        {"bins": Q},
        "{}, line 3: column 'x' must not be NaN, but is; fill it or leave its sequence out "
        "(values='text' reads a word nan)",
    ),
    "infinity to be binned": (
        "a.csv",
        b"x\n1.5\n-inf\n",
        {"bins": Q},
        "{}, line 3: column 'x' must be finite, but is not; correct it (values='text' reads it as a word)",
    ),
    "overflow": (
        "a.csv",
        b"x\n1.5\n1e999\n",
        {"bins": Q},
        "{}, line 3: column 'x' must be finite, but is not; correct it (values='text' reads it as a word)",
    ),
    "NaN among symbols": (
        "a.csv",
        b"x\n1\nNaN\n",
        {},
        "{}, line 3: column 'x' must not be NaN, but is; fill it or leave its sequence out "
        "(values='text' reads a word nan)",
    ),
    "empty field": (
        "a.csv",
        b"id,s\nu,a\nu,\n",
        {"column": "s", "sequence": "id"},
        "{}, line 3: column 's' must hold a value everywhere, but is empty; fill it or leave its sequence out",
    ),
    "empty id": (
        "a.csv",
        b"id,s\n,a\n",
        {"column": "s", "sequence": "id"},
        "{}, line 2: column 'id' must hold a value everywhere, but is empty; fill it or leave its sequence out",
    ),
    "duplicate order": (
        "a.csv",
        b"id,t,s\nv,1,a\nu,1,a\nu,2,b\nu,1.0,c\n",
        LONG,
        "{}, line 5: column 't' must hold each place of sequence 'u' once, but 1.0 stands at line 3 too; "
        "correct or delete one of them",
    ),
    "duplicate order in one sequence": (
        "a.csv",
        b"t,s\n1,a\n1,b\n",
        {"column": "s", "order": "t"},
        "{}, line 3: column 't' must hold each place once, but 1 stands at line 2 too; correct or delete one of them",
    ),
    "order that is none": (
        "a.csv",
        b"id,t,s\nu,1/2/2024,a\n",
        LONG,
        "{}, line 2: column 't' must hold numbers, or dates and times such as 2024-12-31T23:59, "
        "but got '1/2/2024'; write it so",
    ),
    "orders of two kinds": (
        "a.csv",
        b"id,t,s\nu,1,a\nu,2024-01-01,a\n",
        LONG,
        "{}, line 3: column 't' must hold places of one kind, numbers as at first, "
        "but got '2024-01-01', times without a zone; correct it",
    ),
    "order finer than a microsecond": (
        "a.csv",
        b"id,t,s\nu,2024-01-01T00:00:00.1234567,a\n",
        LONG,
        "{}, line 2: column 't' must hold times no finer than a microsecond, "
        "but got '2024-01-01T00:00:00.1234567'; write them as numbers",
    ),
    "order that is NaN": (
        "a.csv",
        b"id,t,s\nu,nan,a\n",
        LONG,
        "{}, line 2: column 't' must not be NaN, but is; fill it or leave its sequence out "
        "(values='text' reads a word nan)",
    ),
    "gap in a column": (
        "a.csv",
        b"x,y\n1,2\n,3\n1,4\n",
        {"column": ("x", "y")},
        "{}, line 4: column 'x' must hold values without a gap, but is empty from 3 on and not here; fill it",
    ),
    "empty column": (
        "a.csv",
        b"x,y\n1,\n2,\n",
        {"column": ("x", "y")},
        "{}, line 3: column 'y' must hold at least one symbol, but is empty; leave it out",
    ),
    "empty row of several columns": (
        "a.csv",
        b"x,y\n1,2\n,\n",
        {"column": ("x", "y")},
        "{}, line 3: the line must hold a value everywhere, but is empty; fill it or leave its sequence out",
    ),
    "empty cell of words": (
        "a.csv",
        b"x\na b\n \n",
        {"tokens": "words"},
        "{}, line 3: column 'x' must hold at least one symbol, but the sequence is empty; fill it or leave it out",
    ),
    "header only": ("a.csv", b"x\n", {}, "{} must hold at least one sequence, but holds none; fill it"),
    "bad encoding": (
        "a.csv",
        "x\na\né\n".encode("latin-1"),
        {},
        "{}, line 3: the line must be UTF-8 text, but byte 4 of the file is 0xe9; save the file as UTF-8",
    ),
    "bad encoding after a byte order mark": (
        "a.txt",
        b"\xef\xbb\xbfa\xff\n",
        {},
        "{}, line 1: the line must be UTF-8 text, but byte 4 of the file is 0xff; save the file as UTF-8",
    ),
    "UTF-16": (
        "a.csv",
        "x\na\n".encode("utf-16"),
        {},
        "{}, line 1: the line must be UTF-8 text, but byte 0 of the file is 0xff; save the file as UTF-8",
    ),
    "long line of text": (
        "a.txt",
        b"abc\n" + b"x" * 100,
        {"max_line": 50},
        "{}, line 2: the line must be at most 50 bytes long, but is longer; break it or raise max_line",
    ),
    "long line of CSV": (
        "a.csv",
        b"x\n" + b"x" * 100,
        {"max_line": 50, "on_error": "count"},
        "{}, line 2: the line must be at most 50 bytes long, but is longer; break it or raise max_line",
    ),
    "long line of JSON": (
        "a.jsonl",
        b"[1]\n[" + b"1," * 100 + b"1]\n",
        {"max_line": 50},
        "{}, line 2: the line must be at most 50 bytes long, but is longer; break it or raise max_line",
    ),
    "empty file": ("a.txt", b"", {}, "{} must hold at least one sequence, but the file is empty; fill it"),
    "blank line of text": (
        "a.txt",
        b"abc\n\nabc\n",
        {},
        "{}, line 2: the line must hold at least one symbol, but the sequence is empty; fill it or leave it out",
    ),
    "text without paragraphs": (
        "a.txt",
        b"\n\n",
        {"sequence": "paragraph"},
        "{}, line 1: the line must hold at least one symbol, but the sequence is empty; fill it or leave it out",
    ),
    "numbers in text": (
        "a.txt",
        b"1.5 2.5\n3 x\n",
        {"tokens": "words", "bins": Q},
        "{}, line 2: symbol 2 of the sequence must hold numbers, as bins need, but got 'x'; "
        "correct it or leave out bins",
    ),
    "no such cut of text": (
        "a.txt",
        b"abc\n",
        {"sequence": "pargraph"},
        "sequence of a text file must be one of line, paragraph, file, but got 'pargraph'; did you mean 'paragraph'?",
    ),
    "JSON cut short": (
        "a.jsonl",
        b"[1, 2]\n[1, 2\n",
        {},
        "{}, line 2: the line must be one JSON value, but got '[1, 2' (Expecting ',' delimiter: "
        "line 1 column 6 (char 5)); correct or delete it",
    ),
    "blank line of JSON": (
        "a.jsonl",
        b"[1, 2]\n\n",
        {},
        "{}, line 2: the line must be one JSON value, but is blank; correct or delete it",
    ),
    "JSON without its field": (
        "a.jsonl",
        b'{"s": 1}\n{"t": 2, "ss": 2}\n',
        {"column": "s"},
        "{}, line 2: the line must have a field 's', but has t, ss; did you mean 'ss'?",
    ),
    "JSON field twice": (
        "a.jsonl",
        b'{"s": 1}\n{"s": 2, "s": 3}\n',
        {},
        "{}, line 2: the line must have each field once, but has 's' twice; keep one",
    ),
    "JSON of two kinds": (
        "a.jsonl",
        b'{"s": 1}\n[1]\n',
        {},
        "{}, line 2: the line must be a record with named fields, as the first one is, but got [1]; correct it",
    ),
    "JSON numbers and strings": (
        "a.jsonl",
        b'{"s": 1}\n{"s": "1"}\n',
        {},
        "{}, line 2: column 's' must hold values of one kind, whole numbers as at first, but got '1', text; "
        "correct it or say what to read with values='text', 'integers' or 'numbers'",
    ),
    "JSON numbers and truth": (
        "a.jsonl",
        b"[1, true]\n",
        {},
        "{}, line 1: symbol 2 of the sequence must hold values of one kind, whole numbers as at first, "
        "but got True, true and false; correct it or say what to read with values='text', 'integers' or 'numbers'",
    ),
    "JSON strings to be binned": (
        "a.jsonl",
        b'[1.5, "2.5"]\n',
        {"bins": Q},
        "{}, line 1: symbol 2 of the sequence must hold numbers, as bins need, but got '2.5'; "
        "correct it or leave out bins",
    ),
    "JSON NaN": (
        "a.jsonl",
        b"[1, 2]\n[1, NaN]\n",
        {},
        "{}, line 2: the line must hold only finite numbers, but holds NaN; fill it or leave its sequence out",
    ),
    "JSON null": (
        "a.jsonl",
        b"[1, 2]\n[1, null]\n",
        {},
        "{}, line 2: symbol 2 of the sequence must hold a value everywhere, but is empty; "
        "fill it or leave its sequence out",
    ),
    "JSON empty sequence": (
        "a.jsonl",
        b"[1]\n[]\n",
        {},
        "{}, line 2: the line must hold at least one symbol, but the sequence is empty; fill it or leave it out",
    ),
    "JSON nested": (
        "a.jsonl",
        b"[1]\n[[1]]\n",
        {},
        "{}, line 2: symbol 1 of the sequence must hold single values, but got [1]; give one symbol per place",
    ),
    "JSON scalar": (
        "a.jsonl",
        b"[1]\n1\n",
        {},
        "{}, line 2: the line must be a sequence of symbols, but got 1; put a single sequence in a list",
    ),
    "JSON text among lists": (
        "a.jsonl",
        b'{"s": [1, 2]}\n{"s": "abc"}\n',
        {},
        "{}, line 2: column 's' must hold sequences in every row, as at first, but got 'abc'; put it in a list",
    ),
    "JSON too deep": (
        "a.jsonl",
        b"[1]\n" + b"[" * 100_000 + b"\n",
        {},
        re.compile(r"\{\}, line 2: the line must be one JSON value, but got '\[+\.\.\. \(.*recursion.*"),
    ),
    "decimal id": (
        "a.jsonl",
        b'{"s": 1, "id": 1.0}\n',
        {"column": "s", "sequence": "id"},
        "{}, line 1: column 'id' must hold text or whole numbers, but got 1.0; write ids without a decimal point",
    ),
    "ids of two kinds": (
        "a.jsonl",
        b'{"s": 1, "id": 1}\n{"s": 1, "id": "1"}\n',
        {"column": "s", "sequence": "id"},
        "{}, line 2: column 'id' must hold ids of one kind, whole numbers as at first, but got '1', text; correct it",
    ),
    "column of a file without names": (
        "a.jsonl",
        b"[1]\n",
        {"column": "s"},
        "column must be left out unless the source has named columns, but got 's'; leave it out",
    ),
    "no Parquet": (
        "a.parquet",
        b"hello",
        {},
        re.compile(r"\{\} must be a whole Parquet file, but .*; write or copy it again"),
    ),
    "no array": (
        "a.npy",
        b"hello",
        {},
        re.compile(r"\{\} must be a \.npy file of numbers or text, but .*; save one array with numpy\.save"),
    ),
    "damaged gzip": (
        "a.csv.gz",
        gzip.compress(b"x\n" + os.urandom(1000).hex().encode())[:-300],
        {},
        re.compile(r"\{\} must be a whole gzip file, but .*; pack or copy it again"),
    ),
    "no gzip": (
        "a.csv.gz",
        b"x\na\n",
        {},
        re.compile(r"\{\} must be a whole gzip file, but Not a gzipped file .*; pack or copy it again"),
    ),
    "unknown ending": (
        "a.xlsx",
        b"x",
        {},
        "path must be a file named *.csv, *.tsv, *.jsonl, *.ndjson, *.parquet, *.txt, *.npy, or a text format "
        "with .gz after it, but got '{}'; rename it or pass format",
    ),
    "packed Parquet": (
        "a.parquet.gz",
        b"x",
        {},
        "path must be a file named *.csv, *.tsv, *.jsonl, *.ndjson, *.parquet, *.txt, *.npy, or a text format "
        "with .gz after it, but got '{}'; rename it or pass format",
    ),
    "delimiter of a text": (
        "a.txt",
        b"x\na\n",
        {"delimiter": ";"},
        "delimiter must be left out unless the source is a CSV or TSV file, but got ';'; leave it out",
    ),
    "bins of characters": (
        "a.txt",
        b"123\n",
        {"bins": Q},
        "tokens must be 'words' to bin the numbers in a text file, but is left out; pass it",
    ),
    "words in long format": (
        "a.csv",
        b"id,s\nu,a b\n",
        {"column": "s", "sequence": "id", "tokens": "words"},
        "tokens must be left out where sequence or order make a sequence of several rows, but got 'words'; "
        "drop one of them",
    ),
    "numbers all equal": (
        "a.csv",
        b"x\n1.5\n1.5\n",
        {"bins": Q},
        "bins must each hold a number, but Bins('quantile', 2) leaves some empty because numbers are too few "
        "or repeat too often; use fewer bins or Bins('edges', ...)",
    ),
}


def _matches(sentence, error, path):
    said = str(error.value).replace(str(path), "{}") if path else str(error.value)
    assert "\n" not in said
    if isinstance(sentence, re.Pattern):
        assert sentence.fullmatch(said), said
    else:
        assert said == sentence


def read_all(source, **options):
    return list(stream_sequences(source, **options))


@pytest.mark.parametrize("read", [read_sequences, read_all])
@pytest.mark.parametrize(("name", "content", "options", "sentence"), FILES.values(), ids=FILES)
def test_malformed_file(tmp_path, read, name, content, options, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as error:
        read(path, **options)
    _matches(sentence, error, path)


def test_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "events.csv").write_text("x\na\n")
    with pytest.raises(InvalidInput) as error:
        read_sequences(tmp_path / "event.csv")
    assert str(error.value) == (
        f"path must be a file that exists, but got '{tmp_path}/event.csv'; did you mean '{tmp_path}/events.csv'?"
    )


def test_folder(tmp_path):
    with pytest.raises(InvalidInput, match=r"path must be a file, but got the folder '.*'; give one of its files"):
        read_sequences(tmp_path)


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
    _matches(sentence, error, None)


def test_npz_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.arange(3))
    with pytest.raises(InvalidInput, match=r"a\.npz must hold one array, but is an archive of several"):
        read_sequences(tmp_path / "a.npz", format="numpy")


def test_pickled_array_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[1], [2, 3]], dtype=object), allow_pickle=True)
    with pytest.raises(InvalidInput, match=r"a\.npy must be a \.npy file of numbers or text, but "):
        read_sequences(tmp_path / "a.npy")


class Endless(io.RawIOBase):
    """A line without end that says how much of it was asked for."""

    asked = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[:] = b"x" * len(buffer)
        Endless.asked += len(buffer)
        return len(buffer)


def test_endless_line_is_not_read_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("x")
    monkeypatch.setattr("pathlib.Path.open", lambda self, mode: io.BufferedReader(Endless()))
    with pytest.raises(InvalidInput) as error:
        read_sequences(path, max_line=100_000)
    assert str(error.value).startswith(f"{path}, line 1: the line must be at most 100,000 bytes long")
    assert Endless.asked <= 200_000


def test_sparse_line_larger_than_memory_allowed(tmp_path):
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.write(b"abc\n")
        file.truncate(2 * 2**30)
    with pytest.raises(InvalidInput) as error:
        read_sequences(path, max_line=2**16)
    assert str(error.value).startswith(f"{path}, line 2: the line must be at most 65,536 bytes long, but is longer")


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
