"""The page about the command line: help is printed as shown, and every command, code and variable is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.commands import command as command

import memspan
from memspan.cli.exits import Exit

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
SOURCE = Path(memspan.__file__).parent
HEAVY = (
    "jax",
    "jaxlib",
    "numpy",
    "scipy",
    "optax",
    "optuna",
    "numba",
    "pandas",
    "polars",
    "vl_convert",
    "torch",
    "keras",
)
# What it takes to say what the commands are; a command that is imported for it is one too many.
NEEDED = {
    *("memspan", "memspan.cli", "memspan.cli.main", "memspan.cli.exits", "memspan.cli.json_target"),
    *("memspan.core", "memspan.core.errors"),
}


@pytest.fixture(scope="module")
def helped():
    """What `memspan --help` prints, and the modules that it imports, from a process of its own."""
    code = (
        "import sys, memspan.cli.exits as exits\n"
        "exits._end = lambda code: None\n"
        "from memspan.cli.main import main\n"
        "main(['--help'])\n"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    words = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=words, check=True)
    return [line.rstrip() for line in done.stdout.splitlines()], done.stderr.split()


def sessions():
    return re.findall(r"```console\n\$ memspan ([^\n]+)\n(.*?)```", PAGE, re.DOTALL)


def test_help_is_printed_as_shown(helped):
    ((words, shown), _) = sessions()
    assert words == "--help"
    printed, _ = helped
    # Run from a module its first line says so.
    assert shown.splitlines()[1:] == printed[1:]


def test_help_imports_nothing_that_it_does_not_need(helped):
    _, modules = helped
    assert not set(HEAVY) & set(modules)
    assert {name for name in modules if name.split(".")[0] == "memspan"} == NEEDED


def test_doctor_prints_the_lines_shown(command):
    _, (words, shown) = sessions()
    printed = command(*words.split()).out.splitlines()
    names = {line[:17].strip() for line in printed}
    for line in shown.splitlines():
        assert line in ("...", "") or line[:17].strip() in names or line in printed, line


def test_every_exit_code_is_explained():
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)] == sorted(Exit)


def test_every_variable_that_is_read_is_named():
    read = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", path.read_text())
    }
    assert {"MEMSPAN_CACHE", "WANDB_MODE"} <= read
    assert read - {"PYTHONPATH"} <= set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))


def test_every_shell_is_shown(command):
    for shell in ("bash", "zsh", "fish"):
        assert f"memspan completion {shell} > " in PAGE
        assert command("completion", shell).code == 0
