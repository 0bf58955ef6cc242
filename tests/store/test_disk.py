"""A full disk: a sentence, all that was stored before, and the same block again once there is room."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.store.samples import run, spec

from memspan.store import Store, StoreError
from memspan.store.identity import hash_of

SPEC, HASH = spec(), hash_of(spec())
FULL = r"runs.db could not be written, for the disk is full; make room and start again: every run stored before is kept"


def test_a_full_disk(tmp_path):
    with Store.open(tmp_path / "runs.db") as store:
        with store.writer() as writer:
            writer.add(SPEC, [run(seed) for seed in range(10)])
            pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
            writer._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
            with pytest.raises(StoreError, match=FULL):
                writer.add(SPEC, [run(seed) for seed in range(10, 60)])
            assert store.missing(HASH, range(60)) == list(range(10, 60))
            writer._connection.execute("PRAGMA max_page_count = 100000")
            assert writer.add(SPEC, [run(seed) for seed in range(10, 60)]).new == 50
        store.check()
        assert [one.seed for one in store.runs(HASH)] == list(range(60))


LIMITED = """
import resource, sys
from tests.store.samples import run, spec
from memspan.store import Store, StoreError
with Store.open(sys.argv[1]) as store, store.writer() as writer:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    for block in range(1000):
        try:
            writer.add(spec(), [run(seed, points=500) for seed in range(10 * block, 10 * block + 10)])
        except StoreError as error:
            sys.exit(f"{block} {error}")
"""


def test_a_file_that_may_not_grow(tmp_path):
    """The system itself refuses: no run that was acknowledged is lost, none is there in part."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "runs.db")], capture_output=True, text=True, check=False
    )
    blocks, _, sentence = done.stderr.strip().partition(" ")
    assert done.returncode == 1
    assert "runs.db could not be read or written (disk I/O error); the disk may be full" in sentence
    assert int(blocks) > 0
    with Store.open(tmp_path / "runs.db") as store:
        store.check()
        assert store.missing(HASH, range(10 * int(blocks) + 10)) == list(range(10 * int(blocks), 10 * int(blocks) + 10))
        with store.writer() as writer:
            assert writer.add(SPEC, [run(seed) for seed in range(10_000, 10_100)]).new == 100


MAKING = """
import resource, sys
from memspan.store import Store, StoreError
import memspan.store.lock
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    Store.open(sys.argv[1])
except StoreError as error:
    sys.exit(str(error))
"""


def test_no_room_for_a_new_store(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", MAKING, str(tmp_path / "runs.db")], capture_output=True, text=True, check=False
    )
    assert "the disk may be full" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["runs.db.lock"]
    Store.open(tmp_path / "runs.db").close()
