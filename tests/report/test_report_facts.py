"""What a report says is what the store holds: counted again in SQL and NumPy, and beside the library's other doors."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.samples import diverged, failed, put, spec_of

import memspan as ms
from memspan.core.errors import InvalidInput
from memspan.report.make import make
from memspan.store import Store
from memspan.studies.noted import note_of

RATES = {"online": (0.6, 0.0), "RTRL": (1.0, 0.7), "BPTT": (0.9, None)}


def report_of(path, study=None, **settings):
    with Store.open(path, create=False) as store:
        return make(store, path, study, **{"state": False, **settings})


def counted(path):
    """Runs and solved runs by spec, without the library."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT spec, count(*), sum(solved) FROM runs GROUP BY spec")
        return {spec: (runs, solved) for spec, runs, solved in rows}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = tmp_path_factory.mktemp("store") / "runs.db"
    put(made, RATES)
    return made


@pytest.fixture(scope="module")
def made(path):
    return report_of(path)


def figure(made, key):
    return next(one for one in made.figures if one.key == key)


def test_counts_are_those_of_the_store(path, made):
    count = counted(path)
    rows = {(row[0], row[1]): row for row in figure(made, "success").table.rows}
    assert len(rows) == 5
    for number, (recipe, at) in enumerate(RATES.items()):
        for lag, rate in zip((3, 5), at, strict=True):
            if rate is not None:
                runs, solved = count[spec_of(lag, number).hash]
                assert rows[recipe, str(lag)][2].startswith(f"{solved}/{runs} [")
    drawn = figure(made, "success").views[0].spec["data"]["values"]
    assert {(row["lag"], row["rate"]) for row in drawn} == {(3, 0.6), (3, 1.0), (3, 0.9), (5, 0.0), (5, 0.7)}


def test_the_answer_comes_first_and_says_how_surely(made):
    low, high = (round(100 * end) for end in (ms.stats.wilson(7, 10).low, ms.stats.wilson(7, 10).high))
    assert made.answer[0] == (
        f"Furthest comes 'RTRL': lag 5, the longest lag tried, in 7 of 10 runs (95 % interval of the rate: {low} to "
        f"{high} %)."
    )
    assert "3 ways to train" in made.question
    assert "50 runs" in made.question


def test_recipes_that_reach_alike_are_all_named(tmp_path):
    file = tmp_path / "alike.db"
    put(file, {"one": (1.0, 0.7), "other": (1.0, 0.7), "less": (1.0, 0.6)})
    first = report_of(file).answer[0]
    assert first.startswith(
        "Furthest come 'one' and 'other' alike: lag 5, the longest lag tried, each in 7 of 10 runs ("
    )


def test_spans_are_those_that_the_statistics_give(made):
    spans = {row[0]: row[1:] for row in made.spans.rows}
    assert spans["RTRL"][0] == str(ms.stats.memory_span([3, 5], [10, 7], [10, 10], 0.5))
    assert spans["online"][1] == str(ms.stats.memory_span([3, 5], [6, 0], [10, 10], 0.9))


def test_losses_are_the_medians_of_the_kept_curves(path, made):
    loss = figure(made, "loss")
    with Store.open(path) as store:
        curves = np.stack([run.curves["loss"] for run in store.runs(spec_of(5, 1).hash)])
    (row,) = [row for row in loss.table.rows if row[:2] == ("RTRL", "5")]
    assert row[2:5] == ("10", "0", "20")
    assert float(row[7]) == pytest.approx(np.median(curves[:, -1]), rel=1e-2)
    assert [view.name for view in loss.views] == ["lag 3", "lag 5"]


def test_scores_stand_between_what_the_problem_knows(made):
    rows = {row[:2]: row for row in figure(made, "score").table.rows}
    problem = ms.problems.Conflict(lag=5)
    assert rows["online", "5"][6:] == tuple(f"{x:.4g}" for x in (problem.chance, problem.floor, problem.best))
    assert rows["RTRL", "3"][4] == "1"


def test_recipes_are_compared_over_the_seeds_in_common(made):
    rows = {row[:2]: row for row in figure(made, "differences").table.rows}
    # Seeds 0 to 5 against 0 to 9, and so on: counted by hand from how the store was made.
    expected = {
        ("online less RTRL", "3"): (6, 0, 4, 0),
        ("online less BPTT", "3"): (6, 0, 3, 1),
        ("RTRL less BPTT", "3"): (9, 1, 0, 0),
        ("online less RTRL", "5"): (0, 0, 7, 3),
    }
    assert rows.keys() == expected.keys()
    for key, counts in expected.items():
        one = ms.stats.newcombe_paired(*counts, 1 - 0.05 / 4)
        assert numbers(rows[key][3]) == [round(100 * value) for value in (one.point, one.low, one.high)]
        assert rows[key][6] == "exploratory"


def numbers(text):
    return [int(number.replace("\u2212", "-")) for number in re.findall(r"[+\u2212]\d+", text)]


def test_what_is_drawn_is_the_gain_over_the_first_recipe(made):
    """The table has the first recipe less the other, the picture the other less the first."""
    (view,) = [view for view in figure(made, "differences").views if view.name == "lag 5"]
    one = ms.stats.newcombe_paired(0, 7, 0, 3, 1 - 0.05 / 4)
    (row,) = view.spec["data"]["values"]
    assert (row["label"], row["difference"]) == ("RTRL", pytest.approx(70))
    assert (row["low"], row["high"]) == (pytest.approx(100 * one.low), pytest.approx(100 * one.high))
    assert view.finding == "At lag 5, 1 of 1 differ from 'online' beyond chance."


def test_a_primary_question_is_answered_in_the_second_line(tmp_path):
    primary = {"primary": {"compare": ["RTRL", "online"], "lag": 5}}
    put(tmp_path / "runs.db", RATES, table=primary)
    told = report_of(tmp_path / "runs.db")
    one = ms.stats.newcombe_paired(0, 7, 0, 3)
    p = 0.5**7  # McNemar's mid-p of 7 against 0, of two sides
    assert told.answer[1] == (
        f"Primary question, 'RTRL' or 'online' at lag 5, on success: they differ (p = {p:.3f}, mcnemar mid-p; 7 of 10 "
        f"runs against 0 of 10, difference +70 [+{100 * one.low:.0f}, +{100 * one.high:.0f}] percentage points)."
    )


def test_survival_is_that_of_the_times_in_the_store(made):
    rows = {row[:2]: row for row in figure(made, "updates").table.rows}
    # Seed s solves it after 40 + s updates: of ten that all do, the fifth is there at 44.
    assert rows["RTRL", "3"][3].startswith("44 [")
    assert rows["RTRL", "3"][4:8] == ("42", "44", "47", "48")
    assert rows["online", "5"][3:8] == ("not reached", "-", "-", "-", "-")
    # RTRL and BPTT come as far at lag 3, and are both named; the intervals of others are wider.
    assert "'RTRL' and 'BPTT': 44 [" in figure(made, "updates").views[0].finding


@given(
    st.lists(st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=2, max_size=2), min_size=1, max_size=4),
    st.integers(1, 12),
)
@settings(max_examples=8)
def test_any_study_is_counted_right(tmp_path_factory, rates, seeds):
    path = tmp_path_factory.mktemp("any") / "runs.db"
    put(path, {f"r{number}": at for number, at in enumerate(rates)}, seeds=seeds)
    made, count = report_of(path), counted(path)
    shown = [row[2].split(" ")[0] for row in figure(made, "success").table.rows]
    assert shown == [
        f"{solved}/{n}"
        for number in range(len(rates))
        for n, solved in (count[spec_of(lag, number).hash] for lag in (3, 5))
    ]
    assert (len(rates) > 1) == any(one.key == "differences" for one in made.figures)


def test_one_cell_is_enough(tmp_path):
    put(tmp_path / "runs.db", {"only": (0.5,)}, lags=(3,), seeds=1)
    made = report_of(tmp_path / "runs.db")
    assert [one.key for one in made.figures] == ["success", "score", "updates", "loss"]
    assert "in 1 of 1 runs" in made.answer[0]


def test_failures_are_listed_and_count(tmp_path):
    extra = [("r", 3, diverged(2)), ("r", 3, failed(4, "killed by <signal> 9")), ("r", 5, diverged(0))]
    put(tmp_path / "runs.db", {"r": (1.0, 1.0)}, extra=extra)
    made = report_of(tmp_path / "runs.db")
    assert [row[:4] for row in made.failures.rows] == [
        ("r", "3", "2", "diverged"),
        ("r", "3", "4", "failed"),
        ("r", "5", "0", "diverged"),
    ]
    assert made.failures.rows[1][4] == "killed by <signal> 9"
    assert figure(made, "success").table.rows[0][2].startswith("8/10 [")  # no run is dropped
    assert "2 runs diverged; they count as failures." in made.answer
    assert "The study is not done: 1 of 20 runs have no result yet." in made.answer
    assert "1 run has no result, for the reason below; it counts as a failure." in made.answer


def test_all_runs_diverged(tmp_path):
    put(tmp_path / "runs.db", {"r": (0.0,)}, lags=(3,), seeds=3, extra=[("r", 3, diverged(seed)) for seed in range(3)])
    made = report_of(tmp_path / "runs.db", state=None)
    assert made.answer[0].startswith("Not even at lag 3 do half of the runs learn it: with 'r' 0 of 3 runs")
    assert made.left_out == (
        "The state of a trained network: none of its runs ended with a network, for all diverged or have no result.",
    )


def test_a_running_study_says_what_is_missing(tmp_path):
    put(tmp_path / "runs.db", {"r": (1.0, 1.0)}, seeds=4, cells_seeds=10)
    assert "The study is not done: 12 of 20 runs have no result yet." in report_of(tmp_path / "runs.db").answer


def test_a_store_without_a_study_is_reported_as_a_whole(tmp_path):
    made = ms.span(
        ms.models.MLP(units=2, window=2),
        ms.problems.Conflict(),
        lags=[1],
        seeds=2,
        rule=ms.rules.BPTT(),
        epochs=2,
        store=tmp_path / "runs.db",
    )
    told = report_of(tmp_path / "runs.db")
    assert told.title == "all runs of runs.db"
    assert told.recipes == ("MLP(units=2, window=2), BPTT",)
    assert figure(told, "success").table.rows[0][2].startswith(f"{made.cells[0].solved}/2")


def test_a_spec_of_another_library_is_reported_without_what_only_code_knows(tmp_path):
    put(tmp_path / "runs.db", {"ours": (1.0,)}, lags=(3,))
    with closing(sqlite3.connect(tmp_path / "runs.db")) as connection, connection:
        connection.execute("""UPDATE specs SET settings = replace(settings, '"LSTM"', '"theirs.LSTM"')""")
    made = report_of(tmp_path / "runs.db", state=None)
    assert figure(made, "score").table.rows[0][6:] == ("-", "-", "-")
    assert "theirs.LSTM(" in made.settings.rows[0][3]
    assert len(made.left_out) == 1


def test_one_study_of_several_is_named(tmp_path):
    path = tmp_path / "runs.db"
    hashes = [put(path, {"r": (1.0,)}, lags=(3,), name=name) for name in ("one", "two")]
    with pytest.raises(InvalidInput, match=r"study must be named where .* holds 2, but got none; there are .*\(one\)"):
        report_of(path)
    assert report_of(path, hashes[1][:6]).title == "two"


def test_a_tuning_that_tried_nothing_yet_is_refused(tmp_path):
    with Store.open(tmp_path / "runs.db") as store, store.writer() as writer:
        writer.note(note_of("tune", "tunings/tutorial", {}, {}, ()))
    with pytest.raises(InvalidInput, match=r"study must have cells to report on, but .* has none"):
        report_of(tmp_path / "runs.db")


def test_nothing_to_report_is_a_sentence(tmp_path):
    with Store.open(tmp_path / "empty.db"):
        pass
    with pytest.raises(InvalidInput, match="store must hold runs to report on"):
        report_of(tmp_path / "empty.db")


def test_the_state_of_a_real_network_is_shown_and_is_the_stored_run(tmp_path):
    path = tmp_path / "runs.db"
    recipe = {"rule": ms.rules.BPTT(), "epochs": 3}
    found = ms.span(ms.models.LSTM(units=3), ms.problems.Conflict(), lags=[2], seeds=2, store=path, **recipe)
    made = report_of(path, state=True)
    (state,) = [words for name, words in made.methods if name == "State"]
    assert "trained again from its spec and seed (bit for bit the stored run)" in state
    trained = ms.train(ms.problems.Conflict(lag=2), ms.models.LSTM(units=3), seeds=[0], **recipe)[0]
    sequence = ms.problems.Conflict(lag=2).sequences()[0][:-1]
    cells = trained.states(sequence)[0].cell  # the engine's own step, not the arithmetic that the report shows
    shown = {row[0]: row[1:] for row in figure(made, "state").table.rows}
    for unit in range(3):
        assert [float(x) for x in shown[str(unit)][:3]] == pytest.approx(cells[:, unit].tolist(), abs=6e-4)
    assert len(figure(made, "steps").steps) == 3
    held = ms.hold(trained, probes=["readout"], seed=0) if hasattr(ms, "hold") else None
    told = [row[1] for row in figure(made, "readout").table.rows]
    assert held is None or told == [f"{100 * one.point:.0f} %" for one in held.readout.told]
    assert [one.key for one in made.figures][-3:] == ["readout", "swap", "credit"]
    assert found.cells[0].runs[0].seed == 0


def test_a_state_that_is_asked_for_and_cannot_be_shown_is_refused(tmp_path):
    put(tmp_path / "runs.db", {"r": (0.0,)}, lags=(3,), seeds=1, extra=[("r", 3, diverged(0))])
    with pytest.raises(InvalidInput, match="none of its runs ended with a network"):
        report_of(tmp_path / "runs.db", state=True)


def test_what_does_it_again_is_what_was_asked_for(tmp_path):
    asked = {
        "target": None,
        "problem": None,
        "models": ["LSTM(units=2)"],
        "rules": ["BPTT"],
        "lags": [3, 5],
        "recipes": [],
        "curriculum": [],
        "seeds": 10,
        "optimizer": None,
    }
    put(tmp_path / "runs.db", {"r": (1.0, 1.0)}, asked=asked)
    words = dict(report_of(tmp_path / "runs.db").commands)["Measure it from nothing"]
    assert words == "memspan span --lags 3,5 --model 'LSTM(units=2)' --rule BPTT --seeds 10 --store again.db"
