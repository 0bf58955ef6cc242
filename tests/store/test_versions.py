"""Stores of every version that there was are opened, brought forward and read to the last bit."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from tests.store.make_version import VERSIONS, contents, make
from tests.store.unprivileged import open_folder, unprivileged

from memspan.core.errors import InvalidInput
from memspan.store import Store, StoreError, schema

PAST = sorted(VERSIONS.glob("*.db"), key=lambda path: int(path.stem))
NEXT = ("ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",)
REBUILD = (
    "CREATE TABLE made (hash TEXT PRIMARY KEY, settings TEXT NOT NULL, n INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "INSERT INTO made SELECT hash, settings, 0 FROM specs",
    "DROP TABLE specs",
    "ALTER TABLE made RENAME TO specs",
)


def version(path):
    with closing(sqlite3.connect(path)) as plain:
        return plain.execute("PRAGMA user_version").fetchone()[0]


def test_there_is_one_of_every_version():
    assert [int(path.stem) for path in PAST] == list(range(1, len(schema.STEPS) + 1))


@pytest.mark.parametrize("past", PAST, ids=lambda path: path.stem)
def test_a_past_version_is_read(past, tmp_path):
    path = shutil.copy(past, tmp_path / "runs.db")
    assert version(past) == int(past.stem)
    with Store.open(path, create=False) as store:
        assert contents(store) == json.loads(past.with_suffix(".json").read_text())
        assert store.weights(store.specs(where={"spec.model.units": 4})[0].hash, 1)["bias"].tolist() == [0, 1, 2]
        store.check()
        with store.writer() as writer:
            assert writer.note("more")
    assert version(path) == len(schema.STEPS)


def test_the_newest_is_what_we_make(tmp_path):
    """The checked-in store is of this schema: whoever changes a step that was released fails here."""
    assert make(tmp_path / "new.db") == json.loads(PAST[-1].with_suffix(".json").read_text())

    def tables(path):
        with closing(sqlite3.connect(path)) as plain:
            return plain.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()

    assert tables(tmp_path / "new.db") == tables(PAST[-1])


@pytest.mark.parametrize("past", PAST, ids=lambda path: path.stem)
@pytest.mark.parametrize("steps", [(NEXT,), (REBUILD,), (NEXT, REBUILD)], ids=["one", "rebuilt", "two"])
def test_versions_to_come(past, steps, tmp_path, monkeypatch):
    """All steps that are lacking are gone through, and nothing is lost on the way."""
    path = shutil.copy(past, tmp_path / "runs.db")
    before = json.loads(past.with_suffix(".json").read_text())
    monkeypatch.setattr("memspan.store.schema.STEPS", schema.STEPS + steps)
    monkeypatch.setattr("memspan.store.connect.STEPS", schema.STEPS)
    monkeypatch.setattr("memspan.store.header.STEPS", schema.STEPS)
    with Store.open(path) as store:
        assert contents(store) == before
        store.check()
    assert version(path) == len(schema.STEPS)
    with Store.open(path) as store:
        assert contents(store) == before


def test_a_step_that_fails_leaves_all_as_it_was(tmp_path, monkeypatch):
    path = shutil.copy(PAST[-1], tmp_path / "runs.db")
    before, was = path.read_bytes(), len(schema.STEPS)
    steps = (*schema.STEPS, NEXT, ("DROP TABLE scores", "DELETE FROM specs"), ("CREATE TABLE runs (x INTEGER)",))
    monkeypatch.setattr("memspan.store.schema.STEPS", steps)
    with monkeypatch.context() as patched:
        patched.setattr("memspan.store.connect.STEPS", steps)
        patched.setattr("memspan.store.header.STEPS", steps)
        with pytest.raises(StoreError, match=r"runs.db could not be used \(table runs already exists\)"):
            Store.open(path)
    assert version(path) == was
    assert path.read_bytes() == before


def test_a_step_that_leaves_rows_without_their_spec_fails(tmp_path, monkeypatch):
    path = shutil.copy(PAST[-1], tmp_path / "runs.db")
    before = path.read_bytes()
    for module in ("schema", "connect", "header"):
        monkeypatch.setattr(f"memspan.store.{module}.STEPS", (*schema.STEPS[:1], ("DELETE FROM specs",)))
    with pytest.raises(StoreError, match=r"is damaged \(5 rows refer to nothing\)"):
        Store.open(path)
    assert path.read_bytes() == before


def test_an_old_store_where_nothing_may_be_written(monkeypatch):
    with open_folder() as folder:
        path = shutil.copy(PAST[0], folder / "runs.db")
        path.chmod(0o644)
        folder.chmod(0o555)
        for module in ("schema", "connect", "header"):
            monkeypatch.setattr(f"memspan.store.{module}.STEPS", (*schema.STEPS[:1], NEXT))
        with unprivileged(), pytest.raises(StoreError, match="may not be written here"):
            Store.open(path)


def test_an_unknown_version_is_refused(tmp_path):
    path = shutil.copy(PAST[-1], tmp_path / "runs.db")
    for number, sentence in ((0, "or newer"), (len(schema.STEPS) + 1, "or older")):
        with closing(sqlite3.connect(path)) as plain:
            plain.execute(f"PRAGMA user_version = {number}")
        with pytest.raises(InvalidInput, match=sentence):
            Store.open(path)
