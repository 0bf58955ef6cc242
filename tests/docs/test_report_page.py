"""The page about reports: its session prints what it shows, and its commands are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.commands import command as command

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text()


def test_its_session_prints_what_it_shows(command, tmp_path):
    (session,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    parts = re.findall(r"\$ memspan ([^\n]+)\n((?:(?!\$ ).*\n)*)", session)
    assert len(parts) == 2
    for words, shown in parts:
        done = command(*shlex.split(words))
        assert done.code == 0, done.err
        for line in shown.splitlines():
            assert any(other.startswith(line.removesuffix("...")) for other in done.out.splitlines()), line
    size = (tmp_path / "report.html").stat().st_size
    assert 0.9e6 < size < 1.3e6  # "about a megabyte"


def test_its_commands_are_there(command):
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            done = command(*shlex.split(line.split("#")[0])[1:])
            assert "store must be a file that exists, but" in (done.err or done.out), line
