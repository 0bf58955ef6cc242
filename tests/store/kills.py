"""Kill a process that writes a store, at random moments, and see that nothing is lost.

In the tests a few times; `python -m tests.store.kills 200` as often as you like.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.store.samples import run, spec

from memspan.store import Store
from memspan.store.identity import hash_of

BLOCK = 20  # runs
SPECS = 3


def block(number):
    """The spec and seeds of a block."""
    return spec(number % SPECS), range(number // SPECS * BLOCK, (number // SPECS + 1) * BLOCK)


def write(path, pause=0.0):
    """Put in one block after the other, beginning with the first that is missing; say so when one is stored."""
    with Store.open(path) as store, store.writer() as writer:
        number = -1
        while True:
            number += 1
            text, seeds = block(number)
            todo = store.missing(hash_of(text), seeds)
            if todo:
                writer.add(text, [run(seed) for seed in todo])
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()
                time.sleep(pause)


def kill_a_writer(path, rng):
    """Start a writer and kill it: at any moment of its start, or of its work. Return the last block it reported."""
    writer = subprocess.Popen([sys.executable, "-m", "tests.store.kills", "write", str(path)], stdout=subprocess.PIPE)
    if rng.random() < 0.25:
        time.sleep(rng.uniform(0.05, 0.4))
    else:
        writer.stdout.readline()
        time.sleep(rng.uniform(0, 0.05))
    writer.kill()
    said = [int(line) for line in writer.communicate()[0].splitlines(keepends=True) if line.endswith(b"\n")]
    return max(said, default=-1)


def check(path, reported):
    """See that the reported blocks are there, that all blocks are whole, and return how many there are."""
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
        assert plain.execute(
            "SELECT count(*) FROM (SELECT 1 FROM runs GROUP BY spec, seed HAVING count(*) > 1)"
        ).fetchone() == (0,)
        runs = plain.execute("SELECT spec, seed FROM runs").fetchall()
        blocks = len(runs) // BLOCK
        assert len(runs) == blocks * BLOCK
        assert blocks > reported
        whole = [(hash_of(text), seed) for text, seeds in map(block, range(blocks)) for seed in seeds]
        assert sorted(runs) == sorted(whole)
        for table, each in (("scores", 2), ("curves", 3)):
            assert plain.execute(f"SELECT count(*) FROM {table}").fetchone() == (each * len(runs),)
    return blocks


def kill_often(path, kills, seed=0):
    """Kill writers of one store one after the other; return how many blocks came through."""
    rng, blocks = random.Random(seed), 0
    for _ in range(kills):
        reported = kill_a_writer(path, rng)
        if path.exists():
            before, blocks = blocks, check(path, reported)
            assert blocks >= before
        else:
            assert reported < 0
    return blocks


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]), *map(float, sys.argv[3:]))
    with tempfile.TemporaryDirectory() as folder:
        survived = kill_often(Path(folder) / "runs.db", int(sys.argv[1]))
    sys.stdout.write(f"{sys.argv[1]} kills: {survived} blocks stored, none lost, none twice, integrity_check ok\n")
