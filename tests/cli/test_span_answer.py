"""What an answer says of outcomes that are given: rates too low, what is left, and the words for it."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.studies.span.fabricated import span_of_counts, study_of_counts

from memspan.cli.exits import Exit
from memspan.cli.json_target import JsonTarget, goes_to_standard_output, spelt_out
from memspan.cli.span_answer import Answer, check_fail_under
from memspan.cli.span_target import Asked
from memspan.core.errors import InvalidInput
from memspan.stats import wilson


def answer(counts, fail_under=None, **asked):
    return Answer(Asked(**{"target": "my study.toml"} | asked), span_of_counts(counts), fail_under, None)


@pytest.mark.parametrize(("rate", "below"), [(0.53, []), (0.54, [("a", 10)]), (0.84, [("a", 3), ("a", 10), ("b", 3)])])
def test_the_lower_end_of_every_interval_counts(rate, below):
    """Wilson: 20 of 20 from 0.839, 15 of 20 (a rate of 0.75) from 0.531."""
    found = answer({"a": {3: 20, 10: 15}, "b": {3: 20}}, rate)
    assert [(one.cell.recipe, one.cell.lag) for one in found.below] == below
    assert found.exit_code == (Exit.BELOW if below else Exit.DONE)


@given(st.integers(1, 300), st.floats(0.01, 0.99))
def test_a_rate_that_no_runs_could_show_is_refused_with_the_least_number_that_can(seeds, rate):
    study = study_of_counts({"a": {1: 0}}, seeds)
    assume(abs(wilson(seeds, seeds).low - rate) > 1e-9)
    if wilson(seeds, seeds).low >= rate:
        check_fail_under(rate, study)
        return
    with pytest.raises(InvalidInput, match="must be a share that the runs can show") as refusal:
        check_fail_under(rate, study)
    enough = int(str(refusal.value).split("--seeds ")[1].split()[0].replace(",", ""))
    assert wilson(enough, enough).low >= rate - 1e-9
    assert enough == 1 or wilson(enough - 1, enough - 1).low < rate + 1e-9


@pytest.mark.parametrize(
    ("counts", "asked", "commands"),
    [
        ({"a": {1: 9, 2: 9}}, {}, []),
        ({"a": {1: None, 2: None}, "b": {1: None}}, {}, [["my study.toml"]]),
        (
            {"a": {1: 9, 2: 9}, "b, c": {1: 9, 2: None}, "d": {1: None}, "e": {2: None}},
            {"seeds": 20, "seed": 3, "lags": (1, 2)},
            [
                ["my study.toml", "--recipe", "b, c", "--lags", "2", "--seeds", "20", "--seed", "3"],
                ["my study.toml", "--recipe", "d", "--recipe", "e", "--lags", "1,2", "--seeds", "20", "--seed", "3"],
            ],
        ),
        (
            {"LSTM(units=2), BPTT": {1: 9, 2: None}},
            {"target": None, "models": ("LSTM(units=2)",), "rules": ("bptt",), "curriculum": (1,), "batch": "all"},
            [
                [
                    *("--model", "LSTM(units=2)", "--rule", "bptt", "--batch", "all", "--curriculum", "1"),
                    *("--recipe", "LSTM(units=2), BPTT", "--lags", "2"),
                ]
            ],
        ),
    ],
)
def test_the_rest_is_what_is_not_done(counts, asked, commands):
    rest = [shlex.split(command) for command in answer(counts, **asked).rest()]
    assert rest == [["memspan", "span", *words] for words in commands]


def test_the_words_for_an_interrupt():
    nothing = answer({"a": {1: None}})
    assert nothing.rest_in_words(None) == (
        "memspan: interrupted; 0 of 1 cells are done and printed; nothing else is, so that 'a' at lag 1 starts again "
        "from its first epoch (--store FILE would keep every run); the rest, with the same seeds:\n"
        "  memspan span 'my study.toml'\n"
    )
    assert nothing.finding is None
    assert answer({"a": {1: 3}}).rest_in_words(None) == "memspan: interrupted; all was measured\n"


@pytest.mark.parametrize(
    ("words", "spelt", "is_object"),
    [
        (["span", "a.toml"], [], False),
        (["span", "a.toml", "--json"], ["-"], True),
        (["span", "--json", "--quiet"], ["-"], True),
        (["span", "--json", "-"], [], True),
        (["span", "--json=-"], [], True),
        (["span", "--json", "a.json"], [], False),
        (["span", "--json=a.json"], [], False),
        (["demand", "--json", "conflict"], [], True),
        (["demo"], [], False),
        ([], [], False),
    ],
)
def test_json_alone_means_standard_output(words, spelt, is_object):
    assert sorted(spelt_out(words)) == sorted(words + spelt)
    assert goes_to_standard_output(words) is is_object


def test_a_file_is_replaced_as_a_whole_and_each_time(tmp_path):
    target = JsonTarget.of(str(tmp_path / "a.json"))
    target.write({"n": 1}, last=False)
    target.write({"n": 2}, last=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text() == '{"n": 2}\n'
