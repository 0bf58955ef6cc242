"""`memspan demand` as a process: exact answers, estimates, and one sentence for what goes wrong."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.cli.commands import command as command

EXAMPLE = Path(__file__).parents[2] / "examples" / "event_log"


def asked(memspan, *words):
    done = memspan("demand", *words, "--json")
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)


@pytest.fixture
def tutorial(tmp_path):
    (tmp_path / "tutorial.jsonl").write_text("[3,0,1,2,3]\n[4,0,1,2,4]\n" * 100)
    return "tutorial.jsonl"


def test_a_problem_is_answered_exactly(memspan, tmp_path):
    done = memspan("demand", "conflict")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^ +1 to 3 +0\.875 +7/8$", done.stdout, re.MULTILINE)
    assert "Demand: 4 symbols, exactly." in done.stdout
    assert "after 0 1 2: 3 in 50 %, 4 in 50 %; resolved by the symbol 4 steps back" in done.stdout
    assert (tmp_path / "memspan-demand.svg").read_text().startswith("<svg")
    assert done.stderr == ""


def test_a_long_lag_reads_well_and_its_parameters_are_options(memspan):
    answer = asked(memspan, "conflict", "--lag", "1000", "--middle", "repeating")
    assert (answer["version"], answer["command"], answer["kind"], answer["demand"]) == (1, "demand", "exact", 1001)
    assert [(step["first"], step["last"], step["fraction"]) for step in answer["ceilings"]] == [
        (1, 999, "1000/1001"),
        (1000, 1000, "2001/2002"),
        (1001, 1001, "1"),
    ]
    assert answer["conflicts"][0]["resolved_by"] == 1001
    assert len(answer["conflicts"][0]["sentence"]) < 120


def test_a_file_is_estimated(memspan, tutorial, tmp_path):
    done = memspan("demand", tutorial, "--output", "curve.png")
    assert done.returncode == 0, done.stderr
    assert "Demand: 4 symbols, as far as windows up to 5 can tell" in done.stdout
    assert done.stderr == "tutorial.jsonl: read 200 sequences of 1,000 symbols from 200 lines; refused none\n"
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    rows = re.findall(r"^ +(\d+) +(\d\.\d{4}) +(\d\.\d{4}) to (\d\.\d{4})", done.stdout, re.MULTILINE)
    assert [int(row[0]) for row in rows] == [0, 1, 2, 3, 4, 5]
    assert all(float(low) <= float(bits) <= float(high) for _, bits, low, high in rows)


def test_json_says_what_the_text_says(memspan, tutorial):
    answer = asked(memspan, tutorial)
    assert (answer["kind"], answer["demand"], answer["verdict"]["judged"]) == ("estimate", 4, 5)
    assert answer["findings"][0].startswith("Demand: 4 symbols")
    assert [point["window"] for point in answer["curve"]] == list(range(6))
    assert set(answer["curve"][0]["bits"]) == {"point", "low", "high", "n", "method"}
    assert asked(memspan, tutorial) == answer


def test_sequences_that_are_all_there_are(memspan, tmp_path):
    (tmp_path / "two.txt").write_text("30123\n40124\n")
    assert asked(memspan, "two.txt", "--exact")["demand"] == 4
    few = asked(memspan, "two.txt")
    assert (few["demand"], few["verdict"]["outcome"], few["picture"]) == (None, "more data needed", None)


@pytest.mark.extended
def test_long_format_and_a_seed(memspan, tmp_path):
    rng = np.random.default_rng(0)
    with (tmp_path / "log.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["who", "when", "what"])
        for who in range(300):
            rows.writerows([who, when, "HT"[rng.integers(2)]] for when in rng.permutation(40))
    words = ("log.csv", "--column", "what", "--sequence", "who", "--order", "when")
    assert asked(memspan, *words)["demand"] == 0
    assert asked(memspan, *words, "--seed", "1")["curve"] != asked(memspan, *words)["curve"]


def test_drawn_problems_are_estimated_and_their_definition_is_named(memspan):
    answer = asked(memspan, "conflict", "--middle", "fresh", "--lag", "2", "--draws", "3000")
    assert (answer["kind"], answer["demand"], answer["known_demand"]) == ("estimate", 3, 3)
    assert answer["sequences"] >= 3000


def test_a_drawn_problem_whose_cue_lies_out_of_reach_gets_no_number(memspan):
    answer = asked(memspan, "copy-memory")
    assert answer["demand"] is None
    assert "could not be judged" in answer["findings"][0]


def test_a_problem_written_down_in_a_file(memspan, tmp_path):
    (tmp_path / "mine.toml").write_text('sequences = ["abcx", "dbcy"]\n')
    answer = asked(memspan, "mine.toml")
    assert (answer["kind"], answer["demand"]) == ("exact", 3)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["conflct"], "did you mean 'conflict'?"),
        (["conflict", "--lga", "3"], "did you mean --lag?"),
        (["conflict", "--lag", "0"], "lag must be a whole number from 1 to 100,000, but got 0"),
        (["conflict", "--column", "x"], "which is a problem, but got --column"),
        (["tutorial.jsonl", "--lag", "3"], "which is a file, but got --lag"),
        (["tutorial.jsonl", "--max-windo", "3"], "did you mean --max-window?"),
        (["tutorial.jsonl", "--max-window", "0"], "max_window must be a whole number from 1 to 1,000"),
        (["tutorial.jsonl", "--tolerance", "0"], "tolerance must be above 0 bits per symbol"),
        (["tutorial.jsonl", "--output", "curve.doc"], "path must be a file named *.svg"),
        (["absent.csv"], "absent.csv"),
        (["modern-adding"], "must be a problem over symbols, but modern-adding is about real numbers"),
    ],
)
def test_what_is_wrong_is_one_sentence(command, tutorial, words, sentence):
    done = command("demand", *words)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_a_file_needs_no_jax(tutorial, tmp_path):
    program = (
        "import sys, os; sys.argv = ['memspan']\n"
        "from memspan.cli.demand import demand\n"
        "assert demand('tutorial.jsonl', quiet=True) == 0\n"
        "assert 'jax' not in sys.modules, 'JAX was imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_example_prints_what_it_shows(memspan, tmp_path):
    """Every command of the example's page, run on the log beside it; "..." stands for lines left out."""
    page = (EXAMPLE / "README.md").read_text()
    shown = re.findall(r"```console\n\$ memspan (.*?)\n(.*?)```", page, re.DOTALL)
    assert len(shown) == 2
    for typed, expected in shown:
        words = shlex.split(typed.replace("calls.csv", str(EXAMPLE / "calls.csv")))
        printed = memspan(*words, "--output", "picture.svg").stdout
        pattern = r"(?s:.*?)".join(re.escape(part) for part in expected.strip().split("..."))
        assert re.search(pattern, printed), printed


def test_the_recorder_makes_a_log_of_the_same_kind():
    """The functions differ between versions of Python; the form of the log and its reproducibility do not."""
    done = [
        subprocess.run([sys.executable, EXAMPLE / "record.py"], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert done[0] == done[1]
    rows, kept = (list(csv.DictReader(text.splitlines())) for text in (done[0], (EXAMPLE / "calls.csv").read_text()))
    assert {row["run"] for row in rows} == {row["run"] for row in kept} == {str(run) for run in range(160)}
    calls = {row["call"] for row in rows}
    assert {"writestr", "_open_to_write", "close", "read"} <= calls & {row["call"] for row in kept}
