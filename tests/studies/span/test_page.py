"""The page about studies: the study file it explains is one, and what it lists is what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from memspan.cli.exits import Exit
from memspan.cli.span_target import ADAPTIVE_LAGS, ADAPTIVE_SEEDS
from memspan.models import GRU, LSTM, Stack
from memspan.studies.span import Adaptive, shipped
from memspan.studies.span.study_tables import RECIPE_KEYS, STUDY_KEYS, study_of

PAGE = (Path(__file__).parents[3] / "docs" / "span.md").read_text()


def test_the_study_file_is_one_and_shows_every_key():
    text = tomllib.loads(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0])
    assert set(text) == set(STUDY_KEYS) - {"adaptive"}
    assert {key for recipe in text["recipe"] for key in recipe} == set(RECIPE_KEYS)
    cells = {(cell.recipe, cell.lag): cell for cell in study_of(text, "the page").cells()}
    assert {key: len(cell.seeds) for key, cell in cells.items()} == {
        **{("BPTT, chrono", lag): 20 for lag in (3, 10, 30)},
        **{("BPTT, curriculum", lag): 10 for lag in (10, 30)},
    }
    assert cells["BPTT, chrono", 30].spec.model == LSTM(32, chrono=300)
    assert cells["BPTT, curriculum", 30].spec.model == Stack((LSTM(32), GRU(16)))
    assert [stage.lag for stage in cells["BPTT, curriculum", 30].spec.curriculum] == [3, 10]


def test_the_adaptive_study_shows_every_key_with_what_it_is_if_left_out():
    plain, told = (tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[:2])
    study = study_of({"problem": plain["problem"], **told, "recipe": [{"name": "a", "model": "LSTM"}]}, "the page")
    assert study.adaptive == Adaptive()
    assert (set(told["adaptive"]), study.tested[-1], study.seeds) == (set(Adaptive().to_json()), 3000, 400)
    assert told["lags"] == ADAPTIVE_LAGS
    assert told["seeds"] == ADAPTIVE_SEEDS


def test_every_shipped_study_and_its_exit_codes_are_listed():
    assert re.findall(r"^\| `recipes/(\w+)`", PAGE, re.MULTILINE) == sorted(shipped(), key=PAGE.index)
    assert set(map(int, re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE))) == {
        Exit.DONE,
        Exit.FAILED,
        Exit.USAGE,
        Exit.BELOW,
        Exit.INTERRUPTED,
    }
