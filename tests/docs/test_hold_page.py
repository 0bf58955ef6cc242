"""The page about what is held: its session prints what it shows, its commands are there, its table is complete."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.commands import command as command

from memspan.probes.stretch import FILLERS
from memspan.problems.middles import MIDDLES
from memspan.studies.hold import PROBES

PAGE = (Path(__file__).parents[2] / "docs" / "hold.md").read_text()


def test_its_session_prints_what_it_shows(command):
    (words, begins, bars) = re.search(
        r"```console\n\$ memspan ([^\n]+)\n(.*?)\.\.\.\n(.*?)\.\.\.\n```", PAGE, re.DOTALL
    ).groups()
    done = command(*shlex.split(words))
    assert done.code == 0, done.err
    assert done.out.startswith(begins)
    assert f"\n\n{bars}\n" in done.out


def test_its_commands_are_there(command):
    """The parser takes each command of the block; then it fails for the file or the probe that is not there."""
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines():
        done = command(*shlex.split(line.split("#")[0])[1:], "--probe", "none")
        assert "--probe must be one of stretch, swap" in done.err, line


def test_every_probe_middle_and_filler_is_described():
    rows = re.findall(r"^\| (\w+)[^|]*\|", PAGE, re.MULTILINE)
    assert set(PROBES) <= set(rows)
    assert set(MIDDLES) <= set(rows)
    assert all(f"`{filler}`" in PAGE or f"--filler {filler}`" in PAGE for filler in FILLERS)
