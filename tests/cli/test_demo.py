"""`memspan demo` as a process: what a person sees, and what goes wrong cleanly."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.commands import command as command

SMALL = ("demo", "--seeds", "8", "--epochs", "40")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("demo")
    words = [sys.executable, "-m", "memspan", "demo", "--seeds", "24", "--output", "picture.png"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    return done, folder


def test_prints_both_sequences_in_the_tutorials_format(shown: tuple) -> None:
    text = shown[0].stdout
    assert shown[0].returncode == 0, shown[0].stderr
    lines = re.findall(r"^X=(\d\.\d) y=(\d\.\d), yhat=(\d\.\d)$", text, re.MULTILINE)
    # Two runs are shown, each on both sequences of four steps.
    assert [line[:2] for line in lines[:8]] == [
        ("3.0", "0.0"), ("0.0", "1.0"), ("1.0", "2.0"), ("2.0", "3.0"),
        ("4.0", "0.0"), ("0.0", "1.0"), ("1.0", "2.0"), ("2.0", "4.0"),
    ]  # fmt: skip
    assert len(lines) == 16
    assert len(re.findall(r"^Epoch \d+/250 - loss: \d\.\d{4}$", text, re.MULTILINE)) == 12


def test_the_exact_gradient_solves_the_run_that_is_shown(shown: tuple) -> None:
    run = shown[0].stdout.split("online, exact gradient (RTRL): the run of seed 0")[1]
    lines = re.findall(r"y=(\d\.\d), yhat=(\d\.\d)", run)[:8]
    assert all(y == yhat for y, yhat in lines)
    assert "given 3 it goes on: 0,1,2,3" in run
    assert "given 4 it goes on: 0,1,2,4" in run


def test_every_rate_has_an_interval_and_an_n(shown: tuple) -> None:
    rows = re.findall(r"^(\S.*?)\s{2,}(\d+)\s+(\d\.\d\d)\s+(\d\.\d\d) to (\d\.\d\d)", shown[0].stdout, re.MULTILINE)
    assert len(rows) == 7
    for label, n, rate, low, high in rows:
        assert float(low) <= float(rate) <= float(high), label
        assert int(n) in (16, 24), label
    assert rows[5][2] == "0.00"
    assert rows[6][2] == "1.00"


def test_the_picture_is_written_and_drawn_as_text(shown: tuple) -> None:
    assert (shown[1] / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert "unit | 3   0   1   2" in shown[0].stdout
    assert shown[0].stdout.splitlines()[-1] == f"picture: {shown[1] / 'picture.png'}"


def test_three_sentences_say_what_was_shown(shown: tuple) -> None:
    text = shown[0].stdout
    assert all(
        start in text for start in ("Memory is needed: ", "How it is taught decides: ", "One run proves little: ")
    )


def test_json_is_one_object_with_everything(memspan) -> None:
    done = memspan(*SMALL, "--json", "--rule", "bptt", "--lag", "2")
    answer = json.loads(done.stdout)
    assert done.stderr == ""
    assert (answer["version"], answer["command"], answer["demand"]) == (1, "demo", 3)
    assert answer["ceilings"] == {"1": 5 / 6, "2": 5 / 6, "3": 1.0}
    assert [row["rule"] for row in answer["table"]] == ["bptt", "perceptron", "window"]
    assert {"point", "low", "high", "n", "method"} <= set(answer["table"][0]["success"])
    assert len(answer["runs"]["bptt"]["loss"]) == 40


@pytest.mark.extended
def test_the_same_command_prints_the_same_bytes(memspan) -> None:
    first, again = (memspan(*SMALL, "--rule", "online", "--quiet").stdout for _ in range(2))
    assert first == again


def test_prefix_and_length_continue_a_sequence(memspan) -> None:
    done = memspan(*SMALL, "--rule", "online", "--prefix", "3, 0", "--length", "2", "--quiet")
    assert re.search(r"^given 3,0 it goes on: \d,\d$", done.stdout, re.MULTILINE)


WRONG = [
    (
        ("--rule", "onlin"),
        "rule must be one of online, rtrl, shuffled, bptt, batch, but got 'onlin'; did you mean 'online'?",
    ),
    (("--lag", "0"), "lag must be a whole number from 1 to 100,000, but got 0"),
    (("--lag", "5000"), "lag and units must leave the control"),
    (("--epochs", "-5"), "epochs must be a whole number of at least 1, but got -5"),
    (("--units", "0"), "units must be a whole number of at least 1, but got 0"),
    (("--seeds", "0"), "seeds must be a whole number from 1 to 100,000, but got 0"),
    (("--seed", "-1"), "seed must be a whole number of at least 0, but got -1"),
    (("--prefix", "3,9"), "prefix must use the symbols 0, 1, 2, 3, 4, but got '9'"),
    (("--length", "0"), "length must be a whole number from 1 to 100,000, but got 0"),
    (("--output", "picture.gif"), "gif"),
    (("--output", "nowhere/at/all.svg"), "nowhere"),
]


@pytest.mark.parametrize(("words", "sentence"), WRONG)
def test_bad_input_is_one_sentence_and_exit_code_2(command, words: tuple[str, ...], sentence: str) -> None:
    done = command("demo", *words)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert done.err.startswith("memspan: ")
    assert done.err.count("\n") == 1


def test_bad_input_to_a_process_of_its_own_leaves_no_traceback(memspan) -> None:
    done = memspan("demo", *WRONG[0][0])
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"memspan: {WRONG[0][1]}\n")


def test_bad_input_with_json_is_an_object(memspan) -> None:
    done = memspan("demo", "--lag", "0", "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["exit_code"]) == (2, 2)
    assert error["message"].startswith("lag must be")


@pytest.mark.parametrize("words", [("dmeo",), ("demo", "--sedes", "3"), ("demo", "--lag", "three")])
def test_unknown_words_are_usage_errors(memspan, words: tuple[str, ...]) -> None:
    done = memspan(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(memspan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = memspan("demo", "--output", "file/picture.svg")
    assert done.returncode == 2
    assert "file" in done.stderr
    assert "measured" not in done.stderr


def test_an_interrupt_half_way_keeps_what_is_done_and_says_how_to_start_again(tmp_path: Path) -> None:
    options = ["--rule", "rtrl", "--epochs", "40000", "--seeds", "8"]  # minutes of work
    words = [sys.executable, "-m", "memspan", "demo", *options]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert any("measured: control: perceptron" in line for line in process.stderr)  # one line is done, others run
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert re.search(r"^control: perceptron, sees 1 symbol +8 +0\.00", out, re.MULTILINE)
    assert err.endswith(f"start again with: memspan demo {' '.join(options)}\n")
    assert "Traceback" not in err


def test_a_reader_that_goes_away_leaves_no_traceback(tmp_path: Path) -> None:
    words = f"{sys.executable} -m memspan demo --seeds 8 --epochs 20 --rule online | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", words], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "sequence 1: 3,0,1,2,3\n"
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def _in_a_terminal(folder: Path, **environment: str) -> str:
    """Run a small demonstration on a pseudo-terminal and return all it wrote."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "memspan", *SMALL, "--rule", "online"]
    surroundings = {**os.environ, "TERM": "xterm-256color", **environment}
    process = subprocess.Popen(words, cwd=folder, stdout=theirs, stderr=theirs, stdin=theirs, env=surroundings)
    os.close(theirs)
    written = bytearray()
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed: the process has ended
            break
        if not piece:
            break
        written += piece
    assert process.wait(timeout=60) == 0
    return written.decode()


@pytest.mark.extended
def test_a_terminal_gets_colour_and_bars_unless_it_asks_for_none(tmp_path: Path) -> None:
    coloured = _in_a_terminal(tmp_path)
    plain = _in_a_terminal(tmp_path, NO_COLOR="1")
    assert re.search(r"\x1b\[[0-9;]*3[0-9]", coloured)
    assert not re.search(r"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|38;[0-9;]*|9[0-7])m", plain)
    assert "X=3.0 y=0.0" in coloured.replace("\r", "")


def test_help_is_fast_because_it_imports_no_jax() -> None:
    code = (
        "import sys, memspan.cli.main as m\n"
        "try: m.app(['--help'])\n"
        "except SystemExit: pass\n"
        "assert 'jax' not in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
