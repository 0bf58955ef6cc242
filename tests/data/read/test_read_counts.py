"""What is refused is counted: read and refused together are everything there was."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.data.read import read_sequences, stream_sequences

LONG = {"column": "s", "sequence": "id", "order": "t", "on_error": "count"}

# The first row is good and decides what is of which kind.
FIRST = ("z", "0", "a")
ROW = st.one_of(
    st.tuples(st.sampled_from("uvw"), st.integers(0, 5).map(str), st.sampled_from("ab")),
    st.sampled_from(
        [("u", "9", ""), ("v", "", "a"), ("w", "nan", "b"), ("", "1", "a"), ("u", "x", "a"), ("v", "7", "5")]
    ),
    st.sampled_from([("u", "1"), (), ("u", "1", "a", "b"), ("u", '1"2', '"a"b'), ("u\ufffd", "1", "a")]),
)


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def expected(rows):
    """An independent count: which sequences are whole, and how many rows they have."""
    known = [row for row in rows if len(row) == 3 and row[0] and row[2] != '"a"b' and "\ufffd" not in row[0]]
    whole = {}
    for key in dict.fromkeys(row[0] for row in known):
        own = [row for row in known if row[0] == key]
        good = all(row[1].isdecimal() and row[2] in ("a", "b") for row in own)
        if good and len({row[1] for row in own}) == len(own):
            whole[key] = [row[2] for row in sorted(own, key=lambda row: int(row[1]))]
    return list(whole.values()), len({row[0] for row in known})


@given(st.lists(ROW, max_size=12))
def test_counts_of_long_format(folder, rows):
    path, rows = folder / "a.csv", [FIRST, *rows]
    text = "id,t,s\n" + "".join(",".join(row) + "\n" for row in rows)
    path.write_bytes(text.encode().replace("\ufffd".encode(), b"\xff"))
    data = read_sequences(path, **LONG)
    sequences, total = expected(rows)
    assert [[data.alphabet[i] for i in ids] for ids in data.sequences] == sequences
    report = data.report
    assert (report.read, report.read + report.refused) == (len(sequences), total)
    assert (report.rows_read, report.rows_read + report.rows_refused) == (sum(map(len, sequences)), len(rows))
    assert bool(report.reasons) == (report.rows_refused > 0)
    assert set(data.alphabet) == set().union(*sequences)


LINE = st.sampled_from(
    ['["a", "b"]', '["b"]', "[]", "[1]", '["a", null]', "{", "", "3", '{"a": 1}', "NaN", '["a", NaN]']
)


@given(st.lists(LINE, max_size=10), st.integers(1, 9))
def test_counts_of_json_lines(folder, lines, limit):
    path, lines = folder / "a.jsonl", ['["a"]', *lines]
    path.write_text("\n".join(lines) + "\n")
    limit += 5
    report = read_sequences(path, on_error="count", max_line=limit).report
    good = [line for line in lines if line in ('["a", "b"]', '["b"]', '["a"]') and len(line) <= limit]
    assert (report.read, report.refused) == (len(good), len(lines) - len(good))
    assert (report.rows_read, report.rows_refused) == (len(good), len(lines) - len(good))
    assert report.symbols == sum(len(json.loads(line)) for line in good)


@given(st.lists(st.sampled_from(["ab", "", " ", "b a", "\ufffd", "x" * 30]), max_size=10))
def test_counts_of_text(folder, lines):
    path, lines = folder / "a.txt", ["a", *lines]
    path.write_bytes("".join(line + "\n" for line in lines).encode().replace("\ufffd".encode(), b"\xff"))
    for sequence in ("line", "paragraph"):
        stream = stream_sequences(path, sequence=sequence, tokens="words", on_error="count", max_line=20)
        with contextlib.suppress(InvalidInput):  # as when no sequence at all is good
            assert sum(map(len, stream)) == stream.report.symbols
        assert stream.report.rows_read + stream.report.rows_refused == len(lines)
        if sequence == "line":
            good = sum(line in ("a", "ab", "b a") for line in lines)
            assert (stream.report.read, stream.report.refused) == (good, len(lines) - good)


@given(st.lists(st.tuples(*[st.sampled_from(["1", "2", "", "x"])] * 3), min_size=1, max_size=6))
def test_counts_of_columns(folder, rows):
    path, rows = folder / "a.csv", [("1", "1", "1"), *rows]
    path.write_text("a,b,c\n" + "".join(",".join(row) + "\n" for row in rows))
    columns = ["".join(cell or " " for cell in column).rstrip() for column in zip(*rows, strict=True)]
    good = [column for column in columns if set(column) <= {"1", "2"}]
    if any(row == ("", "", "") for row in rows) or not good:
        with pytest.raises(InvalidInput, match="must hold at least one good sequence, but none was read; first, "):
            read_sequences(path, column=("a", "b", "c"), on_error="count")
        return
    data = read_sequences(path, column=("a", "b", "c"), on_error="count")
    assert ["".join(str(data.alphabet[i]) for i in ids) for ids in data.sequences] == good
    assert (data.report.read, data.report.refused) == (len(good), 3 - len(good))
    assert (data.report.rows_read, data.report.rows_refused) == (len(rows), 0)


def test_refused_sequences_leave_no_symbol_in_the_alphabet():
    data = read_sequences([["a"], ["x", None], ["b"]], on_error="count")
    assert data.alphabet == ("a", "b")


def test_report_in_one_line():
    report = read_sequences([["a"], ["b", None], ["b", "a"]], on_error="count").report
    assert str(report) == (
        "the iterable: read 2 sequences of 3 symbols from 2 items; refused 1 sequence and 1 item, first for this: "
        "the iterable, item 1: symbol 2 of the sequence must hold a value everywhere, but is empty; "
        "fill it or leave its sequence out"
    )


def test_only_the_first_reasons_are_kept():
    report = read_sequences([["a"], *[[]] * 50], on_error="count").report
    assert (report.refused, len(report.reasons)) == (50, 3)


def test_a_lost_row_in_a_column_refuses_the_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,1\n1\n1,1\n")
    with pytest.raises(InvalidInput) as error:
        read_sequences(path, column="x", on_error="count")
    assert str(error.value) == (
        f"{path} must hold at least one good sequence, but none was read; first, {path}, line 3: the line must have "
        "2 fields, as many as there are columns, but has 1; correct or delete it"
    )
