"""The page about tuning: its file is read as it says, and its numbers are those of the library."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from tests.cli.commands import command as command

from memspan.stats import clopper_pearson, wilson
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


LOOKED_AT = re.findall(
    r"^\| `(LSTM\(.*?\))` \| ([\d.]+) \| (\d+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| (\d+) of ([\d,]+): ([\d.]+) % "
    r"\[([\d.]+), ([\d.]+)\] % \|$",
    PAGE,
    re.MULTILINE,
)


def digits(number):
    return int(number.replace(",", ""))


@pytest.mark.parametrize("row", LOOKED_AT, ids=lambda row: row[0])
def test_intervals_and_updates_are_those_of_the_counts(row):
    _, _, epochs, _, updates, _, solved, runs, point, low, high = row
    rate = wilson(int(solved), digits(runs))
    assert [round(100 * one, 1) for one in (rate.point, rate.low, rate.high)] == [
        float(one) for one in (point, low, high)
    ]
    assert digits(updates) == 2 * int(epochs)


@pytest.mark.extended
@pytest.mark.parametrize("row", LOOKED_AT, ids=lambda row: row[0])
def test_what_was_looked_at_again_is_found_again(row, command):
    """The command as the page shows it; another processor rounds otherwise, so a run more or less may fail."""
    model, rate, epochs, weights, _, seed, solved, runs, *_ = row
    (shown,) = re.findall(r"^\$ memspan (span --model .*)$", PAGE, re.MULTILINE)
    words = dict(zip(shlex.split(shown)[1::2], shlex.split(shown)[2::2], strict=True))
    words |= {"--model": model, "--optimizer": f"Adam(learning_rate={rate})", "--epochs": epochs}
    words |= {"--seeds": str(digits(runs)), "--seed": str(digits(seed))}
    told = json.loads(command("span", *(word for pair in words.items() for word in pair), "-q", "--json").out)
    (cell,) = told["recipes"][0]["cells"]
    assert (cell["runs"], cell["weights"]) == (digits(runs), digits(weights))
    assert abs(cell["solved"] - int(solved)) <= 6


def test_it_looked_again_at_five():
    assert len(LOOKED_AT) == 5
    assert "| `LSTM(units=9, chrono=30)` | 0.044 | 483 |" in PAGE
