"""The page about clusters: commands that are there, readable manifests, sums that follow from what was measured."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from tests.cli.commands import command as command

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "cluster.md").read_text()
SPAN = (DOCS / "span.md").read_text()
ROW = r"\| `recipes/(\w+)`, \"([^\"]+)\" \| ([\d,]+) \| ([\d.]+) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|"


def measured(recipe, name):
    """Seconds by lag of a table of span.md, and runs."""
    part = SPAN.split(f"memspan span recipes/{recipe}`")[1].split("\n### ")[0]
    rates, details = part.split("```")[1].split("solved once")
    runs = [
        int(n)
        for n in re.findall(r"(?<=/)\d+(?= \[)", next(line for line in rates.splitlines() if line.startswith(name)))
    ]
    lines = details.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(name))
    rows = [line[len(name) :] if i == start else line for i, line in enumerate(lines)][start:][: len(runs)]
    lags = [int(line.split()[0].replace(",", "")) for line in rows]
    return {lag: (float(line.split()[-1]), n) for lag, line, n in zip(lags, rows, runs, strict=True)}


def digits(number):
    return float(number.replace(",", ""))


@pytest.mark.parametrize("row", re.findall(ROW, PAGE), ids=lambda row: f"{row[0]} {row[2]}")
def test_what_a_million_runs_cost(row):
    recipe, name, lag, each, hours, price, on_a_thousand, unit = row
    seconds, runs = measured(recipe, name)[int(digits(lag))]
    core = 2 * seconds / runs
    told = [digits(one) for one in (each, hours, price, on_a_thousand, unit)]
    expected = [core, core * 1e6 / 3600, core * 1e6 / 3600 * 0.04, core * 1e3 / 3600, 8 * core]
    assert told == pytest.approx(expected, rel=0.08)


def test_there_are_rows():
    assert len(re.findall(ROW, PAGE)) == PAGE.count("| `recipes/") == 5


def test_what_it_says_of_the_coordinator_follows_from_its_table():
    there = PAGE.split("\nDask, store")[1].splitlines()[0].split()
    milliseconds, scheduler, kib = float(there[1]), float(there[2]), float(there[3])
    assert f"costs the coordinator {milliseconds:g} ms" in PAGE
    assert f"of its own, {scheduler:g} ms" in re.sub(r"\s+", " ", PAGE)
    assert int(re.search(r"at most (\d+) units\s+a second", PAGE)[1]) == pytest.approx(1000 / milliseconds, rel=0.03)
    assert kib * 125_000 / 2**20 == pytest.approx(4, rel=0.05)
    assert round(125_000 / 100 / 60) == 21


def test_its_commands_are_there(command, monkeypatch):
    monkeypatch.setattr("memspan.cluster.contact.ANSWERS_WITHIN", 0.1)
    monkeypatch.setattr("logging.disable", lambda: None)
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    lines = [line.split("#")[0].replace('"$TMPDIR/runs.db"', "runs.db") for line in blocks.splitlines()]
    commands = [line.replace('"$address"', "tcp://127.0.0.1:9") for line in lines if line.startswith("memspan")]
    assert len(commands) == 3
    for words in commands:
        done = command(*shlex.split(words.replace("10.0.0.1:8786", "127.0.0.1:9"))[1:])
        assert "no scheduler answers" in done.err or "must be a file that exists" in done.err or "mine.toml" in done.err
        assert "Unknown" not in done.err


def test_its_manifests_are_yaml():
    (manifests,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    kinds = [one["kind"] for one in yaml.safe_load_all(manifests)]
    assert kinds == ["Deployment", "Pod", "Service"]
