"""Whatever is written in a format is read back the same, all at once and one after another."""

from __future__ import annotations

import csv
import datetime
import gzip
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memspan.data.read import frames as frames_module
from memspan.data.read import read_sequences, stream_sequences

WORD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
# Within a line of a file: no line ends, and for words nothing that separates them.
PRINTED = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"])
INTEGERS = st.lists(st.lists(st.integers(-(10**30), 10**30), min_size=1, max_size=6), min_size=1, max_size=5)
WORDS = st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=1, max_size=5)
SEQUENCES = st.one_of(INTEGERS, WORDS)
LONG = {"column": "s", "sequence": "id", "order": "t"}


def decoded(ids, alphabet):
    assert all(array.dtype == np.int32 for array in ids)
    return [[alphabet[i] for i in array] for array in ids]


def both_ways(source, **options):
    """Return what is read, after asserting that streaming reads the same."""
    data = read_sequences(source, **options)
    stream = stream_sequences(source, **options)
    arrays = list(stream)
    assert decoded(arrays, stream.alphabet) == decoded(data.sequences, data.alphabet)
    assert stream.report == data.report
    assert data.report.refused == data.report.rows_refused == 0
    assert data.report.read == len(data.sequences)
    assert data.report.symbols == sum(map(len, data.sequences))
    assert list(data.alphabet) == sorted(set().union(*decoded(data.sequences, data.alphabet)))
    return decoded(data.sequences, data.alphabet)


def values_of(sequences):
    return "text" if isinstance(sequences[0][0], str) else None


def long_rows(sequences):
    return [(f"u{i}", t, s) for i, symbols in enumerate(sequences) for t, s in enumerate(symbols)]


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@given(sequences=SEQUENCES)
@example(sequences=[["a,b", '"', "\r\n", " ", "nan", "007", "\0"]])
def test_long_csv(folder, sequences):
    path = folder / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([("id", "t", "s"), *long_rows(sequences)])
    assert both_ways(path, values=values_of(sequences), **LONG) == sequences


@given(sequences=SEQUENCES, seed=st.integers(0, 2**32))
def test_shuffled_long_tsv_in_memory(folder, sequences, seed):
    path, rows = folder / "a.tsv", long_rows(sequences)
    rows = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter="\t").writerows([("id", "t", "s"), *rows])
    data = read_sequences(path, values=values_of(sequences), **LONG)
    first_seen = list(dict.fromkeys(int(row[0][1:]) for row in rows))
    assert decoded(data.sequences, data.alphabet) == [sequences[i] for i in first_seen]


@given(sequences=SEQUENCES, mark=st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_columns_of_csv(folder, sequences, mark):
    path, names = folder / "a.csv", [f"c{i}" for i in range(len(sequences))]
    padded = [[*s, *[""] * (max(map(len, sequences)) - len(s))] for s in sequences]
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(mark.decode())
        csv.writer(file, delimiter=";").writerows([names, *zip(*padded, strict=True)])
    assert both_ways(path, column=names, delimiter=";", values=values_of(sequences)) == sequences


@given(sequences=SEQUENCES)
def test_json_lines(folder, sequences):
    path = folder / "a.jsonl"
    path.write_text("".join(json.dumps(s) + "\n" for s in sequences))
    assert both_ways(path) == sequences
    path.write_text("\r\n".join(json.dumps({"n": i, "s": s}) for i, s in enumerate(sequences)))
    assert both_ways(path, column="s") == sequences
    rows = [dict(zip(("id", "t", "s"), row, strict=True)) for row in long_rows(sequences)]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert both_ways(path, **LONG) == sequences


@given(sequences=SEQUENCES)
def test_iterables(sequences):
    assert both_ways(sequences) == sequences
    assert both_ways([tuple(s) for s in sequences]) == sequences
    rows = [dict(zip(("id", "t", "s"), row, strict=True)) for row in long_rows(sequences)]
    assert both_ways(rows, **LONG) == sequences
    once = read_sequences(iter(rows), **LONG)
    assert decoded(once.sequences, once.alphabet) == sequences


@given(st.lists(st.text(PRINTED, min_size=1, max_size=8), min_size=1, max_size=5), st.booleans())
def test_characters_of_text(folder, lines, packed):
    path = folder / ("a.txt.gz" if packed else "a.txt")
    path.write_bytes((gzip.compress if packed else bytes)("\n".join(lines).encode()))
    assert both_ways(path) == [list(line) for line in lines]
    assert both_ways(path, sequence="file") == [list("\n".join(lines))]
    assert both_ways(path, sequence="paragraph") == [list("\n".join(lines))]
    assert both_ways(lines) == [list(line) for line in lines]


@given(st.lists(st.lists(st.text(PRINTED, min_size=1, max_size=4), min_size=1, max_size=5), min_size=1, max_size=5))
def test_words(folder, sequences):
    path = folder / "a.txt"
    path.write_bytes("".join(" ".join(s) + "\r\n" for s in sequences).encode())
    assert both_ways(path, tokens="words") == sequences
    path.write_text("\n\n" + "\n\n \n".join("\n".join(s) for s in sequences) + "\n\n")
    assert both_ways(path, tokens="words", sequence="paragraph") == sequences
    assert both_ways([" ".join(s) for s in sequences], tokens="words") == sequences
    with (folder / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["x"], *([" ".join(s)] for s in sequences)])
    assert both_ways(folder / "a.csv", tokens="words") == sequences


@settings(max_examples=20)
@given(sequences=st.lists(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=6), min_size=1, max_size=5))
def test_frames_and_parquet(folder, sequences):
    columns = dict(zip(("id", "t", "s"), map(list, zip(*long_rows(sequences), strict=True)), strict=True))
    frame, lists = pl.DataFrame(columns), pl.DataFrame({"s": sequences})
    assert both_ways(frame, **LONG) == sequences
    assert both_ways(frame.lazy(), **LONG) == sequences
    assert both_ways(pd.DataFrame(columns), **LONG) == sequences
    assert both_ways(lists) == both_ways(pd.DataFrame({"s": sequences})) == sequences
    assert both_ways(frame["s"]) == both_ways(pd.Series(columns["s"], name="s")) == [columns["s"]]
    frame.write_parquet(folder / "a.parquet")
    assert both_ways(folder / "a.parquet", **LONG) == sequences
    lists.write_parquet(folder / "a.parquet")
    assert both_ways(folder / "a.parquet") == sequences


@settings(max_examples=20)
@given(WORDS)
def test_columns_of_frames(sequences):
    height = max(map(len, sequences))
    columns = {f"c{i}": [*s, *[None] * (height - len(s))] for i, s in enumerate(sequences)}
    for frame in (pl.DataFrame(columns), pd.DataFrame(columns)):
        assert both_ways(frame, column=tuple(columns)) == sequences


@settings(max_examples=20)
@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 2**32))
def test_arrays(folder, rows, columns, seed):
    array = np.random.default_rng(seed).integers(0, 5, (rows, columns))
    for kind in (np.int64, np.uint8, np.bool_, np.str_):
        typed = array.astype(kind)
        np.save(folder / "a.npy", typed)
        assert both_ways(typed) == both_ways(folder / "a.npy") == typed.tolist()
        assert both_ways(typed[0]) == both_ways(list(typed[:1])) == [typed[0].tolist()]
        assert both_ways(list(typed)) == typed.tolist()


def test_ragged_array_of_arrays():
    ragged = np.empty(2, dtype=object)
    ragged[:] = [np.array([1, 2]), np.array([3])]
    assert both_ways(ragged) == [[1, 2], [3]]


def test_numbers_as_symbols_if_asked_for():
    assert both_ways([[1.5, 2, 1.5]], values="numbers") == [[1.5, 2, 1.5]]


def test_numbers_as_text_if_asked_for():
    assert both_ways([[1, "1", True]], values="text") == [["1", "1", "True"]]


@pytest.mark.parametrize(
    "times",
    [
        [datetime.date(2024, 1, 31), datetime.date(2024, 2, 1)],
        [datetime.datetime(2024, 1, 31, 23, 59), datetime.datetime(2024, 2, 1, 0, 0, 0, 1)],
        [datetime.datetime(2024, 1, 31, tzinfo=datetime.UTC), datetime.datetime(2024, 2, 1, tzinfo=datetime.UTC)],
        [9, 10],
        [-0.5, 0.25],
    ],
)
def test_order_by_times_and_numbers(folder, times):
    rows = {"t": times[::-1], "s": ["b", "a"]}
    for frame in (pd.DataFrame(rows), pl.DataFrame(rows)):
        assert both_ways(frame, column="s", order="t") == [["a", "b"]]
    pd.DataFrame({key: [str(value) for value in column] for key, column in rows.items()}).to_csv(
        folder / "a.csv", index=False
    )
    assert both_ways(folder / "a.csv", column="s", order="t") == [["a", "b"]]


def test_order_in_nanoseconds():
    times = np.array([1_700_000_000_000_000_001, 1_700_000_000_000_000_000]).astype("datetime64[ns]")
    for frame in (pd.DataFrame({"t": times, "s": ["b", "a"]}), pl.DataFrame({"t": times, "s": ["b", "a"]})):
        assert both_ways(frame, column="s", order="t") == [["a", "b"]]


def test_frames_in_several_batches(monkeypatch):
    monkeypatch.setattr(frames_module, "BATCH", 3)
    frame = pd.DataFrame({"id": np.arange(10) // 4, "s": np.arange(10) % 3})
    expected = [[0, 1, 2, 0], [1, 2, 0, 1], [2, 0]]
    assert both_ways(frame, column="s", sequence="id") == expected
    table = frames_module.open_polars(pl.DataFrame({name: frame[name].to_numpy() for name in frame}), batch=3)
    assert [row for _, row in table.rows(("s", "id"))] == list(zip(frame["s"], frame["id"], strict=True))
    assert [place for place, _ in table.rows(("s",))] == list(range(10))


def test_csv_without_header(folder):
    (folder / "a.csv").write_text("u,3\nu,0\nv,4\n")
    assert both_ways(folder / "a.csv", names=("id", "s"), column="s", sequence="id") == [[3, 0], [4]]


def test_format_given_for_another_ending(folder):
    (folder / "a.log").write_text("ab\nba\n")
    assert both_ways(folder / "a.log", format="text") == [["a", "b"], ["b", "a"]]
