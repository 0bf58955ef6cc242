"""Whatever lies where a store should be is refused in one sentence, and not a byte of it is changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from tests.store.refuse import HASH, SPEC, read, refuse, touch
from tests.store.samples import run

from memspan.core.errors import InvalidInput
from memspan.store import Store, StoreError, schema


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copy(whole, tmp_path / "runs.db")


def header(path, place, value):
    """Write a field of the header, four bytes."""
    raw = bytearray(path.read_bytes())
    raw[place : place + 4] = value.to_bytes(4, "big")
    path.write_bytes(raw)


@pytest.mark.parametrize("text", [b"seed,solved\n0,1\n", b"\0" * 5000, b"SQLite format 2\0" * 300, b"x"])
def test_no_sqlite_file(tmp_path, text):
    (tmp_path / "runs.db").write_bytes(text)
    refuse(tmp_path / "runs.db", InvalidInput, "is no SQLite file; name another")


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_database_of_another_program(tmp_path, mode):
    with closing(sqlite3.connect(tmp_path / "runs.db")) as other:
        other.execute(f"PRAGMA journal_mode = {mode}")
        other.execute("CREATE TABLE runs (id INTEGER)")
    refuse(tmp_path / "runs.db", InvalidInput, "is another program's; name another file")


def test_a_newer_version(copy):
    header(copy, 60, len(schema.STEPS) + 3)
    refuse(copy, InvalidInput, "is of version 4, made by a newer memspan; update memspan with pip install -U memspan")


def test_a_newer_version_that_only_the_log_knows(copy):
    """Its writer was killed before the file itself had the number."""
    with closing(sqlite3.connect(copy)) as newer, closing(sqlite3.connect(copy)) as reader:
        newer.execute("PRAGMA user_version = 9")
        reader.execute("PRAGMA user_version")
        shutil.copy(copy, copy.with_name("crashed.db"))
        shutil.copy(f"{copy}-wal", copy.with_name("crashed.db-wal"))
    with pytest.raises(InvalidInput, match="is of version 9, made by a newer memspan"):
        Store.open(copy.with_name("crashed.db"))


def test_no_version(copy):
    header(copy, 60, 0)
    refuse(copy, InvalidInput, "store must be of version 1 or newer, but")


@pytest.mark.parametrize("size", [20, 99, 100, 4096, 20_000])
def test_a_torn_file(copy, size):
    os.truncate(copy, size)
    refuse(copy, StoreError, f"is torn: it has {size:,} bytes of")


def test_a_file_of_no_length_whose_log_is_there(copy):
    copy.with_name("runs.db-wal").write_bytes(b"log")
    os.truncate(copy, 0)
    refuse(copy, StoreError, "is empty, but runs.db-wal holds runs of it")


@pytest.mark.parametrize("page", range(1, 12))
def test_garbage_in_the_middle(copy, page):
    """Whichever page it is, a writer notices before it adds to it, and no reader dies of anything but a sentence."""
    with copy.open("r+b") as file:
        file.seek(4096 * page)
        file.write(bytes(range(256)) * 16)
    refuse(copy, StoreError, "is damaged", touch)
    refuse(copy, StoreError, "is damaged", Store.check)


def test_garbage_in_a_curve(copy):
    with closing(sqlite3.connect(copy)) as broken:
        broken.execute("UPDATE curves SET points = x'66ffff' WHERE run = 3")
        broken.commit()
    refuse(copy, StoreError, "is damaged (not a packed curve", read)


def test_a_row_that_refers_to_nothing(copy):
    with closing(sqlite3.connect(copy)) as broken:
        broken.execute("DELETE FROM runs WHERE id = 3")
        broken.commit()
    refuse(copy, StoreError, "is damaged", Store.check)


def test_places_that_are_none(tmp_path):
    (tmp_path / "runs.db").mkdir()
    with pytest.raises(InvalidInput, match="is a folder; add a name, such as"):
        Store.open(tmp_path / "runs.db")
    (tmp_path / "runs.db").rmdir()
    with pytest.raises(InvalidInput, match="store must lie in a folder that exists, but"):
        Store.open(tmp_path / "none" / "runs.db")
    with pytest.raises(InvalidInput, match="store must be a file that exists, but"):
        Store.open(tmp_path / "runs.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_every_mark(tmp_path):
    """Names go into an address, where some marks mean something."""
    path = tmp_path / "50 % of #1? ü&mode=ro.db"
    with Store.open(path) as store, store.writer() as writer:
        writer.add(SPEC, [run(0)])
    assert path.exists()
    with Store.open(str(path), create=False) as store:
        assert store.missing(HASH, range(2)) == [1]


def test_a_store_that_another_program_holds(copy, monkeypatch):
    from memspan.store import connect

    monkeypatch.setattr(connect, "BUSY", 0.1)
    with closing(sqlite3.connect(copy, isolation_level=None)) as other, Store.open(copy) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is held by another program; close what else has it open"):
            touch(store)
        assert len(list(store.runs(HASH))) == 100
        other.execute("ROLLBACK")
        touch(store)


def test_a_disk_that_programs_cannot_share(tmp_path, monkeypatch):
    """A file system without shared memory, as SQLite sees it, has no log."""
    from memspan.store import connect

    real = sqlite3.connect
    monkeypatch.setattr(connect.sqlite3, "connect", lambda name, **how: real(name + "&vfs=unix-dotfile", **how))
    with pytest.raises(StoreError, match=r"must lie on a disk that programs can share, .*put it on a local disk"):
        Store.open(tmp_path / "runs.db")
    assert [file.name for file in tmp_path.iterdir()] == ["runs.db.lock"]


def test_an_old_sqlite(tmp_path, monkeypatch):
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreError, match=r"SQLite must be 3.37 or newer, but is .*; use a newer Python"):
        Store.open(tmp_path / "runs.db")
