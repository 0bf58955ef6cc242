"""Models of other frameworks on a real cluster: the same rows as here; a worker without the file is one sentence."""

from __future__ import annotations

import pytest
from tests.studies.kills import check, everything

import memspan as ms
from memspan.adapters import Torch
from memspan.core.errors import InvalidInput
from memspan.studies.span import Recipe

END = ms.problems.Conflict(1, middle="random", scored="end")


def recipe(name):
    return Recipe("mine", Torch(name), ms.rules.BPTT(), optimizer=ms.Adam(0.05), epochs=20)


@pytest.mark.extended
def test_a_torch_module_learns_there_as_here(workers, tmp_path):
    """Rows, curves, scores at longer lags; on two workers, each with a process of PyTorch's own."""
    mine = recipe("tests.adapters.torch_users:lstm")
    for name, where in (("there", workers.address), ("here", None)):
        words = {"lags": [1, 2], "seeds": 12, "generalise": [5], "weights": True}
        found = ms.span(mine, END.with_lag, store=tmp_path / f"{name}.db", cluster=where, **words)
        assert [one.failed for one in found.row("mine").values()] == [0, 0]
    check(tmp_path / "there.db")
    assert everything(tmp_path / "there.db")[:2] == everything(tmp_path / "here.db")[:2]


def test_a_file_that_a_worker_does_not_have_stops_the_study_in_one_sentence(workers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "only_here.py").write_text("def make(n_inputs):\n    raise ValueError\n")
    with pytest.raises(InvalidInput, match=r"only_here:make must be found wherever its runs are made, but there is no"):
        ms.span(recipe("only_here:make"), END.with_lag, lags=[1], seeds=1, cluster=workers.address)
