"""`memspan check` on the command line: exit codes, JSON, the picture, and which framework a file asks for."""

from __future__ import annotations

import json

from tests.cli.commands import command as command

from memspan.testing import adapter_checks

MINE = """
import torch
from torch import nn

class Good(nn.GRU):
    def __init__(self, n_inputs):
        super().__init__(n_inputs, 4, batch_first=True)

class Bad(Good):
    def forward(self, x, state=None):
        y, state = super().forward(x, state)
        return y.flip(1), state
"""


def test_text_json_picture_and_exit_codes(command, tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    good = command("check", "mine:Good", "--json", "--picture", "gradient.svg", "--steps", "6")
    assert good.code == 0, good.err
    answer = json.loads(good.out)
    assert tuple(one["check"] for one in answer["checks"]) == adapter_checks()
    assert {one["status"] for one in answer["checks"]} == {"pass"}
    assert [len(one["norms"]) for one in answer["checks"] if one["norms"]] == [6]
    assert "inputs back from the scored step" in (tmp_path / "gradient.svg").read_text()
    bad = command("check", "torch:mine:Bad", "--only", "reads_only_the_past")
    assert bad.code == 1
    assert bad.out.startswith("BROKEN  no look ahead: its output at step 1 depends on inputs after it; ")
    assert "0 of 1 checks pass, 1 broken, 0 do not apply" in bad.out
    assert command("check", "--list").out.split() == list(adapter_checks())


def test_what_cannot_be_checked_is_one_sentence(command, tmp_path):
    (tmp_path / "mine.py").write_text("import torch, jax\ndef make():\n    pass\n")
    (tmp_path / "plain.py").write_text("def make():\n    pass\n")
    for words, sentence in (
        (("mine:make",), "model must say its framework, for mine.py imports jax and torch, but got 'mine:make'; write"),
        (("plain:make",), "for plain.py imports none"),
        (("mine:mak",), "did you mean 'make'?"),
        ((), "check must be given a model"),
        (("LSTM(units=2)", "--only", "reads_the_past"), "did you mean 'reads_only_the_past'?"),
        (("LSTM(units=2)", "--steps", "2"), "steps must be a whole number of at least 4, but got 2"),
    ):
        done = command("check", *words)
        assert done.code == 2
        assert sentence in done.err
