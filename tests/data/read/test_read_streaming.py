"""Streaming: bounded memory, a growing alphabet, and rows that must stand together."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from memspan.core.errors import InvalidInput
from memspan.data.read import Bins, read_sequences, stream_sequences

LENGTH, COUNT = 50, 400

# In a process of its own: the type checks of these tests take memory and time.
MEASURE = """
import sys, tracemalloc
from memspan.data.read import Bins, stream_sequences
options = eval(sys.argv[2])
def read():
    stream = stream_sequences(sys.argv[1], **options)
    for _ in stream:
        pass
    return stream.report.read
read()  # the first time imports modules
tracemalloc.start()
print(read(), tracemalloc.get_traced_memory()[1])
"""


def write_csv(path):
    with path.open("w") as file:
        file.write("id,t,s,x,note\n")
        for i in range(COUNT):
            file.writelines(f"u{i},{t},{'abc'[t * i % 3]},{t * i / 7},{'-' * 40}\n" for t in range(LENGTH))


def write_jsonl(path):
    line = f"[{', '.join(['1', '2'] * 300)}]\n"
    path.write_text(line * COUNT)


def write_text(path):
    path.write_text(f"{'abcd ' * 400}\n" * COUNT)


def write_npy(path):
    np.save(path, np.zeros((COUNT, 2000), dtype=np.uint8))


@pytest.mark.parametrize(
    ("name", "write", "options"),
    [
        ("a.csv", write_csv, {"column": "s", "sequence": "id", "order": "t"}),
        ("a.csv", write_csv, {"column": "x", "sequence": "id", "order": "t", "bins": Bins("quantile", 4)}),
        ("a.jsonl", write_jsonl, {}),
        ("a.txt", write_text, {}),
        ("a.txt", write_text, {"tokens": "words"}),
        ("a.npy", write_npy, {}),
    ],
    ids=["csv", "quantiles", "jsonl", "characters", "words", "npy"],
)
def test_memory_is_bounded(tmp_path, name, write, options):
    path = tmp_path / name
    write(path)
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), repr(options)], capture_output=True, text=True, check=True
    )
    read, peak = map(int, run.stdout.split())
    assert read == COUNT
    assert 5 * peak < path.stat().st_size


def test_alphabet_and_report_grow():
    stream = stream_sequences(iter(["ab", "cb"]))
    assert (stream.alphabet, stream.report.read) == ((), 0)
    assert next(stream).tolist() == [0, 1]
    assert (stream.alphabet, stream.report.read) == (("a", "b"), 1)
    assert next(stream).tolist() == [2, 1]
    assert (stream.alphabet, stream.report.symbols) == (("a", "b", "c"), 4)
    assert list(stream) == []


@pytest.mark.parametrize("on_error", ["raise", "count"])
def test_rows_must_stand_together(tmp_path, on_error):
    path = tmp_path / "a.csv"
    path.write_text("id,s\nu,a\nv,b\nu,a\n")
    stream = stream_sequences(path, column="s", sequence="id", on_error=on_error)
    with pytest.raises(InvalidInput) as error:
        list(stream)
    assert str(error.value) == (
        f"{path}, line 4: column 'id' must hold the rows of a sequence together when streaming, but 'u' comes back "
        "after others; sort the rows by it or use read_sequences"
    )
    assert len(read_sequences(path, column="s", sequence="id").sequences) == 2


def test_parquet_is_read_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr("memspan.data.read.parquet.BATCH", 7)
    frame = pl.DataFrame({"id": np.arange(100) // 10, "s": np.arange(100) % 3})
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=10)
    stream = stream_sequences(tmp_path / "a.parquet", column="s", sequence="id")
    read = [[stream.alphabet[i] for i in ids] for ids in stream]
    assert read == frame["s"].to_numpy().reshape(10, 10).tolist()


def test_nothing_heavy_is_imported():
    code = "import memspan.data.read, sys; print(*{'jax', 'pandas', 'polars'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_missing_library_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(InvalidInput) as error:
        read_sequences(tmp_path / "a.parquet")
    assert str(error.value) == (
        "reading Parquet must have polars, but import of polars halted; None in sys.modules; "
        "install it with pip install 'memspan[frames]'"
    )
