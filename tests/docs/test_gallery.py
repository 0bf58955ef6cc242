"""The gallery: page, commands and pictures agree, and the commands make the pictures."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
CHEAP = ("demand.svg", "hold.svg")
# What each picture must say, whoever makes it: its axes and what is measured.
WORDS = {
    "demand.svg": ("symbols seen", "best possible accuracy", "demand: 6 symbols, exactly"),
    "calls.svg": ("symbols seen", "bits per symbol", "accuracy", "bootstrap"),
    "success.svg": ("share of runs that solve it", "lag", "wilson 95 %", "Online (n = 20)", "BPTT (n = 20)"),
    "survival.svg": ("share not solved yet", "updates", "Kaplan-Meier", "lag 5"),
    "models.svg": ("share of runs that solve it", "lag", "wilson 95 %", "GRU(units=16), BPTT (n = 16)", "window=4"),
    "cells.svg": ("Reading 3 0 1 2", "Reading 4 0 1 2", "Difference", "symbol read"),
    "gates.svg": ("forget gate, reading 3 0 1 2", "input gate, reading 4 0 1 2", "symbol read"),
    "hold.svg": ("share of trials that tell the cue", "cell", "hidden", "gradient norm", "chance"),
    "front.svg": ("weights (log scale)", "updates (log scale)", "fewest weights", "fewest updates", "fresh"),
}


def _maker():
    spec = importlib.util.spec_from_file_location("make_gallery", DOCS / "make_gallery.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses ask for it
    spec.loader.exec_module(module)
    return module


MAKER = _maker()
ENTRIES = MAKER.entries((DOCS / "gallery.md").read_text())


def words(picture):
    return " ".join(re.findall(r">([^<>]+)</", picture.read_text())).replace("\xa0", " ")


def test_page_and_folder_agree():
    shown = [picture for entry in ENTRIES for picture in entry.pictures]
    assert len(shown) == len(set(shown)) > 8
    assert set(shown) == {path.name for path in (DOCS / "gallery").iterdir()}
    assert set(shown) == {*WORDS, "report.png"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.question)
def test_every_entry_is_a_question_a_command_that_names_its_pictures_and_what_is_seen(entry):
    assert entry.question.endswith("?")
    assert entry.pictures
    assert len(entry.seen) > 40
    for picture in entry.pictures:
        program = re.search(r"python (\S+)", entry.commands)
        named = (DOCS.parent / program[1]).read_text() if program else entry.commands
        assert picture in named


@pytest.mark.parametrize("name", WORDS)
def test_the_kept_pictures_say_what_is_measured(name):
    told = words(DOCS / "gallery" / name)
    assert [word for word in WORDS[name] if word not in told] == []


def test_the_kept_screenshot_is_small():
    picture = (DOCS / "gallery" / "report.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 300_000


@pytest.mark.parametrize("name", CHEAP)
def test_its_commands_make_its_pictures(name, tmp_path):
    (entry,) = (entry for entry in ENTRIES if name in entry.pictures)
    for picture in MAKER.make(entry, tmp_path):
        told = words(picture)
        assert [word for word in WORDS[picture.name] if word not in told] == []


def test_a_command_that_fails_is_told(tmp_path):
    entry = MAKER.Entry("Is it told?", "memspan demand nothing.csv", ("demand.svg",), "")
    with pytest.raises(RuntimeError, match=r"Is it told\?: exit code 2\n.*nothing.csv"):
        MAKER.make(entry, tmp_path)
