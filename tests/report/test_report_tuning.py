"""The report of a tuning says what the tuning itself found, and holds while it is under way."""

from __future__ import annotations

import numpy as np
import pytest
from tests.report.samples import HERE

import memspan as ms
from memspan.cli.tune_noting import Noting
from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots import against_target, render, search_course
from memspan.report.html import html
from memspan.report.make import make
from memspan.report.markdown import markdown
from memspan.report.pdf import page
from memspan.store import Store, StoredRun
from memspan.studies.kept import keeping
from memspan.studies.noted import note_of
from memspan.studies.tune import tune, tuning_of

TABLE = {
    "lag": 1,
    "target": 0.6,
    "trials": 6,
    "batch": 3,
    "seeds": 16,
    "fresh": 40,
    "finalists": 30,
    "problem": {"name": "Conflict"},
    "recipe": {
        "model": {"name": "MLP", "units": {"from": 2, "to": 8}, "window": 2},
        "rule": "BPTT",
        "optimizer": {"name": "Adam", "learning_rate": 0.1},
        "epochs": {"from": 5, "to": 60},
    },
}


def invented(spec, seed):
    """Solved where a number drawn for the seed says so: larger and longer is better, two units never do it."""
    chance = 0.0 if spec.model.units < 3 else min(1.0, spec.epochs / 30)
    solved = bool(np.random.default_rng([seed, spec.model.units, spec.epochs]).random() < chance)
    curve = {"loss": np.linspace(0.7, 0.1, spec.epochs).astype(np.float32)}
    until = spec.epochs if solved else None
    score = {"evaluation": {"accuracy": float(solved)}}
    return StoredRun(seed, "finished", solved, 2 * spec.epochs, until, HERE, score, curve, 0.1)


def searched(path, until=None, table=TABLE):
    """Tune with invented runs into a store, as the command notes it; `until` steps, or to the end."""
    plan, asked = tuning_of(table, "mine.toml"), {"target_file": "mine.toml", "optuna": "4"}
    with keeping(path) as keeper:
        study = keeper.note(note_of("tune", "mine.toml", asked, table, ()))
        noting, steps = Noting(keeper, study, plan), []

        def run(spec, seeds):
            keeper.add(spec, [invented(spec, seed) for seed in keeper.missing(spec, seeds)])
            return keeper.runs(spec, seeds)

        def step(found):
            steps.append(found)
            if len(steps) == until:
                raise KeyboardInterrupt

        try:
            found = tune(plan, run, noting.before(step), noting.before_final(lambda *_: None), at_once=1)
        except KeyboardInterrupt:
            return steps[-1]
        noting.end()
        return found


def report_of(path, state=False):
    with Store.open(path, create=False) as store:
        return make(store, path, state=state)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("tuned") / "runs.db"


@pytest.fixture(scope="module")
def found(path):
    return searched(path)


@pytest.fixture(scope="module")
def made(path, found):
    return report_of(path)


def figure(made, key):
    return next(one for one in made.figures if one.key == key)


def test_the_answer_is_the_winners_with_their_fresh_runs(found, made):
    assert "in at least 60 % of the runs" in made.question
    for line, (question, winner) in zip(made.answer, found.winners.items(), strict=False):
        exact = ms.stats.clopper_pearson(winner.fresh.solved, 40)
        assert line.startswith(f"{question.capitalize()}: ")
        assert f" {winner.fresh.solved}/40 [{100 * exact.low:.0f}, " in line
        assert ("at least 60 % is shown." in line) == (exact.low >= 0.6) == winner.shown
    rows = {row[0].partition(": ")[0]: row[1:3] for row in made.spans.rows}
    assert rows == {name: (f"{one.fresh.weights}", f"{one.fresh.updates}") for name, one in found.winners.items()}
    assert "Nothing says that nothing smaller exists" in made.answer[-1]


def test_trials_and_front_are_those_of_the_search(found, made):
    trials = figure(made, "course").table.rows
    assert [row[0] for row in trials] == [str(one.number) for one in found.trials]
    for row, one in zip(trials, found.trials, strict=True):
        kind = "holds" if one.holds(0.6) else "given up" if one.given_up else "falls short"
        assert row[2:4] == (kind, f"{one.weights}")
        assert row[5].startswith(f"{one.solved}/{len(one.runs)} [")
    front = [row[2:4] for row in figure(made, "front").table.rows]
    assert front == [(f"{one.weights}", f"{one.updates}") for one in found.front]
    best = [one.weights for one in found.trials if one.holds(0.6)]
    assert figure(made, "course").views[0].finding.startswith(f"{min(best)} weights held first")


def test_confirmation_has_the_seeds_that_nothing_has_seen(found, made):
    rows = figure(made, "confirmation").table.rows
    fresh = [row for row in rows if row[0].endswith("fresh")]
    assert [row[5] for row in fresh] == ["40 to 79"] * len(found.winners)
    assert all(row[5].startswith("0 to ") for row in rows if row[0].endswith("final"))
    drawn = figure(made, "confirmation").views[0].spec["data"]["values"]
    assert [row["n"] for row in drawn] == [40, 40] * len(found.winners)


def test_runs_are_counted_once(path, made):
    with Store.open(path) as store:
        n = sum(len(list(store.runs(spec.hash))) for spec in store.specs())
    assert f"in {n:,} runs" in made.question
    assert dict(made.methods)["Runs"].startswith(f"{n:,} of {n:,} runs")


def test_every_format_holds_it(made):
    text = markdown(made, "0")
    assert "memspan tune mine.toml --store again.db" in text
    assert "clopper1934use" in text
    assert "akiba2019optuna" in text
    assert "Fewest weights: " in page(made, "0")
    assert "shown" not in html(made, "0").split('id="data">')[1].split("</script>")[0]  # no picker, so none may hide
    assert len(html(made, "0")) < 2e6
    for one in made.figures:
        for view in one.views:
            assert "<svg" in render.svg(view.spec)


def test_a_search_under_way_is_reported_as_far_as_it_is(tmp_path):
    found = searched(tmp_path / "half.db", until=4)
    made = report_of(tmp_path / "half.db")
    assert made.answer[0] == "The search is not done: this is how far it is."
    assert "not known yet" in made.answer[1]
    assert [row[0] for row in figure(made, "course").table.rows] == [str(one.number) for one in found.trials]
    assert [one.key for one in made.figures] == ["front", "course"]


def test_nothing_good_enough_is_an_answer_too(tmp_path):
    small = {"name": "MLP", "units": {"from": 1, "to": 2}, "window": 2}
    poor = {**TABLE, "recipe": {**TABLE["recipe"], "model": small}}
    searched(tmp_path / "poor.db", table=poor)
    made = report_of(tmp_path / "poor.db")
    assert made.answer[0] == "Fewest weights: nothing that was tried is good enough."
    assert "None of " in figure(made, "course").views[0].finding
    with pytest.raises(InvalidInput, match="nothing has won"):
        report_of(tmp_path / "poor.db", state=True)


def test_pictures_refuse_what_is_none():
    rate = Estimate(0.9, 0.8, 0.95, 40, "clopper-pearson 95 %")
    with pytest.raises(InvalidInput, match="lines must bear names that differ"):
        against_target.facts([("a", rate), ("a", rate)], 0.5)
    with pytest.raises(InvalidInput, match="lines must be shares in their intervals"):
        against_target.facts([("a", Estimate(90.0, 80.0, 95.0, 40, ""))], 0.5)
    with pytest.raises(InvalidInput, match="trials must hold one configuration"):
        search_course.facts([], "weights")
    with pytest.raises(InvalidInput, match="trials must cost 1 or more"):
        search_course.facts([search_course.Trial(0, rate, "holds", "")], "weights")
