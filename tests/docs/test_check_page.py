"""The pages about checks and about pytest: their code is the user's file, and what they show is what is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.commands import command as command

import memspan
from memspan.testing import adapter_checks

DOCS = Path(__file__).parents[2] / "docs"
CHECK, PYTEST = ((DOCS / name).read_text() for name in ("check.md", "pytest.md"))


def lines_match(shown, printed):
    """Whether what is printed is what is shown; '...' stands for anything."""
    pattern = ".*".join(map(re.escape, shown.strip().split("...")))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL)


def test_what_is_checked_is_printed_as_shown(command, tmp_path):
    mine, in_tests = re.findall(r"```py\n(.*?)```", CHECK, re.DOTALL)
    (tmp_path / "mymodel.py").write_text(mine)
    ((words, shown),) = re.findall(r"```console\n\$ memspan ([^\n]+)\n(.*?)```", CHECK, re.DOTALL)
    done = command(*words.split())
    assert done.code == 1
    assert lines_match(shown, done.out), done.out
    assert tuple(re.findall(r"^\| `(\w+)` \|", CHECK, re.MULTILINE)) == adapter_checks()
    names = {"pytest": pytest, "memspan": memspan}
    exec(in_tests, names)
    with pytest.raises(memspan.testing.Violation, match="no bidirectional layer"):
        names["test_contract"]("reads_only_the_past")


@pytest.mark.extended
def test_a_test_fails_as_shown(tmp_path):
    (mine,) = re.findall(r"```py\n(.*?)```", PYTEST, re.DOTALL)
    (tmp_path / "test_mine.py").write_text(mine)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    text = (
        "from torch import nn\n\ndef lstm(n_inputs, hidden):\n    return nn.LSTM(n_inputs, hidden, batch_first=True)\n"
    )
    (tmp_path / "mymodel.py").write_text(text)
    plain = ("-p", "no:jaxtyping", "-p", "no:memspan", "-p", "memspan.pytest.plugin", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plain],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(memspan.__file__).parents[1])},
    )
    assert done.returncode == 1
    ((shown),) = re.findall(r"```console\n\$ python -m pytest\n(.*?)```", PYTEST, re.DOTALL)
    printed = re.sub(r"^E +", "E ", done.stdout, flags=re.MULTILINE)
    assert lines_match(re.sub(r"^E +", "E ", shown, flags=re.MULTILINE), printed), done.stdout
