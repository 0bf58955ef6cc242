"""Trained networks at longer lags: which problems can be stretched, and scores that a resumed study has too."""

from __future__ import annotations

import numpy as np
import pytest

import memspan as ms
from memspan.models import LSTM, MLP
from memspan.problems import Conflict, CopyMemory, LongLag, RandomConflict
from memspan.studies.kept import Beside, InMemory, Longer, finish, keeping
from memspan.studies.longer import at_longer, longer_lines
from memspan.studies.primary import Primary
from memspan.studies.span import Recipe, Study
from memspan.studies.span.stretch import longer_lags, stretched
from memspan.studies.span.study_tables import study_of

END = Conflict(2, middle="random", scored="end")
PARTS = (ms.rules.BPTT(), ms.Adam(0.05), ms.Protocol(batch="all"))
SPEC = ms.Spec(END, MLP(6, window=4), *PARTS, epochs=60, evaluate_every=20)


def can_be_stretched(problem, lag):
    spec = ms.Spec(problem, LSTM(2), *PARTS)
    try:
        return stretched(problem.with_lag, spec, lag).lag == lag
    except ms.InvalidInput as refusal:
        return str(refusal)


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (END, True),
        (Conflict(3, middle="repeating", scored="end"), True),
        (Conflict(3, middle="fresh", scored="end"), True),
        (Conflict(3, middle="fresh"), True),  # only the end is judged, for the middle cannot be foreseen
        (RandomConflict(3), True),
        (Conflict(3), "conflict (tutorial), lag 9 has another inputs (11, not 5)"),
        (Conflict(3, scored="end"), "has another inputs"),
        (Conflict(3, middle="repeating"), "ask for different answers after the same beginning"),
        (Conflict(3, middle="random"), "ask for different answers after the same beginning"),
        (LongLag("2a", 3), "has another inputs"),
    ],
    ids=lambda value: getattr(value, "variant", ""),
)
def test_only_what_a_network_could_be_right_on_is_stretched(problem, told):
    found = can_be_stretched(problem, 9)
    assert found is True if told is True else told in found
    assert found is True or found.startswith("generalise must be left out, for ")


def test_a_contradiction_is_one():
    """The oracle: on repeating symbols one is right at step 3 of either lag only by being wrong at the other."""
    short, long = Conflict(3, middle="repeating"), Conflict(9, middle="repeating")
    (cue, *_, answer), other = short.sequences()[0], long.sequences()[0]
    assert short.sequences()[0][:4] == other[:4]
    assert (answer, other[4]) == (cue, 0)


def test_the_lags_of_a_study():
    assert longer_lags([lambda lag: 2 * lag, 10, 3], 5) == (10,)
    study = Study(END.with_lag, [Recipe("a", LSTM(2))], [2, 6], seeds=1, generalise=[lambda lag: 2 * lag, 5])
    assert [cell.longer for cell in study.cells()] == [(4, 5), (12,)]
    with pytest.raises(ms.InvalidInput, match="recipe 'a' at lag 3: generalise must be left out, for"):
        Study(Conflict().with_lag, [Recipe("a", LSTM(2))], [3], seeds=1, generalise=[9]).cells()
    with pytest.raises(ms.InvalidInput, match="generalise must hold a lag longer than 3, the shortest"):
        ms.span(LSTM(2), END, lags=[3], seeds=1, generalise=[3])
    copying = Study(lambda lag: CopyMemory(lag=lag, n_items=1), [Recipe("a", LSTM(2))], [3], seeds=1, generalise=[9])
    assert copying.cells()[0].longer == (9,)


BESIDE = Beside(weights=True, longer=(Longer(3, END.with_lag(3)), Longer(9, END.with_lag(9))))


@pytest.fixture(scope="module")
def at_once(tmp_path_factory):
    with keeping(tmp_path_factory.mktemp("longer") / "runs.db") as keeper:
        finish(SPEC, range(11), keeper, beside=BESIDE)
        yield keeper


def test_a_resumed_study_has_the_same_scores_and_weights(at_once, tmp_path):
    """Begun without any of it, then asked for longer lags, then for weights, with more seeds each time."""
    with keeping(tmp_path / "runs.db") as keeper:
        finish(SPEC, range(3), keeper)
        finish(SPEC, range(2, 7), keeper, beside=Beside(longer=BESIDE.longer[1:]))
        assert keeper.missing(SPEC, range(11), BESIDE) == list(range(11))
        finish(SPEC, range(11), keeper, beside=BESIDE)
        assert (keeper.missing(SPEC, range(11), BESIDE), keeper.differing) == ([], [])
        for one, other in zip(keeper.runs(SPEC, range(11)), at_once.runs(SPEC, range(11)), strict=True):
            assert (one.seed, one.scores) == (other.seed, other.scores)
            mine, theirs = (each.store.weights(SPEC.hash, one.seed) for each in (keeper, at_once))
            assert mine.keys() == theirs.keys()
            assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_only_runs_that_solve_their_problem_are_judged_and_no_window_sees_further_than_it_is(at_once):
    runs = at_once.runs(SPEC, range(11))
    assert {run.solved: set(run.scores) for run in runs} == {
        True: {"evaluation", "lag 3", "lag 9"},
        **({False: {"evaluation"}} if not all(run.solved for run in runs) else {}),
    }
    three, nine = at_longer(runs)
    solving = sum(run.solved for run in runs)
    assert (three.lag, nine.lag, three.success.n, nine.success.n) == (3, 9, solving, solving)
    # A window of 4 has the cue of lag 3 in it, and knows nothing at lag 9.
    assert (nine.solved, nine.accuracy.point) == (0, END.with_lag(9).ceiling(4))
    assert at_longer(runs, [9, 100]) == [nine]
    assert "100 %" not in "\n".join(longer_lines([("a", 2, [three, nine])]))


def test_in_memory_it_is_the_same(at_once):
    keeper = InMemory()
    finish(SPEC, range(3), keeper, beside=BESIDE)
    assert [run.scores for run in keeper.runs(SPEC, range(3))] == [run.scores for run in at_once.runs(SPEC, range(3))]


FILE = {
    "lags": [3, 10],
    "seeds": 2,
    "problem": {"name": "Conflict", "middle": "random", "scored": "end"},
    "recipe": [{"name": "BPTT", "model": "LSTM"}, {"name": "BPTT, chrono", "model": "LSTM", "lags": [10]}],
}
ASKED = {"compare": ["BPTT", "BPTT, chrono"], "lag": 10}


def test_a_file_declares_a_question_and_longer_lags():
    text = {**FILE, "primary": ASKED, "generalise": ["2 * lag", 15]}
    study = study_of(text, "mine.toml")
    assert study.primary == Primary(["BPTT", "BPTT, chrono"], 10, "success")
    assert [(cell.recipe, cell.lag, cell.longer) for cell in study.cells()] == [
        ("BPTT", 3, (6, 15)),
        ("BPTT", 10, (15, 20)),
        ("BPTT, chrono", 10, (15, 20)),
    ]
    # A part of the study that cannot answer it asks nothing; one that can still does.
    assert study_of(text, "mine.toml", lags=[3]).primary is None
    assert study_of(text, "mine.toml", recipes=["BPTT"]).primary is None
    assert study_of(text, "mine.toml", lags=[10, 30]).primary == study.primary
    told = study_of(text, "mine.toml", generalise=["3 * lag", 12], weights=True).cells()
    assert [(cell.longer, cell.beside.weights) for cell in told] == [
        ((9, 12), True),
        ((12, 30), True),
        ((12, 30), True),
    ]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"primary": {**ASKED, "compare": ["BPTT", "BPTT chrono"]}},
            "but got 'BPTT chrono'; did you mean 'BPTT, chrono'",
        ),
        ({"primary": {**ASKED, "lag": 3}}, "'BPTT, chrono' is tried at 10, not at 3"),
        ({"primary": {**ASKED, "lag": "10"}}, "primary.lag must be a whole number of at least 1, but got '10'"),
        (
            {"primary": {**ASKED, "compare": "BPTT"}},
            r"compare of primary of mine.toml must be the names of two recipes",
        ),
        ({"primary": {**ASKED, "compare": [1, 2]}}, r"must be the names of two recipes, but got \[1, 2\]"),
        ({"primary": {**ASKED, "compare": ["BPTT"]}}, "must be the names of two recipes that differ"),
        ({"primary": {**ASKED, "on": "rate"}}, "primary.on must be one of success, updates, but got 'rate'"),
        ({"primary": {**ASKED, "lags": 3}}, "did you mean 'lag'"),
        ({"primary": {"lag": 10}}, "primary of mine.toml must have compare, but has none; add compare ="),
        ({"primary": {"compare": ["BPTT", "BPTT, chrono"]}}, "must have lag, but has none; add lag = 100"),
        ({"primary": 3}, r"primary of mine.toml must be a table, but got 3; write \[primary\]"),
        ({"generalise": ["lag / 2"]}, "generalise may depend on the lag as"),
        ({"generalise": ["far"]}, "generalise must be a whole number of at least 1, but got 'far'"),
        ({"generalise": [0]}, "generalise must be a whole number of at least 1, but got 0"),
        ({"generalise": [3]}, "generalise must hold a lag longer than 3, the shortest that is trained, but got none"),
        ({"generalize": [30]}, "did you mean 'generalise'"),
    ],
)
def test_what_is_wrong_in_a_file_is_one_sentence(more, sentence):
    with pytest.raises(ms.InvalidInput, match=sentence):
        study_of({**FILE, **more}, "mine.toml")
