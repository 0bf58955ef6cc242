"""Every malformed file of another format ends in one sentence with its file and line."""

from __future__ import annotations

import gzip
import io
import os
import re

import numpy as np
import pytest
from tests.data.read.sentences import assert_sentence, read_all

from memspan.core.errors import InvalidInput
from memspan.data.read import Bins, read_sequences

Q = Bins("quantile", 2)

# file name, content, options, the whole sentence; {} stands for the path.
FILES = {
    "bad encoding after a byte order mark": (
        "a.txt",
        b"\xef\xbb\xbfa\xff\n",
        {},
        "{}, line 1: the line must be UTF-8 text, but byte 4 of the file is 0xff; save the file as UTF-8",
    ),
    "long line of text": (
        "a.txt",
        b"abc\n" + b"x" * 100,
        {"max_line": 50},
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
}


@pytest.mark.parametrize("read", [read_sequences, read_all])
@pytest.mark.parametrize(("name", "content", "options", "sentence"), FILES.values(), ids=FILES)
def test_malformed_file(tmp_path, read, name, content, options, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as error:
        read(path, **options)
    assert_sentence(sentence, error, path)


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
