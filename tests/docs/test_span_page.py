"""The page about spans: the study it compares prints what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.commands import command as command
from tests.cli.test_span_compared import STUDY

PAGE = (Path(__file__).parents[2] / "docs" / "span.md").read_text()


def test_its_session_prints_what_it_shows(command, tmp_path):
    (session,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    words, *shown = session.splitlines()
    (tmp_path / "mine.toml").write_text(STUDY)
    done = command(*shlex.split(words.removeprefix("$ memspan ")))
    assert done.code == 0, done.err
    printed = done.out.splitlines()
    wanted = [line for line in shown if line and line != "..."]
    assert len(wanted) == 5
    assert [line for line in wanted if line not in printed] == []


def test_its_options_are_there(command):
    (block,) = [part for part in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "--generalise" in part]
    (line,) = [line for line in block.splitlines() if "--generalise" in line]
    done = command(*shlex.split(line.split(" #")[0])[1:])
    assert "there is no 'mine.toml'" in done.err
