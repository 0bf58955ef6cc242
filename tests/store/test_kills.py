"""Killed at random moments, a store keeps every block that it said was stored, once, and is whole."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time

from tests.store.kills import block, kill_often
from tests.store.samples import run

from memspan.store import Store, table, write_csv
from memspan.store.identity import hash_of

KILLS = 12  # `python -m tests.store.kills 200` for more


def text_of(path):
    out = io.StringIO()
    with Store.open(path) as store:
        write_csv(table(store), out)
        curves = [one.curves["loss"].tobytes() for spec in store.specs() for one in store.runs(spec.hash)]
    return out.getvalue(), curves


def test_nothing_is_lost(tmp_path):
    blocks = kill_often(tmp_path / "killed.db", KILLS)
    assert blocks > KILLS / 2
    with Store.open(tmp_path / "calm.db") as store, store.writer() as writer:
        for number in range(blocks):
            text, seeds = block(number)
            writer.add(text, [run(seed) for seed in seeds])
    assert text_of(tmp_path / "killed.db") == text_of(tmp_path / "calm.db")


def test_readers_work_while_another_process_writes(tmp_path):
    """What a reader sees are whole blocks, more and more of them, from several threads at once."""
    path = tmp_path / "runs.db"
    words = ["-m", "tests.store.kills", "write", str(path), "0.01"]
    writer = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE)
    try:
        assert writer.stdout.readline() == b"0\n"
        hash, seen = hash_of(block(0)[0]), [[], []]

        def look(counts):
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and (len(counts) < 8 or counts[-1] == counts[0]):
                runs = list(store.runs(hash))
                assert [one.seed for one in runs] == list(range(len(runs)))
                assert all(len(one.curves) == 3 and len(one.scores) == 2 for one in runs)
                counts.append(len(runs))

        with Store.open(path) as store:
            threads = [threading.Thread(target=look, args=(counts,)) for counts in seen]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        writer.kill()
        writer.communicate()
    for counts in seen:
        assert counts == sorted(counts)
        assert counts[-1] > counts[0]
        assert all(count % 20 == 0 for count in counts)
