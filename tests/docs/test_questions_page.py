"""The readers' questions: each has an answer that runs, and its commands print what the page shows.

Its Python snippets run where all pages of docs/ run: pytest collects them as doctests.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.test_readme import README, _prints

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "questions.md").read_text()
HEADINGS = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
SECTIONS = dict(zip(HEADINGS, re.split(r"^## .+$", PAGE, flags=re.MULTILINE)[1:], strict=True))


def anchor(heading):
    """What a page's reader clicks on."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_every_thread_and_everything_to_try_is_answered():
    rows = re.findall(r"^\| (\d+, \w+ \d{4}|to try) \| .* \| \[.+\]\(#(.+)\) \|$", PAGE, re.MULTILINE)
    threads = {row.split(",")[0] for row, _ in rows} - {"to try"}
    assert threads == {str(number) for number in range(1, 14)}
    assert [row for row, _ in rows].count("to try") == 6
    assert {target for _, target in rows} == set(map(anchor, HEADINGS))


def test_every_answer_is_something_to_run():
    assert [heading for heading, text in SECTIONS.items() if "\n>>> " not in text and "\n$ " not in text] == []


def test_every_file_it_points_to_exists():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


@pytest.mark.extended
def test_the_tutorial_prints_what_it_shows():
    (block,) = re.findall(r"```console\n(\$ python .*?)```", PAGE, re.DOTALL)
    parts = re.findall(r"\$ python ([^\n]+)\n((?:(?!\$ ).*\n)*)", block)
    assert len(parts) == 2
    for words, shown in parts:
        done = subprocess.run([sys.executable, *words.split()], cwd=ROOT, capture_output=True, text=True, check=True)
        rate, printed = shown.splitlines()[-1], done.stdout.splitlines()
        assert _prints(rate, printed[-1]), printed
        assert len(printed) == len(shown.splitlines())


def test_the_long_command_is_the_one_that_the_readme_runs():
    (block,) = re.findall(r"```console\n\$ memspan span .*?```", PAGE, re.DOTALL)
    assert block in README
