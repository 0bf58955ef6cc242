"""`memspan span` as a process: the table, the JSON object, exit codes, and what an interrupt leaves behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios

import pytest

STUDY = """
lags = [1, 2]
seeds = 4

[problem]
name = "Conflict"

[[recipe]]
name = "quick"
model = {name = "LSTM", units = 8}
rule = "BPTT"
optimizer = {name = "Adam", learning_rate = 0.05}
epochs = 200
evaluate_every = 10

[[recipe]]
name = "too short [x]"
model = {name = "MLP", units = 4}
rule = "BPTT"
epochs = 2
lags = [1]
"""


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.toml").write_text(STUDY)
    return "mine.toml"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """One run of the small study, with all it can write."""
    folder = tmp_path_factory.mktemp("span")
    (folder / "mine.toml").write_text(STUDY)
    words = ["mine.toml", "--picture", "span.svg", "--json", "span.json", "--fail-under", "0.2"]
    command = [sys.executable, "-m", "memspan", "span", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    return done, folder


@pytest.fixture(scope="module")
def answer(shown):
    return json.loads((shown[1] / "span.json").read_text())


def test_the_table_counts_runs_by_lag(shown):
    lines = shown[0].stdout.splitlines()
    assert lines[0] == "mine.toml: conflict (tutorial)"
    assert [line.split() for line in lines[1:5]] == [
        ["lag", "1", "lag", "2"],
        ["accuracy", "by", "chance", "0.3333", "0.25"],
        ["...", "without", "memory", "(floor)", "0.75", "0.8333"],
        ["...", "at", "best", "1", "1"],
    ]
    assert lines[6].split() == ["runs", "that", "solve", "it", "lag", "1", "lag", "2"]
    assert re.fullmatch(r"quick +4/4 \[51, 100\] % +4/4 \[51, 100\] %", lines[7])
    assert re.fullmatch(r"too short \[x\] +0/4 \[0, 49\] % +not tried", lines[8])
    assert "100 %" not in shown[0].stdout  # four of four is a count with an interval


def test_the_spans_and_the_finding_say_what_the_counts_say(shown):
    text = shown[0].stdout
    assert re.search(r"^quick +>= 2 \[>= 2, >= 2\] +>= 2 \[< 1, >= 2\] +-$", text, re.MULTILINE)
    assert re.search(r"^too short \[x\] +< 1 \[< 1, < 1\] +< 1 \[< 1, < 1\] +2$", text, re.MULTILINE)
    assert (
        "At every tested lag, at least half of the runs succeed up to lag 2, the longest it was tried at, with 'quick' "
        "(4 of 4 there); not even at the shortest lag, 1, with 'too short [x]'.\n"
    ) in text


def test_a_rate_that_may_be_lower_is_exit_code_3(shown, answer):
    assert shown[0].returncode == 3
    assert "below 0.2: too short [x] at lag 1, 0/4 [0, 49] %\n" in shown[0].stdout
    assert answer["fail_under"] == {"rate": 0.2, "below": [{"recipe": "too short [x]", "lag": 1, "low": 0.0}]}


def test_progress_is_plain_lines_on_standard_error(shown):
    lines = shown[0].stderr.splitlines()
    assert lines[0] == "training: 2 recipes, 3 cells (a recipe at a lag), 12 runs, seeds from 0"
    assert [line.rsplit(" in ", 1)[0] for line in lines[1:]] == [
        "measured 1 of 3: quick, lag 1: 4/4 [51, 100] %",
        "measured 2 of 3: quick, lag 2: 4/4 [51, 100] %",
        "measured 3 of 3: too short [x], lag 1: 0/4 [0, 49] %",
    ]


def test_the_files_are_written_and_named(shown):
    assert (shown[1] / "span.svg").read_text().startswith("<svg")
    assert shown[0].stdout.splitlines()[-2:] == ["picture: span.svg", f"json: {(shown[1] / 'span.json').resolve()}"]
    assert sorted(path.name for path in shown[1].iterdir()) == ["mine.toml", "span.json", "span.svg"]


def test_json_has_its_schema(answer):
    assert set(answer) == {
        *("version", "command", "study", "problem", "seed", "complete", "lags", "recipes", "not_done", "rest"),
        *("finding", "fail_under", "seconds", "store", "picture", "survival_picture", "comparisons"),
    }
    assert (answer["version"], answer["command"], answer["complete"]) == (1, "span", True)
    assert (answer["not_done"], answer["rest"], answer["picture"]) == ([], [], "span.svg")
    quick = answer["recipes"][0]
    assert set(quick) == {"name", "cells", "not_tried", "spans"}
    assert set(quick["cells"][0]) == {
        *("lag", "runs", "solved", "success", "ever_solved", "diverged", "updates_until_solved", "updates", "weights"),
        *("seconds", "environments", "score", "chance", "floor", "best", "spec", "settings", "survival", "longer"),
        *("failed", "reasons"),
    }
    assert set(quick["cells"][0]["success"]) == {"point", "low", "high", "n", "method"}
    assert [(cell["lag"], cell["solved"], cell["runs"]) for cell in quick["cells"]] == [(1, 4, 4), (2, 4, 4)]
    assert [span["level"] for span in quick["spans"]] == [0.5, 0.9]
    assert answer["recipes"][1]["cells"][0]["updates_until_solved"]["point"] is None


QUICK = ("--model", "mlp(units=4)", "--rule", "bptt", "--lags", "1", "--seeds", "2", "--epochs", "2")


def test_a_study_made_of_options_and_json_on_standard_output(memspan):
    done = memspan(
        "span", *QUICK, "--model", "MLP(units=5, window=2)", "--problem", 'conflict(middle="random")', "--json"
    )
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (answer["study"], answer["problem"]) == ("study of the command line", "conflict (tutorial), random middle")
    assert [row["name"] for row in answer["recipes"]] == ["MLP(units=4), BPTT", "MLP(units=5, window=2), BPTT"]
    settings = answer["recipes"][1]["cells"][0]["settings"]
    assert (settings["model"]["window"], settings["problem"]["middle"], settings["epochs"]) == (2, "random", 2)
    assert answer["recipes"][1]["cells"][0]["runs"] == 2


def test_a_shipped_study_that_passes_and_is_quiet(memspan):
    words = ("--recipe", "BPTT", "--lags", "3", "--seeds", "1", "--epochs", "1", "--quiet")
    done = memspan("span", "recipes/tutorial", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^BPTT +0/1 \[0, 79\] %$", done.stdout, re.MULTILINE)


def test_the_shipped_studies_are_listed(memspan):
    lines = memspan("span", "--list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        f"recipes/{n}" for n in ("counting", "random", "repeating", "tutorial")
    ]
    assert all(line.endswith(".") for line in lines)


def test_an_interrupt_keeps_what_is_done_and_names_the_rest(tmp_path):
    text = STUDY.replace('name = "MLP", units = 4', 'name = "LSTM"').replace("epochs = 2\n", "epochs = 10000000\n")
    (tmp_path / "mine.toml").write_text(text.replace("lags = [1]", "lags = [1, 2]"))
    words = [sys.executable, "-m", "memspan", "span", "mine.toml", "--json", "part.json", "--seeds", "2"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert any("measured 2 of 4" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert re.search(r"^quick +2/2 \[34, 100\] % +2/2 \[34, 100\] %$", out, re.MULTILINE)
    assert "up to lag 2, the longest it was tried at, with 'quick' (2 of 2 there)." in out
    assert "2 of 4 cells are done and kept in" in err
    assert "'too short [x]' at lag 1 starts again from its first epoch" in err
    assert "Traceback" not in err
    answer = json.loads((tmp_path / "part.json").read_text())
    assert (answer["complete"], [row["name"] for row in answer["recipes"]]) == (False, ["quick"])
    assert answer["not_done"] == [{"recipe": "too short [x]", "lag": 1}, {"recipe": "too short [x]", "lag": 2}]
    # What it says to run is what is left, and the command line takes it.
    assert answer["rest"] == ["memspan span mine.toml --recipe 'too short [x]' --seeds 2"]
    assert err.endswith(f"\n  {answer['rest'][0]}\n")
    again = [sys.executable, "-m", *shlex.split(answer["rest"][0]), "--epochs", "1", "--json", "-"]
    rest = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    cells = [(row["name"], cell["lag"]) for row in json.loads(rest.stdout)["recipes"] for cell in row["cells"]]
    assert cells == [("too short [x]", 1), ("too short [x]", 2)]


WRONG = [
    ((), "a study must be named or described, but got none; try memspan span recipes/tutorial"),
    (("absent.toml",), "there is no 'absent.toml'; check the path"),
    (("tutorial",), "did you mean recipes/tutorial?"),
    (("recipes/tutoral",), "did you mean 'tutorial'?"),
    (("bad.toml",), "bad.toml must be a readable TOML file, but got: Unclosed array"),
    (("mine.toml", "--recipe", "qick"), "has no 'qick'; did you mean 'quick'?"),
    (("mine.toml", "--model", "LSTM"), "--model must be left out where mine.toml says what is measured"),
    (("mine.toml", "--lags", "3,x"), "--lags must be whole numbers separated by commas"),
    (("mine.toml", "--lags", "0"), "lags must be a whole number of at least 1, but got 0"),
    (("mine.toml", "--seeds", "0"), "seeds must be a whole number from 1 to 1,000,000, but got 0"),
    (("mine.toml", "--epochs", "0"), "epochs must be a whole number of at least 1, but got 0"),
    (("mine.toml", "--sedes", "3"), "Did you mean --seeds?"),
    (("mine.toml", "--fail-under", "2"), "--fail-under must be a share above 0 and below 1, but got 2"),
    (("mine.toml", "--fail-under", "0.9"), "even 4 of 4 has an interval from 0.510; use --seeds 35 or more"),
    (("mine.toml", "--json", "span.txt"), "--json must be - or a file named *.json, but got 'span.txt'"),
    (("mine.toml", "--json", "no/span.json"), "--json must be a file in a folder that exists"),
    (("mine.toml", "--picture", "span.gif"), "--picture: path must be a file named *.svg"),
    (("mine.toml", "--picture", "no/span.svg"), "--picture: path must lie in a folder that exists"),
    (("mine.toml", "--picture", "a.json", "--json", "a.json"), "--picture and --json must be two files"),
    (("--model", "LSMT"), "did you mean 'LSTM'?"),
    (("--model", "LSTM(unit=3)"), "model.unit is no setting of LSTM"),
    (("--model", "LSTM", "--rule", "btpt"), "did you mean 'BPTT'?"),
    (("--problem", "conflct"), "did you mean 'Conflict'?"),
    (("--model", "LSTM", "--batch", "some"), 'Choose from: "one", "all"'),
]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """All wrong command lines in one process, for each would wait seconds for JAX: exit code and what is printed."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "mine.toml").write_text(STUDY)
    (folder / "bad.toml").write_text("lags = [3")
    program = (
        "import contextlib, io, json, sys\n"
        "import memspan.cli.exits as exits\n"
        "from memspan.cli.main import main\n"
        "def end(code): raise SystemExit(int(code))\n"
        "exits._end = end\n"
        "told = []\n"
        "for words in json.load(sys.stdin):\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:\n"
        "        try: main(['span', *words])\n"
        "        except SystemExit as left: code = left.code\n"
        "    told.append([code, out.getvalue(), err.getvalue()])\n"
        "print(json.dumps(told))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps([words for words, _ in WRONG]),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert sorted(path.name for path in folder.iterdir()) == ["bad.toml", "mine.toml"]
    return json.loads(done.stdout)


@pytest.mark.parametrize(("number", "words", "sentence"), [(i, *row) for i, row in enumerate(WRONG)])
def test_bad_input_is_one_sentence_before_any_training(refusals, number, words, sentence):
    code, out, err = refusals[number]
    assert (code, out) == (2, ""), words
    assert sentence in err
    assert err.startswith("memspan: ")
    assert err.count("\n") == 1


def test_bad_input_is_an_object_where_json_goes_to_standard_output(memspan):
    done = memspan("span", "absent.toml", "--json")
    assert (done.returncode, done.stderr) == (2, "")
    assert json.loads(done.stdout)["error"]["exit_code"] == 2


def test_a_cell_that_is_refused_half_way_is_named_and_what_was_done_is_kept(memspan, tmp_path, mine):
    text = STUDY.replace('rule = "BPTT"\nepochs = 2', 'rule = "Truncated1997"')
    (tmp_path / mine).write_text(text)
    done = memspan("span", mine, "--lags", "1", "--epochs", "1", "--json", "part.json")
    assert done.returncode == 2
    refusal = done.stderr.splitlines()[-1]
    assert refusal.startswith(
        "memspan: recipe 'too short [x]' at lag 1: rule Truncated1997 must be given a model whose"
    )
    assert re.search(r"^quick +0/4 \[0, 49\] %$", done.stdout, re.MULTILINE)
    answer = json.loads((tmp_path / "part.json").read_text())
    assert (answer["complete"], [row["name"] for row in answer["recipes"]]) == (False, ["quick"])


def test_a_narrow_terminal_gets_a_bar_and_a_table_that_fits(tmp_path):
    (tmp_path / "mine.toml").write_text(STUDY)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 50, 0, 0))
    words = [sys.executable, "-m", "memspan", "span", "mine.toml", "--recipe", "too short [x]", "--lags", "1,2"]
    around = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | {"TERM": "xterm-256color"}
    process = subprocess.Popen(words, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=around)
    os.close(theirs)
    written = b""
    with contextlib.suppress(OSError):  # the other end is closed: the process has ended
        while piece := os.read(ours, 65536):
            written += piece
    assert process.wait(timeout=60) == 0
    text = written.decode()
    assert "━" in text
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")
    assert re.search(r"too short \[x\]\n  lag 1 +0/4 \[0, 49\] %\n  lag 2 +not tried\n", plain)
