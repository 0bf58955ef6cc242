"""The page about stores: its session prints what it shows, but for the hashes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.commands import command as command

PAGE = (Path(__file__).parents[2] / "docs" / "store.md").read_text()


def plain(line):
    """A line without its hashes and its widths; "..." at its end stands for more."""
    return " ".join(re.sub(r"\b[0-9a-f]{16}\b", "#", line).split())


def test_its_session_prints_what_it_shows(command):
    (session,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    parts = re.findall(r"\$ memspan ([^\n]+)\n((?:(?!\$ ).*\n)*)", session)
    assert len(parts) == 3
    for words, shown in parts:
        done = command(*shlex.split(words))
        assert done.code == 0, done.err
        printed = [plain(line) for line in done.out.splitlines()]
        for line in filter(None, map(plain, shown.splitlines())):
            assert line == "..." or any(_shows(line, other) for other in printed), line


def _shows(line, printed):
    return printed.startswith(line[:-3]) if line.endswith("...") else line == printed


def test_the_comparison_can_fail():
    assert _shows("a, ...", "a, b")
    assert not _shows("a, b", "a, c")


def test_its_commands_are_there(command):
    """The parser takes each command of the first block; then it fails for the file that is not there."""
    first, other = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in [*first.splitlines()[1:], *other.splitlines()]:
        done = command(*shlex.split(line.split("#")[0])[1:])
        assert "store must be a file that exists, but" in done.err, line
