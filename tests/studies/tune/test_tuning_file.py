"""Tuning files: what they hold, and what is refused in one sentence."""

from __future__ import annotations

import copy
import tomllib

import pytest

from memspan.core.errors import InvalidInput
from memspan.studies.tune import Choice, Range, read_tuning, tuning_of
from memspan.studies.tune.in_words import settings_in_words
from memspan.studies.tune.space import filled, space_of
from memspan.studies.tune.tuning_file import shipped, shipped_table

TEXT = """
lag = 2
target = 0.6
trials = 4
batch = 2
seeds = 16
fresh = 20

[problem]
name = "Conflict"

[recipe]
model = {name = "LSTM", units = {from = 1, to = 4}, chrono = {one_of = [{}, "10 * lag"]}}
rule = {one_of = ["BPTT", {name = "SnAp", n = 1}]}
optimizer = {name = "Adam", learning_rate = {from = 0.01, to = 0.3, log = true}}
epochs = {from = 2, to = 8}
"""
TABLE = tomllib.loads(TEXT)


def test_a_tuning_is_read(tmp_path):
    (tmp_path / "mine.toml").write_text(TEXT)
    plan = read_tuning(tmp_path / "mine.toml", target=0.5)
    assert list(plan.space) == sorted(plan.space)
    assert plan.space["model.units"] == Range(1, 4)
    assert plan.space["rule"] == Choice(("BPTT", {"name": "SnAp", "n": 1}))
    assert (plan.target, plan.trials, plan.looks, plan.confirming) == (0.5, 4, (8, 16), range(20, 40))
    asked = {"model.units": 3, "model.chrono": 1, "rule": 1, "optimizer.learning_rate": 0.123456, "epochs": 5}
    settings = plan.settings(asked)
    assert settings["optimizer.learning_rate"] == 0.12
    assert settings_in_words(settings) == "epochs 5, chrono 10 * lag, units 3, learning_rate 0.12, rule SnAp(n=1)"
    spec = plan.spec(settings)
    assert (spec.model.units, spec.model.chrono, spec.rule.n, spec.epochs, spec.problem.lag) == (3, 20, 1, 5, 2)
    assert plan.spec(plan.settings({**asked, "model.chrono": 0})).model.chrono is None


def test_the_order_of_a_file_decides_nothing():
    turned = {**TABLE, "recipe": dict(reversed(TABLE["recipe"].items()))}
    assert list(tuning_of(turned, "f").space) == list(tuning_of(TABLE, "f").space)


def test_those_that_ship_are_whole():
    for name in shipped():
        plan = tuning_of(shipped_table(name), name)
        assert plan.validation.stop <= plan.confirming.start


def test_a_table_that_leaves_nothing_open_is_itself():
    assert space_of(TABLE["problem"]) == {}
    assert filled(TABLE["problem"], {}) == TABLE["problem"]


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("trails",), 3, "keys of f must be among .*, but got 'trails'; did you mean 'trials'"),
        (("lag",), "3", "lag of f must be a whole number"),
        (("recipe",), "LSTM", "must hold a .problem. and a .recipe."),
        (("recipe", "seeds"), 3, "must do without seeds"),
        (("recipe", "epochs"), {"from": 5, "to": 5}, "epochs must be a range such as"),
        (("recipe", "epochs"), {"from": 5}, "epochs must be a range such as"),
        (("recipe", "epochs"), {"from": 0, "to": 5, "log": True}, "epochs.from must be above 0"),
        (("recipe", "epochs"), {"from": 1, "to": 5, "lag": True}, "epochs may hold from, to, log, but got 'lag'"),
        (("recipe", "rule"), {"one_of": ["BPTT"]}, "rule.one_of must be a list of two values or more"),
        (("recipe", "rule"), {"one_of": ["BPTT", "RTRLL"]}, "rule.name must be one of .*; did you mean 'RTRL'"),
        (("recipe", "rule"), {"one_of": ["BPTT", {"from": 1, "to": 2}]}, "rule.one_of must hold plain values"),
        (("recipe", "model", "units"), {"from": 0, "to": 5}, "units must be a whole number"),
        (("recipe", "model", "unit"), {"from": 1, "to": 5}, "model.unit is no setting of LSTM"),
        (("target",), 1.0, "target must be a share above 0 and below 1"),
        (
            ("target",),
            0.9,
            "fresh must be runs enough to show the target 0.9 with 50 finalists, but even 20 of 20 .*; use 88 or more",
        ),
        (("trials",), 0, "trials must be a whole number from 1"),
        (("seed",), -1, "seed must be a whole number from 0"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(place, value, sentence):
    table = copy.deepcopy(TABLE)
    inner = table
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(InvalidInput, match=sentence) as refused:
        tuning_of(table, "f")
    assert "\n" not in str(refused.value)


def test_there_must_be_something_to_search():
    plain = {"model": {"name": "LSTM"}, "rule": "BPTT"}
    with pytest.raises(InvalidInput, match="recipe must leave something to be searched"):
        tuning_of({**TABLE, "recipe": plain}, "f")
