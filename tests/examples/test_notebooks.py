"""The notebooks run as they stand, print what they promise and leave their pictures."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"
# What each must print, and what its pictures must say.
PROMISED = {
    "see_memory.py": (
        [
            r"\(n = 8, wilson 95 %\)",
            r"\[3, 0, 1, 2\] -> \[0, 1, 2, 3\]\n\[4, 0, 1, 2\] -> \[0, 1, 2, 4\]",
            "the answer follows the state, not the input: swap score 100 %",
        ],
        {"cells.svg": "Reading 3 0 1 2", "gates.svg": "forget gate, reading 4 0 1 2"},
    ),
    "choose_history.py": (
        [
            "read 160 sequences of 21,208 symbols",
            "Demand: 23 symbols",
            "Demand: between 4 and 5 symbols",
            r"sees 4: 0\.00 ",
            r"GRU: 1\.00 ",
        ],
        {"history.svg": "bits per call"},
    ),
    "does_my_layer_remember.py": (
        [
            "Leaky: memory span >= 8",
            r"sees 3: memory span 2 \[2, 2\]",
            r"at lag 8, Leaky less sees 3: 1\.00 ",
            "It holds the cue for",
        ],
        {"layers.svg": "share of runs that solve it", "differences.svg": "2 of 2 differ from"},
    ),
}


def test_all_of_them_are_tested_and_shown():
    page = (FOLDER.parents[1] / "docs" / "notebooks.md").read_text()
    assert {path.name for path in FOLDER.glob("*.py")} == set(PROMISED)
    assert set(re.findall(r"\{literalinclude\} \.\./examples/notebooks/(\S+)", page)) == set(PROMISED)


# The third trains for half a minute.
LONG = {"does_my_layer_remember.py": pytest.mark.extended}


@pytest.mark.parametrize("name", [pytest.param(name, marks=LONG.get(name, ())) for name in PROMISED])
def test_it_runs_from_top_to_bottom(name, tmp_path):
    done = subprocess.run([sys.executable, FOLDER / name], cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    printed, pictures = PROMISED[name]
    assert [words for words in printed if not re.search(words, done.stdout)] == []
    assert {path.name for path in tmp_path.iterdir()} == set(pictures)
    for picture, words in pictures.items():
        assert words in (tmp_path / picture).read_text().replace("\xa0", " ")


@pytest.mark.parametrize("name", PROMISED)
def test_every_cell_is_text_or_code(name):
    cells = re.split(r"^# %%", (FOLDER / name).read_text(), flags=re.MULTILINE)
    assert cells[0] == ""
    for cell in cells[1:]:
        kind, _, body = cell.partition("\n")
        assert kind in ("", " [markdown]")
        comments = [line.startswith("#") for line in body.splitlines() if line]
        assert comments
        assert all(comments) == (kind == " [markdown]")
