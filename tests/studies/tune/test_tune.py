"""The search, the finals and the confirmation, where the truth is known."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.studies.tune.fabricated import ENOUGH, Runner, plan, record, slowest, spec, truth

from memspan.core.errors import InvalidInput
from memspan.studies.tune import QUESTIONS, Range, front, tune
from memspan.studies.tune.at_most import A_ROUND, runs_at_most
from memspan.studies.tune.confirm import confirmed, finalist
from memspan.studies.tune.front import unbeaten
from memspan.studies.tune.in_words import findings
from memspan.studies.tune.trial import Trial, given_up

CLOSE = {"target": 0.9, "seeds": 64, "fresh": 64, "finalists": 4}


@pytest.fixture(scope="module")
def whole():
    runner = Runner()
    return tune(plan(), runner), runner


def chance(trial):
    return truth(trial.settings["units"], trial.settings["rate"], trial.settings["epochs"])


def test_the_winners_are_the_best_there_are(whole):
    found, _ = whole
    smallest, fastest = (found.winners[question] for question in QUESTIONS)
    assert found.shown
    assert smallest.final.settings["units"] == ENOUGH
    # 10 epochs are the fewest of all, at the rate and size that are best; the target leaves a few runs to fail.
    assert 9 <= fastest.final.spec.epochs <= 1.5 * slowest(12, 0.1)
    assert chance(smallest.final) >= 0.95 <= chance(fastest.final)
    assert fastest.final.updates < smallest.final.updates
    assert fastest.final.weights > smallest.final.weights


def test_no_search_takes_more_than_is_said_before(whole):
    """The search, and searches of other spaces: of one whole number, of none, of epochs that are fixed."""
    cases = [whole]
    for space in ({"units": Range(3, 6)}, {"rate": Range(0.05, 0.2), "epochs": Range(20, 90)}):
        fixed = {"units": 8, "rate": 0.1, "epochs": 120}
        asked = replace(plan(space=space, trials=6, **CLOSE), spec=lambda told, fixed=fixed: spec({**fixed, **told}))
        runner = Runner()
        cases.append((tune(asked, runner), runner))
    for found, runner in cases:
        least, said = found.plan.trials, runs_at_most(found.plan)
        assert A_ROUND not in said
        beyond = [one for one in found.trials if one.number >= least or one.shortened is not None]
        assert sum(len(one.runs) for one in beyond) <= said.get("shorter forms", 0) + said["neighbours"]
        assert len(runner.made) <= sum(said.values())
    several = plan(space={"units": Range(3, 6), "others": Range(1, 2), "epochs": Range(20, 90)})
    assert runs_at_most(several)[A_ROUND] == (2 * (1 + 2)) * 7 * 60


def test_the_front_is_what_no_other_trial_beats(whole):
    found, _ = whole
    points = {one.number: (one.weights, one.updates, -one.rate) for one in found.trials}
    kept = {points[one.number] for one in found.front}
    better = [
        point
        for point in points.values()
        if not any(
            other != point and all(a <= b for a, b in zip(other, point, strict=True)) for other in points.values()
        )
    ]
    assert kept == set(better)


def test_what_is_given_up_deserves_it(whole):
    found, runner = whole
    hopeless = [one for one in found.trials if one.given_up]
    assert all(chance(one) < 0.95 for one in found.trials if one.given_up)
    assert sum(len(one.runs) == 8 for one in hopeless) > len(hopeless) / 2
    assert len(runner.made) == len(set(runner.made))


def test_fewer_epochs_are_tried_of_what_holds(whole):
    found, _ = whole
    shortened = [one for one in found.trials if one.shortened is not None]
    assert shortened
    for one in shortened:
        origin = found.trials[one.shortened]
        assert origin.holds(0.95)
        assert one.spec.epochs < origin.spec.epochs
        assert {**one.settings, "epochs": 0} == {**origin.settings, "epochs": 0}


def test_fresh_seeds_were_never_seen(whole):
    found, _ = whole
    chosen = {run.seed for one in found.trials for run in one.runs}
    chosen |= {run.seed for one in found.winners.values() for run in one.final.runs}
    for one in found.winners.values():
        fresh = [run.seed for run in one.fresh.runs]
        assert len(fresh) == 200
        assert not chosen & set(fresh)


@pytest.mark.extended
def test_what_is_kept_is_not_run_again_wherever_it_was_stopped(whole):
    found, runner = whole
    answer = found.to_json()
    for share in (0.1, 0.6, 0.99):
        stopped = Runner(int(share * len(runner.made)))
        with pytest.raises(KeyboardInterrupt):
            tune(plan(), stopped)
        stopped.allowance = len(runner.made)
        assert tune(plan(), stopped).to_json() == answer
        assert len(stopped.made) == len(set(stopped.made)) == len(runner.made)


def test_a_refusal_names_the_settings():
    def refuse(*_):
        raise InvalidInput("rule must be another")

    with pytest.raises(
        InvalidInput, match=r"go together, but at epochs = .*, rate = .*, units = .*: rule must be another"
    ):
        tune(plan(trials=2), refuse)


def test_another_seed_searches_otherwise(whole):
    other = tune(plan(seed=1, trials=8, fresh=200), Runner())
    assert other.trials[0].settings != whole[0].trials[0].settings


def test_where_nothing_is_good_enough_it_says_so():
    small = plan(space={**plan().space, "units": Range(1, 2)}, trials=8)
    found = tune(small, Runner())
    assert found.complete
    assert not found.shown
    assert found.to_json()["unanswered"] == list(QUESTIONS)
    assert findings(found).count("nothing that was tried is good enough") == 2


@pytest.mark.extended
def test_choosing_flatters_and_confirming_does_not():
    """Of 20 configurations close to the target a lucky one wins again and again; its fresh rate is the true one."""
    rng = np.random.default_rng(0)
    asked = plan(space={"rate": Range(0.01, 0.3)}, spec=lambda told: spec({"units": 3, "epochs": 9, **told}), **CLOSE)
    specs = [asked.spec({"rate": (1 + place) / 100}) for place in range(20)]
    place_of = {one.optimizer.learning_rate: place for place, one in enumerate(specs)}
    chosen, fresh, covered = [], [], []
    with ThreadPoolExecutor(1) as pool:
        for _ in range(90):
            rates = rng.uniform(0.88, 0.99, 20)
            solved = rng.random((20, 128)) < rates[:, None]

            def run(one, seeds, solved=solved):
                row = solved[place_of[one.optimizer.learning_rate]]
                return tuple(record(seed, bool(row[seed]), 18, 9 if row[seed] else None) for seed in seeds)

            trials = [
                Trial(place, {"rate": (1 + place) / 100}, one, run(one, asked.validation), False)
                for place, one in enumerate(specs)
            ]
            try:
                final, tried = finalist("fewest updates", trials, asked, run, pool)
            except LookupError:
                continue
            winner = confirmed("fewest updates", final, tried, asked, run, pool)
            true = rates[place_of[final.spec.optimizer.learning_rate]]
            chosen.append(final.rate - true)
            fresh.append(winner.fresh.rate - true)
            covered.append(winner.success.low <= true <= winner.success.high)
    assert len(chosen) > 30
    error = np.std(fresh) / len(fresh) ** 0.5
    assert abs(np.mean(fresh)) < 3 * error
    assert np.mean(chosen) > 5 * error
    assert np.mean(covered) > 0.93


def test_few_good_configurations_are_given_up():
    rng, looks = np.random.default_rng(0), (8, 16, 32, 64, 100)
    solved = np.cumsum(rng.random((1000, 100)) < 0.99, axis=1)
    wrong = [any(given_up(int(row[n - 1]), n, looks, 0.99) for n in looks) for row in solved]
    assert 0.005 < np.mean(wrong) < 0.05 + 3 * (0.05 * 0.95 / 1000) ** 0.5
    assert given_up(0, 8, looks, 0.99)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), max_size=12))
def test_the_front_of_any_points(points):
    def beaten(point):
        return any(all(map(int.__le__, other, point)) and other != point for other in points)

    kept = unbeaten(points)
    assert sorted({points[place] for place in kept}) == sorted({point for point in points if not beaten(point)})
    assert len({points[place] for place in kept}) == len(kept)
    assert [points[place] for place in kept] == sorted(points[place] for place in kept)
    assert all(points.index(points[place]) == place for place in kept)


def test_an_empty_front():
    assert front([]) == []
    assert list(itertools.chain(unbeaten([]))) == []
