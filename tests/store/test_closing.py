"""A store may be closed by one thread while another reads it, as an interrupted study does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from memspan.core.errors import InvalidInput
from memspan.store import Store

# In a process of its own, for it is the process that must live: SQLite may not be asked on a connection that is gone.
READ_WHILE_CLOSED = """
import sys, threading
from memspan.core.errors import InvalidInput
from memspan.store import Store

for _ in range(200):
    store, under_way, told = Store.open(sys.argv[1]), threading.Event(), []
    def read():
        try:
            while True:
                store.missing("x", range(3))
                under_way.set()
        except InvalidInput as refusal:
            told.append(str(refusal))
    reader = threading.Thread(target=read)
    reader.start()
    under_way.wait()
    store.close()
    reader.join()
    assert len(told) == 1 and "was closed" in told[0]
print("lives")
"""


def test_a_store_is_closed_while_another_thread_reads(tmp_path):
    with Store.open(tmp_path / "runs.db"):
        pass
    command = [sys.executable, "-c", READ_WHILE_CLOSED, str(tmp_path / "runs.db")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "lives\n"), done.stderr


def test_a_closed_store_says_so(tmp_path):
    with Store.open(tmp_path / "runs.db") as store:
        pass
    store.close()
    with pytest.raises(InvalidInput, match=r"^store must be open, but .*runs\.db was closed; open it again with "):
        store.specs()
