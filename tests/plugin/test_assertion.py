"""`assert_memory_span` holds where the interval says so, and fails with what a reader needs to know."""

from __future__ import annotations

import re

import pytest

import memspan as ms
from memspan.pytest import assert_memory_span
from memspan.pytest.assertion import least_runs

QUICK = {"at_least": 1, "epochs": 60, "level": 0.5, "optimizer": "Adam(learning_rate=0.05)"}
FORGETS = ms.models.MLP(units=4, window=2)  # two inputs: none of them the cue


def test_it_returns_the_rate_of_plain_runs():
    """The same as `memspan.train` counts, with its interval."""
    found = assert_memory_span(ms.models.LSTM(units=8), seeds=8, **QUICK)
    problem, adam = ms.problems.Conflict(lag=1), ms.Adam(learning_rate=0.05)
    runs = ms.train(problem, ms.models.LSTM(units=8), ms.rules.BPTT(), seeds=8, epochs=60, optimizer=adam)
    assert found == runs.success
    assert found.low >= 0.5


def test_it_fails_with_rate_interval_floor_and_curve_and_stops_early():
    """A window that does not hold the cue cannot succeed, whatever is learned."""
    with pytest.raises(AssertionError) as caught:
        assert_memory_span(FORGETS, at_least=3, epochs=4)
    first, *lines = str(caught.value).splitlines()
    assert first.startswith("a memory span of 3 is not shown: 0 of 16 runs succeed, 0% [0%, 19%] (n = 16, wilson 95 %)")
    assert "must begin at 90% or above" in first
    said = {line.split()[0]: line for line in lines}
    floor = ms.problems.Conflict(lag=3).floor
    assert f"{floor:.4g} at most without memory (floor)" in said["score"]
    assert re.search(r"0\.\d\d [▁▂▃▄▅▆▇█]{4} 0\.\d\d, median of 16 runs over 4 epochs", said["learning"])
    assert "after 16 of 53 runs" in said["stopped"]


MINE = """
from torch import nn

class Breaks(nn.LSTM):
    def __init__(self, n_inputs, seed):
        super().__init__(n_inputs, 8, batch_first=True)
        self.breaks = seed == 1

    def forward(self, x, state=None):
        if self.breaks and self.training:
            raise OSError("the fuse blew")
        return super().forward(x, state)
"""


def test_a_rate_above_the_level_is_not_enough_and_a_run_that_breaks_is_named(tmp_path, monkeypatch):
    """Three of four succeed: more than half, and not shown."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mymodel.py").write_text(MINE)
    with pytest.raises(AssertionError) as caught:
        assert_memory_span("torch:mymodel:Breaks", seeds=4, **QUICK)
    said = str(caught.value)
    assert "3 of 4 runs succeed, 75% [30%, 95%]" in said
    assert re.search(r"failed    1 of 4 runs: .*mymodel.py, line 11: OSError: the fuse blew", said)
    assert "50% lies in the interval: it may be so, and more than 4 seeds would tell" in said


@pytest.mark.parametrize(("level", "failures"), [(0.9, 0), (0.9, 1), (0.5, 0), (0.95, 1)])
def test_the_number_that_is_advised_is_the_smallest(level, failures):
    """Against Wilson's interval solved in the other direction: a score test of the level at 2.5 %."""
    from scipy.stats import norm

    def shown(n):
        rate = (n - failures) / n
        return rate > level and (rate - level) / (level * (1 - level) / n) ** 0.5 >= norm.ppf(0.975)

    n = least_runs(level, failures)
    assert shown(n)
    assert not any(shown(fewer) for fewer in range(failures + 1, n))


REFUSED = [
    ({"seeds": 10}, "seeds must be at least 35 .* use 35, or 53, which allows one failure"),
    ({"level": 1.0}, "level must lie between 0 and 1, but got 1.0"),
    ({"at_least": 0}, "at_least must be a whole number of at least 1"),
    ({"budget": -1.0}, "budget must be seconds, more than 0"),
    ({"rule": "BTPT"}, "did you mean 'BPTT'"),
]


@pytest.mark.parametrize(("settings", "sentence"), REFUSED, ids=lambda value: str(value)[:20])
def test_what_could_never_be_shown_is_refused_before_anything_is_trained(settings, sentence):
    with pytest.raises(ms.InvalidInput, match=sentence):
        assert_memory_span(FORGETS, **{"at_least": 3, **settings})


def test_the_budget_ends_it():
    with pytest.raises(AssertionError, match=r"after 16 of 40 runs, for the budget of 1e-06 s was spent; allow more"):
        assert_memory_span(FORGETS, at_least=3, epochs=4, level=0.3, seeds=40, budget=1e-6)
