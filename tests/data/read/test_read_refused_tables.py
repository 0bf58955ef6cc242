"""Every malformed CSV or TSV file ends in one sentence with its file and line."""

from __future__ import annotations

import pytest
from tests.data.read.sentences import assert_sentence, read_all

from memspan.core.errors import InvalidInput
from memspan.data.read import Bins, read_sequences

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
        "{}, line 3: the line must be a well-formed record, but unexpected end of data (up to line 4); "
        "correct its quotes",
    ),
    "quote that swallows the file": (
        "a.csv",
        b'x\na\n"' + b"b\n" * 200_000,
        {},
        "{}, line 3: the line must be a well-formed record, but field larger than field limit (131072) "
        "(up to line 65,539); correct its quotes",
    ),
    "text after a quote": (
        "a.csv",
        b'x\n"a"b\n',
        {},
        "{}, line 2: the line must be a well-formed record, but ',' expected after '\"' (up to line 2); "
        "correct its quotes",
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
    "UTF-16": (
        "a.csv",
        "x\na\n".encode("utf-16"),
        {},
        "{}, line 1: the line must be UTF-8 text, but byte 0 of the file is 0xff; save the file as UTF-8",
    ),
    "long line of CSV": (
        "a.csv",
        b"x\n" + b"x" * 100,
        {"max_line": 50, "on_error": "count"},
        "{}, line 2: the line must be at most 50 bytes long, but is longer; break it or raise max_line",
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


@pytest.mark.parametrize("read", [read_sequences, read_all])
@pytest.mark.parametrize(("name", "content", "options", "sentence"), FILES.values(), ids=FILES)
def test_malformed_file(tmp_path, read, name, content, options, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as error:
        read(path, **options)
    assert_sentence(sentence, error, path)
