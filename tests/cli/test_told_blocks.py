"""`-v`: every block of runs is told on standard error once it is kept, and the results are those without it."""

from __future__ import annotations

import re

from tests.cli.commands import command as command

from memspan.store import Store

WORDS = (
    "span",
    "--model",
    "MLP(units=4, window=3)",
    "--rule",
    "bptt",
    "--lags",
    "1,2",
    "--seeds",
    "40",
)
LINE = r"spec ([0-9a-f]{16}), lag (\d): seeds (\d+) to (\d+), (\d+) solved, [\d.]+ s; so far (\d+)/(\d+) \[\d+, \d+\] %"


def test_every_block_is_told_once_and_changes_no_result(command, tmp_path):
    told = command(
        *WORDS, "--optimizer", "Adam(learning_rate=0.5)", "--epochs", "3", "-v", "--store", tmp_path / "runs.db"
    )
    assert told.code == 0, told.err
    blocks = re.findall(LINE, told.err)
    with Store.open(tmp_path / "runs.db") as store:
        for hash in {block[0] for block in blocks}:
            runs = list(store.runs(hash))
            mine = [block for block in blocks if block[0] == hash]
            seeds = [seed for block in mine for seed in range(int(block[2]), int(block[3]) + 1)]
            assert seeds == [run.seed for run in runs]
            assert sum(int(block[4]) for block in mine) == sum(run.solved for run in runs) == int(mine[-1][5])
            assert int(mine[-1][6]) == len(runs) == 40
    assert len({block[0] for block in blocks}) == 2
    silent = command(*WORDS, "--optimizer", "Adam(learning_rate=0.5)", "--epochs", "3", "--store", tmp_path / "runs.db")
    assert not re.findall(LINE, silent.err)
    assert silent.out.splitlines()[-3:] == told.out.splitlines()[-3:]


def test_progress_says_how_fast_it_goes_and_how_it_looks(command, monkeypatch):
    """In the plain lines; the bar has the same words."""
    monkeypatch.setattr("memspan.cli.voice.SILENCE", 0.0)
    told = command(*WORDS, "--optimizer", "Adam(learning_rate=0.5)", "--epochs", "4").err
    words = r"; \d+/80 runs, about \d+ s left; [\d.e+]+ a second; here (\d+)/(\d+) \[\d+, \d+\] % solve it"
    of = [(int(solved), int(n)) for solved, n in re.findall(words, told)]
    assert {n for _, n in of} >= {16}
    assert all(solved <= n < 40 for solved, n in of)


def test_it_cannot_be_quiet_too(command):
    done = command(*WORDS, "-v", "-q")
    assert done.code == 2
    assert "--quiet and --verbose must not come together" in done.err
