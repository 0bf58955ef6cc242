"""The page about tuning: its file is read as it says, and its numbers are those of the library."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

from tests.cli.commands import command as command

from memspan.stats import clopper_pearson
from memspan.studies.tune import Tuning, tuning_of

PAGE = (Path(__file__).parents[2] / "docs" / "tune.md").read_text()


def test_its_file_is_a_tuning():
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    table = tomllib.loads(text)
    assert tuning_of(table, "docs/tune.md").trials == 12
    told = {
        name: float(number) for name, number in re.findall(r"^(\w+) = .*#.*; ([\d.]+) if left out", text, re.MULTILINE)
    }
    assert told == {name: getattr(Tuning, name) for name in told}
    assert set(told) == {"target", "trials", "batch", "seeds", "fresh"}
    assert set(table) >= {"finalists", "seed"}


def test_its_commands_are_there(command):
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()[2:]:
        done = command(*shlex.split(line.split("#")[0])[1:])
        assert "there is no 'mine.toml'" in done.err or "store must be a file that exists" in done.err, line


def test_eleven_of_two_thousand_may_fail():
    assert "2,000 runs may fail in 11." in PAGE
    assert clopper_pearson(1989, 2000).low >= 0.99 > clopper_pearson(1988, 2000).low
