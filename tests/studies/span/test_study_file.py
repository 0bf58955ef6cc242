"""Study files: what is written is what is trained, and what is wrong is one sentence."""

from __future__ import annotations

import tomllib

import pytest

from memspan import models, problems, rules
from memspan.core.errors import InvalidInput
from memspan.core.protocol import Protocol
from memspan.core.spec import Spec
from memspan.engine import Adam, Clipped, Optax
from memspan.studies.span import read_shipped, read_study, shipped
from memspan.studies.span.notation import table_of
from memspan.studies.span.study_tables import study_of

WHOLE = """
lags = [3, 10]
seeds = 7
seed = 2

[problem]
name = "Conflict"
middle = "random"
scored = "end"

[[recipe]]
name = "all settings"
model = {name = "lstm", units = 4, chrono = "10 * lag"}
rule = {name = "SnAp", n = 2}
optimizer = {name = "Clipped", norm = 1.0, optimizer = {name = "Adam", learning_rate = [0.1, 0.2]}}
protocol = {batch = "all", order = "shuffled"}
epochs = "5 * lag"
evaluate_every = 2
curriculum = [1, 2, 3]
seeds = 5

[[recipe]]
name = "few settings"
model = "GRU"
lags = [10]
optimizer = {name = "sgd", learning_rate = 0.5}
"""


def study(text, **overrides):
    return study_of(tomllib.loads(text), "mine.toml", **overrides)


def test_every_key_reaches_the_spec():
    short, long, other = study(WHOLE).cells()
    problem = problems.Conflict(10, middle="random", scored="end")
    assert long.spec == Spec(
        problem=problem,
        model=models.LSTM(4, chrono=100),
        rule=rules.SnAp(n=2),
        optimizer=Clipped(norm=1.0, optimizer=Adam(0.2)),
        protocol=Protocol(batch="all", order="shuffled"),
        epochs=50,
        evaluate_every=2,
        curriculum=(problem.shorter(1), problem.shorter(2), problem.shorter(3)),
    )
    assert short.spec.optimizer == Clipped(norm=1.0, optimizer=Adam(0.1))
    assert [stage.lag for stage in short.spec.curriculum] == [1, 2]
    assert (short.lag, short.spec.epochs, short.seeds, other.seeds) == (3, 15, range(2, 7), range(2, 9))
    assert (other.lag, other.spec.model, other.spec.rule) == (10, models.GRU(), rules.Online())
    assert other.spec.optimizer == Optax("sgd", learning_rate=0.5)


def test_runs_may_depend_on_the_lag():
    cells = study(WHOLE.replace("seeds = 5", "seeds = [5, 6]")).cells()
    assert [len(cell.seeds) for cell in cells] == [5, 6, 7]
    with pytest.raises(InvalidInput, match="recipe 'all settings' at lag 3: seeds must be a whole number from 1"):
        study(WHOLE.replace("seeds = 5", "seeds = [0, 6]"))


def test_overrides_take_the_place_of_the_files_words():
    told = study(WHOLE, lags=[3, 10], seeds=2, seed=9, epochs=4, recipes=["all settings"])
    assert {(cell.recipe, cell.seeds, cell.spec.epochs) for cell in told.cells()} == {
        ("all settings", range(9, 11), 4),
    }
    assert [(cell.recipe, cell.lag) for cell in study(WHOLE, lags=[3]).cells()] == [("all settings", 3)]


def test_layers_of_a_stack_are_tables_too():
    text = 'lags = [5]\nproblem = "Conflict"\n[[recipe]]\nname = "two"\n'
    text += 'model = {name = "Stack", layers = [{name = "LSTM", units = 3, chrono = "2 * lag"}, {name = "GRU"}]}\n'
    assert study(text).cells()[0].spec.model == models.Stack((models.LSTM(3, chrono=10), models.GRU()))


def test_problems_whose_lag_has_another_name():
    text = 'lags = [5, 9]\n[problem]\nname = "{}"\n{}\n[[recipe]]\nname = "a"\nmodel = "GRU"\n'
    assert [c.spec.problem.length for c in study(text.format("ModernAdding", 'length = "2 * lag"')).cells()] == [10, 18]
    assert [c.spec.problem.length for c in study(text.format("ModernAdding", "length = [7, 8]")).cells()] == [7, 8]
    with pytest.raises(InvalidInput, match=r"problem must leave its lag to the study, but Parity .* is told none"):
        study(text.format("Parity", ""))
    with pytest.raises(InvalidInput, match=r"but Conflict .* is told 4; write one setting as \"lag\""):
        study(text.format("Conflict", "lag = 4"))


def test_lists_that_a_setting_is_at_any_lag_are_not_read_per_lag():
    text = 'lags = [5, 9]\nproblem = "Conflict"\n[[recipe]]\nname = "a"\n'
    text += "model = {name = 'TCN', dilations = %s}\n"
    assert [cell.spec.model.dilations for cell in study(text % "[1, 2, 4]").cells()] == [(1, 2, 4)] * 2
    assert [cell.spec.model.dilations for cell in study(text % "[[1, 2], [1, 3]]").cells()] == [(1, 2), (1, 3)]


START = 'lags = [3]\nproblem = "Conflict"\n'
RECIPE = '[[recipe]]\nname = "a"\nmodel = "LSTM"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"mine.toml must hold a \[\[recipe\]\], but does not; add one or more"),
        ("recipe = 3", r"mine.toml must hold a \[\[recipe\]\]"),
        ("lag = [3]\n" + RECIPE, "keys of mine.toml must be among .* but got 'lag'; did you mean 'lags'"),
        ('problem = "Conflict"\n' + RECIPE, "lags of mine.toml must be a list of whole numbers, but got None"),
        ("lags = [0]\n" + RECIPE, "lags of mine.toml must be a whole number of at least 1, but got 0"),
        ("lags = [3, 3]\n" + RECIPE, r"lags of mine.toml must be distinct, one or more, but got \[3, 3\]"),
        ("lags = []\n" + RECIPE, "lags of mine.toml must be distinct, one or more"),
        ("lags = [3]\n" + RECIPE, "problem of mine.toml must be a table with a name, but got None"),
        ('lags = [3]\nproblem = "Conflct"\n' + RECIPE, "problem.name must be one of .*; did you mean 'Conflict'"),
        (START + '[[recipe]]\nmodel = "LSTM"\n', r"every \[\[recipe\]\] of mine.toml must have a name, but got None"),
        (START + '[[recipe]]\nname = "a"\n', "recipe 'a' of mine.toml must have a model, but has none"),
        (START + RECIPE + 'ruel = "BPTT"\n', "keys of recipe 'a' of mine.toml must be among .* did you mean 'rule'"),
        (START + RECIPE + 'rule = "BTPP"\n', "recipe 'a' at lag 3: rule.name must be one of .*did you mean 'BPTT'"),
        (START + RECIPE + "epochs = 0\n", "recipe 'a' at lag 3: epochs must be a whole number of at least 1"),
        (START + RECIPE + 'epochs = "lag - 1"\n', r"recipe 'a' at lag 3: epochs may depend on the lag as 'lag'"),
        (START + RECIPE + "lags = [4]\n", "lags of recipe 'a' must be among the study's, 3, but got 4"),
        (START + RECIPE + 'protocol = {bach = "all"}\n', "keys of protocol of .* did you mean 'batch'"),
        (START + RECIPE + 'protocol = {batch = "some"}\n', "recipe 'a' at lag 3: batch must be one of"),
        (START + RECIPE + RECIPE, "recipes must bear names that differ"),
        (START + '[[recipe]]\nname = "a"\nmodel = {name = "LSTM", unit = 3}\n', "did you mean 'units'"),
        (START + '[[recipe]]\nname = "a"\nmodel = {name = "LSTM", units = 0}\n', "recipe 'a' at lag 3: units must be"),
        (START + '[[recipe]]\nname = "a"\nmodel = {name = "LSTM", units = "lag*2"}\n', "may depend on the lag as"),
        ('lags = [3]\nproblem = "Parity"\n' + RECIPE, "problem must leave its lag to the study, but Parity"),
        (
            'lags = [3]\nproblem = {name = "CopyMemory", n_items = 1}\n' + RECIPE + "curriculum = [1]\n",
            "curriculum must be left out, for CopyMemory has no easier stages",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(text, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        study(text)


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "No such file"), (b"lags = [3", "Unclosed array"), (b"\xff", "utf-8")]
)
def test_a_file_that_cannot_be_read(tmp_path, content, sentence):
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidInput, match=f"mine.toml must be a readable TOML file, but got: .*{sentence}"):
        read_study(file)


@pytest.mark.parametrize("name", shipped())
def test_what_ships_is_whole_and_leaves_no_two_cells_alike(name):
    cells = read_shipped(name).cells()
    assert len({(cell.spec.hash, cell.lag, cell.recipe) for cell in cells}) == len(cells)
    assert {cell.lag for cell in cells} == set(read_shipped(name).tested)


@pytest.mark.parametrize(
    ("names", "sentence"), [(["abc"], "recipe must be one of all settings, few settings"), (["ALL SETTING"], "did you")]
)
def test_a_recipe_that_is_not_there(names, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        study(WHOLE, recipes=names)


def test_a_line_of_text_is_the_table_of_a_file():
    text = 'Clipped(norm=1.0, optimizer={name="sgd", learning_rate=0.1})'
    assert table_of("optimizer", text, "--optimizer") == {
        "name": "Clipped",
        "norm": 1.0,
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
    }
    assert table_of("problem", "two-sequence()", "--problem") == {"name": "two-sequence"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("LSTM(units=3", "--model must be a name, or a name with settings such as 'LSTM"),
        ("", "--model must be a name"),
        ("LSTM(units=x)", "--model must have its settings written as in a study file"),
        ("LSTM(3)", "--model must have its settings written"),
        ("LSMT(units=3)", "--model must be one of .* did you mean 'LSTM'"),
    ],
)
def test_a_line_of_text_that_is_none(text, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        table_of("model", text, "--model")
