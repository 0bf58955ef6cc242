"""The table of a store: the same bytes whatever the order of writing, the same values in every format."""

from __future__ import annotations

import csv
import io
import json
import math
import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.samples import HERE, run, spec

from memspan.core.errors import InvalidInput
from memspan.store import (
    Environment,
    Store,
    StoredRun,
    table,
    to_pandas,
    to_polars,
    write_csv,
    write_json_lines,
    write_parquet,
)
from memspan.store.identity import canonical, dotted, hash_of

FAILED = {"status": "failed", "solved": False, "updates_until_solved": None, "scores": {}, "curves": {}}


def fill(path, order, environment=HERE, seconds=0.25):
    """A store of some runs, written one by one in an order of its own."""
    runs = [(number, run(seed, environment=environment, seconds=seconds)) for number in range(3) for seed in range(8)]
    runs.append((1, run(30, environment=environment, seconds=seconds, reason='a "reason",\nof two lines', **FAILED)))
    order.shuffle(runs)
    store = Store.open(path)
    with store.writer() as writer:
        for number, one in runs:
            writer.add(spec(number), [one])
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with fill(tmp_path_factory.mktemp("export") / "runs.db", random.Random(0)) as store:
        yield store


def written(store, write):
    out = io.StringIO()
    write(table(store), out)
    return out.getvalue()


@pytest.mark.parametrize("write", [write_csv, write_json_lines])
def test_the_order_of_writing_leaves_no_trace(store, tmp_path, write):
    with fill(tmp_path / "other.db", random.Random(1)) as other:
        assert written(store, write) == written(other, write)
        write_parquet(table(store), tmp_path / "one.parquet")
        write_parquet(table(other), tmp_path / "two.parquet")
        assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_elsewhere_and_slower_only_the_last_columns_differ(store, tmp_path):
    elsewhere = Environment({"python": "3.13"}, "another", "")
    with fill(tmp_path / "other.db", random.Random(2), elsewhere, 7.5) as other:
        cut = [
            [row[: row_names.index("seconds")] for row in rows]
            for rows in (list(csv.reader(io.StringIO(written(each, write_csv)))) for each in (store, other))
            for row_names in rows[:1]
        ]
    assert cut[0] == cut[1]
    assert len(cut[0][0]) == 15


def test_csv_says_what_was_stored(store):
    """Read by the standard library, against the runs themselves."""
    rows = list(csv.DictReader(io.StringIO(written(store, write_csv))))
    assert [(row["spec"], int(row["seed"])) for row in rows] == sorted((row["spec"], int(row["seed"])) for row in rows)
    assert len(rows) == 25
    units = {hash_of(spec(number)): 4 + number for number in range(3)}
    for row in rows:
        seed, failed = int(row["seed"]), row["status"] == "failed"
        one = run(seed, **FAILED) if failed else run(seed)
        assert row["solved"] == ("true" if one.solved else "false")
        assert row["updates_until_solved"] == (
            "" if one.updates_until_solved is None else str(one.updates_until_solved)
        )
        assert row["score.train.accuracy"] == ("" if failed else repr(one.scores["train"]["accuracy"]))
        assert row["score.test.accuracy"] == ("" if failed else "nan")
        assert row["reason"] == ('a "reason",\nof two lines' if failed else "")
        number = units[row["spec"]] - 4
        assert row["spec.model.units"] == str(4 + number)
        assert row["spec.model.peepholes"] == ("true" if number % 2 else "false")
        assert row["spec.protocol.batch"] == ("one" if number % 2 else "3")
        assert (row["seconds"], row["environment"]) == ("0.25", HERE.hash)
        assert (row["environment.device"], row["environment.versions.jax"]) == (HERE.device, "0.8")


def test_json_lines_say_the_same(store):
    rows = [json.loads(line, parse_constant=pytest.fail) for line in written(store, write_json_lines).splitlines()]
    names = next(csv.reader(io.StringIO(written(store, write_csv))))
    assert all(list(row) == names for row in rows)
    for row, plain in zip(rows, table(store).rows(), strict=True):
        nan = [None if isinstance(value, float) and math.isnan(value) else value for value in plain]
        assert list(row.values()) == nan
    assert {row["score.test.accuracy"] for row in rows} == {None}


def test_frames_have_types_and_say_the_same(store, tmp_path):
    rows, names = list(table(store).rows()), [column.name for column in table(store).columns]
    polars_frame, pandas_frame = to_polars(table(store)), to_pandas(table(store))
    write_parquet(table(store), tmp_path / "runs.parquet")
    import polars

    back = polars.read_parquet(tmp_path / "runs.parquet")
    assert back.equals(polars_frame, null_equal=True)
    assert repr(polars_frame.rows()) == repr(rows)
    assert list(pandas_frame.columns) == names == polars_frame.columns
    kinds = {"seed": "Int64", "solved": "boolean", "updates_until_solved": "Int64", "spec.model.units": "Int64"}
    assert {name: str(pandas_frame[name].dtype) for name in kinds} == kinds
    assert pandas_frame["solved"].sum() == polars_frame["solved"].sum() == sum(row[3] for row in rows)
    assert pandas_frame["updates_until_solved"].isna().sum() == sum(row[5] is None for row in rows)
    assert polars_frame.schema["spec.protocol.batch"] == polars.String


def test_some_specs_only(store):
    shown = table(store, store.specs(where={"spec.model.peepholes": True}))
    assert {row[0] for row in shown.rows()} == {hash_of(spec(1))}


def test_an_empty_store(tmp_path):
    with Store.open(tmp_path / "empty.db") as empty:
        assert written(empty, write_csv).count("\n") == 1
        assert written(empty, write_json_lines) == ""
        assert to_polars(table(empty)).shape[0] == to_pandas(table(empty)).shape[0] == 0


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z]{1,3}\Z"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,3}\Z"), VALUES, max_size=4))
def test_dotted_names_lose_nothing(value):
    """Every leaf, found by walking, stands under its own name; lists of other than tables are one leaf."""
    names = dotted(value, "spec")

    def walk(inner, name):
        if isinstance(inner, list) and (not inner or not all(isinstance(each, dict) for each in inner)):
            inner = canonical(inner)
        parts = enumerate(inner) if isinstance(inner, list) else inner.items() if isinstance(inner, dict) else None
        if parts is None:
            leaves.append((name, inner))
        else:
            for part, each in parts:
                walk(each, f"{name}.{part}")

    leaves = []
    walk(value, "spec")
    assert len(leaves) == len(names)
    assert all(names[name] is leaf or names[name] == leaf for name, leaf in leaves)


def test_settings_of_any_kind(tmp_path):
    """Columns whose values differ in kind, are too long for 64 bits, or are called like a column of ours."""
    specs = [
        {"a": 1, "b": 2**70, "c": None, "seed": "x", "d": [1, 2.5]},
        {"a": 1.5, "b": 1, "c": True, "e": [{"f": 1}, {"f": 2}]},
        {"a": 2, "b": float("inf"), "c": None, "d": "text"},
    ]
    with Store.open(tmp_path / "runs.db") as store:
        with store.writer() as writer:
            for settings in specs:
                writer.add(canonical(settings), [StoredRun(0, "finished", False, 1, None, HERE)])
        names = [column.name for column in table(store).columns if column.name.startswith("spec.")]
        assert names == ["spec.a", "spec.b", "spec.c", "spec.d", "spec.e.0.f", "spec.e.1.f", "spec.seed"]
        frame = to_polars(table(store)).sort("spec.a")
        assert frame["spec.a"].to_list() == [1.0, 1.5, 2.0]
        assert frame["spec.b"].to_list() == [str(2**70), "1", "Infinity"]
        assert frame["spec.c"].to_list() == [None, True, None]
        assert frame["spec.d"].to_list() == ["[1,2.5]", None, "text"]
        assert frame["spec.e.1.f"].to_list() == [None, 2, None]
        assert frame["spec.seed"].to_list() == ["x", None, None]


@pytest.mark.parametrize(("library", "act"), [("pandas", to_pandas), ("polars", to_polars)])
def test_without_the_library(store, monkeypatch, library, act):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InvalidInput, match=rf"must have {library}, but .*pip install 'memspan\[frames"):
        act(table(store))


def test_a_parquet_file_that_cannot_be_written(store, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none/runs.parquet"):
        write_parquet(table(store), tmp_path / "none" / "runs.parquet")
