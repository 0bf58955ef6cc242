"""One process writes a store; however it ends, the next one may."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys

import pytest
from tests.store.samples import run, spec

from memspan.store import Store, StoreError
from memspan.store.identity import hash_of
from memspan.store.lock import lock_of

HOLDER = """
import os, sys
from memspan.store import Store
with Store.open(sys.argv[1]) as store, store.writer():
    child = os.fork() if "fork" in sys.argv else None
    if child == 0:
        os.close(1)
    else:
        print(child or os.getpid(), flush=True)
    sys.stdin.read()
"""


def holder(path, *words):
    """A process that holds a store, ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, int(process.stdout.readline())


def write(path):
    with Store.open(path) as store, store.writer() as writer:
        return writer.add(spec(), [run(0)])


def test_a_second_coordinator_is_told_who_is_first(tmp_path):
    path = tmp_path / "runs.db"
    process, pid = holder(path)
    try:
        with pytest.raises(StoreError) as refusal:
            write(path)
        assert str(refusal.value) == (
            f"{path} is being written by process {pid} on {platform.node()}; wait until it has ended or end it, or "
            "name another store"
        )
        with Store.open(path) as reader:
            assert reader.missing(hash_of(spec()), [0]) == [0]
    finally:
        process.communicate()
    assert write(path).new == 1


@pytest.mark.parametrize("words", [(), ("fork",)], ids=["alone", "its child lives on"])
def test_a_killed_coordinator_leaves_nothing_to_clear_away(tmp_path, words):
    path = tmp_path / "runs.db"
    process, child = holder(path, *words)
    process.kill()
    process.wait()
    try:
        assert write(path).new == 1
    finally:
        process.stdin.close()
        process.stdout.close()
        if words:
            os.kill(child, signal.SIGKILL)


def test_one_process_is_two_coordinators_too(tmp_path):
    path = tmp_path / "runs.db"
    (tmp_path / "link.db").symlink_to(path)
    with Store.open(path) as store, store.writer(), Store.open(tmp_path / "link.db") as other:
        with pytest.raises(StoreError, match=f"is being written by process {os.getpid()} on"):
            write(path)
        with pytest.raises(StoreError, match=r"runs\.db is being written by"), other.writer():
            pass
    assert write(path).new == 1


@pytest.mark.parametrize("text", [b"", b"\xff", b"[1]", b"{}"])
def test_a_holder_that_cannot_be_read(tmp_path, text):
    with Store.open(tmp_path / "runs.db") as store, store.writer():
        lock_of(store.path).write_bytes(text)
        with pytest.raises(StoreError, match="is being written by another process; wait"):
            write(store.path)


def test_two_may_make_a_store_at_once(tmp_path):
    """One is made; whoever comes second uses it."""
    path = tmp_path / "runs.db"
    code = "import sys; from memspan.store import Store; Store.open(sys.argv[1]).close()"
    makers = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)]
    assert [maker.wait() for maker in makers] == [0] * 4
    assert write(path).new == 1
