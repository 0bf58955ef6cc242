"""`memspan hold`, as it is used: from a store, from a recipe, from a model and rule; answers, JSON, refusals."""

from __future__ import annotations

import json

import pytest
from tests.cli.commands import command as command

WINDOW = ("--model", "MLP(units=8, window=4)", "--rule", "BPTT", "--optimizer", "Adam(learning_rate=0.05)")
QUICK = ("--epochs", "150", "--lag", "3")
FEW = ("--probe", "stretch,swap,carriers", "--longest", "12")


@pytest.fixture
def store(command):
    done = command(
        *("span", *WINDOW, "--lags", "3", "--seeds", "3", "--epochs", "150", "--store", "runs.db", "--quiet"),
    )
    assert done.code == 0
    return "runs.db"


def test_a_window_of_four_holds_three_steps(command):
    done = command("hold", *WINDOW, *QUICK, *FEW)
    assert done.code == 0
    lines = done.out.splitlines()
    assert "conflict (tutorial), lag 3; seed 0, which solves it" in lines[0]
    assert lines[0].endswith("weights trained.")
    assert lines[1].startswith("It holds the cue for 3 steps; it was trained with 3")
    assert "swap score 100 % or more after steps 1 to 3" in lines[2]
    assert "1 of 15 numbers of the state" in lines[3]
    assert "probing: swap" in done.err


def test_stored_runs_are_trained_again_or_read(command, store):
    again = command("hold", store, *FEW, "--json")
    assert again.code == 0
    first = json.loads(again.out)
    assert first["weights"] == "trained again"
    assert again.err == ""
    done = command(
        "span", *WINDOW, "--lags", "3", "--seeds", "3", "--epochs", "150", "--store", store, "--weights", "-q"
    )
    assert done.code == 0, done.err
    stored = json.loads(command("hold", store, *FEW, "--json").out)
    assert stored["weights"] == "stored"
    # The same spec and seed train the same bits: nothing that was measured differs.
    assert stored["runs"] == first["runs"]
    assert first["runs"][0]["stretch"]["span"]["point"] == 3
    assert (first["solved"], first["of"]) == (stored["solved"], stored["of"])


def test_several_runs_and_one_seed(command, store):
    done = command("hold", store, "--seeds", "3", *FEW)
    assert done.code == 0
    assert "runs of 3 that solve it" in done.out
    assert "The cue is held for 3" in done.out
    one = command("hold", store, "--seed", "2", *FEW, "--json", "held.json")
    assert "seed 2, which" in one.out


def test_every_step_is_explained_where_it_was_asked_for(command):
    done = command(
        "hold", "--model", "LSTM(units=1)", "--lag", "2", "--seed", "0", "--epochs", "1", "--probe", "explain"
    )
    assert done.code == 0
    assert done.out.count("step 1: reads") == 2
    assert "unit 0   i = sigmoid(" in done.out
    assert "It holds" not in done.out


def test_a_picture_is_drawn(command, tmp_path):
    done = command("hold", *WINDOW, *QUICK, "--seed", "0", "--probe", "swap,readout,credit", "--picture", "held.svg")
    assert done.code == 0
    assert (tmp_path / "held.svg").read_text().startswith("<svg")
    assert done.err.endswith("picture: held.svg\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "a run must be named or described, but got none; try memspan hold runs.db"),
        (("none.db",), "store must be a file that exists"),
        (("recipes/tutoriel",), "the name after recipes/ must be one of"),
        ((*WINDOW, "--probe", "swop"), "did you mean 'swap'?"),
        ((*WINDOW, "--probe", "wipe", "--picture", "x.svg"), "--picture must be of readout, swap or credit"),
        ((*WINDOW, "--picture", "x.jpg"), "--picture: path must be a file named"),
        ((*WINDOW, "--seed", "1", "--seeds", "2"), "--seed and --seeds must not both be given"),
        ((*WINDOW, "--level", "2"), "level must be above 0 and at most 1"),
        ((*WINDOW, *QUICK, "--longest", "2", "--seed", "0", "--probe", "stretch"), None),
        (("--model", "MLP(units=2, window=1)", "--lag", "1", "--epochs", "1"), "must be given a model with a state"),
        (
            ("--model", "LSTM", "--problem", "TemporalOrder", "--lag", "3", "--epochs", "1"),
            "TemporalOrder",
        ),
        (("--model", "LSTM", "--lag", "0"), "must be a whole number of at least 1, but got 0"),
    ],
)
def test_refusals_are_one_sentence(command, words, sentence):
    done = command("hold", *words)
    if sentence is None:
        assert done.code == 0
        assert "not measured: longest must be a whole number of at least 3" in done.out
        return
    assert done.code == 2
    assert sentence in done.err
    assert "Traceback" not in done.err
