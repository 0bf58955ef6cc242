"""Adaptive studies: what they try, when they stop, and that what they print covers the truth all the same."""

from __future__ import annotations

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Lock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from tests.studies.span.adaptive_pairs import EPOCHS, PAIRS, compared, record
from tests.studies.span.adaptive_pairs import STUDIES as STUDIES_OF_PAIRS
from tests.studies.span.adaptive_studies import CURVES, GRID, coverage, one_study, visited

import memspan as ms
from memspan.core.errors import InvalidInput
from memspan.stats import memory_span, wilson
from memspan.stats.fixed_width import error_of_width, level_of_width
from memspan.studies.adaptive import bracketing, most_tried
from memspan.studies.comparisons import compare
from memspan.studies.kept import InMemory
from memspan.studies.outcomes import Outcomes
from memspan.studies.primary import Primary
from memspan.studies.span import Adaptive, Recipe, Span, Study, findings, searched
from memspan.studies.span.lag_range import in_short, lags_between
from memspan.studies.span.searched import at_most
from memspan.studies.span.study_tables import study_of

STUDIES = 2000
HALF, MOST = (Adaptive(0.5, 0.2), 200), (Adaptive(0.9, 0.1), 400)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.mark.extended
@pytest.mark.parametrize("case", [HALF, MOST], ids=["half", "nine tenths"])
@pytest.mark.parametrize("name", CURVES)
def test_what_an_adaptive_study_prints_covers_the_truth(rng, case, name):
    """Spans and rates of 2,000 studies of a known curve; at a plateau, or a step, the bound is met."""
    span, rate, _ = coverage(rng, *case, CURVES[name], STUDIES)
    assert 0.93 < span <= (0.985 if "level" in name else 1.0)
    # Wilson's interval goes up and down with the rate: right on average over rates, 92 % at the worst one.
    assert 0.93 < rate < 0.97 if "fall" in name else 0.915 < rate < 0.975


@pytest.mark.extended
def test_without_the_strictness_for_stopping_it_does_not(rng):
    """The lag before the step is shown too often: runs that succeed by luck are stopped early."""
    naive, _, _ = coverage(rng, *MOST, CURVES["almost the level"], STUDIES, honest=False)
    assert naive < 0.925


@pytest.mark.parametrize("side", ["above", "below"])
@pytest.mark.parametrize(("level", "width"), [(0.5, 0.2), (0.9, 0.1)])
def test_the_error_of_stopping_is_that_of_studies_that_stop(rng, level, width, side):
    """Against a simulation in plain NumPy, whose mid-p-values are SciPy's and whose widths Wilson's formula."""
    looks, alpha, z, studies = (40, 80, 120, 160, 200), 0.05, 1.959963984540054, 20_000
    solved, runs, ended = np.zeros(studies, int), np.zeros(studies, int), np.zeros(studies, bool)
    for before, n in zip((0, *looks), looks, strict=False):
        drawn = rng.binomial(n - before, level, studies)
        solved, runs = np.where(ended, solved, solved + drawn), np.where(ended, runs, n)
        share = solved / runs
        ended |= 2 * z * np.sqrt(share * (1 - share) / runs + z**2 / 4 / runs**2) / (1 + z**2 / runs) <= width
    below = binom.cdf(solved, runs, level) - binom.pmf(solved, runs, level) / 2
    wrong = ((below if side == "below" else 1 - below) <= alpha).mean()
    assert len(np.unique(runs)) > 1
    assert error_of_width(looks, width, level, alpha, side) == pytest.approx(wrong, abs=4 * (0.05 / studies) ** 0.5)


@given(st.integers(20, 60), st.integers(5, 40), st.sampled_from([0.1, 0.2, 0.3]), st.floats(0.05, 0.95))
@settings(max_examples=20)
def test_the_level_keeps_the_error(first, block, width, rate):
    looks = tuple(range(first, first + 5 * block, block))
    for side in ("above", "below"):
        level = level_of_width(looks, width, rate, 0.05, side)
        assert error_of_width(looks, width, rate, level, side) <= 0.05


def test_a_pilot_doubles_until_it_is_shown_to_fail_and_then_bisects():
    def lags_of(rate, grid=GRID):
        asked, returned = visited(bracketing(grid, 0.5, 10), lambda lag: round(10 * rate(lag)))
        assert returned == tuple(sorted(asked))
        return asked

    assert lags_of(lambda lag: float(lag < 60)) == [3, 6, 12, 24, 48, 96, 68, 57]
    assert lags_of(lambda lag: 0.0) == [3]
    assert lags_of(lambda lag: 1.0)[-2:] == [1536, 3000]
    assert lags_of(lambda lag: 1.0, grid=[5]) == [5]
    # 4 of 10 is below a half, and shows nothing: doubling goes on, and the bracket is at the last lag that held.
    assert lags_of(lambda lag: {3: 1, 6: 0.4, 12: 0.9, 24: 0.1}.get(lag, 0.6))[:4] == [3, 6, 12, 24]
    assert lags_of(lambda lag: {3: 1, 6: 0.4, 12: 0.9, 24: 0.1}.get(lag, 0.6))[4:] == [17, 20]


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=60, unique=True).map(sorted), st.integers(0, 5000))
def test_no_pilot_tries_more_than_is_said_before(grid, span):
    doubled, others = most_tried(grid)
    asked, returned = visited(bracketing(grid, 0.5, 10), lambda lag: 10 if lag <= span else 0)
    assert len(asked) == len(returned) <= len(doubled) + others
    held, failed = [lag for lag in returned if lag <= span], [lag for lag in returned if lag > span]
    inside = [lag for lag in grid if lag <= span]
    assert not held or held[-1] == inside[-1] or not failed  # the bracket is two neighbours of the grid


def test_a_lag_stops_when_its_interval_is_narrow_and_not_before(rng):
    for adaptive, most in (HALF, MOST):
        _, solved, runs = one_study(rng, adaptive, most, lambda lag: 1 / (1 + lag / 100))
        for k, n in zip(solved, runs, strict=True):
            assert n in adaptive.looks(most)
            assert n == most or wilson(k, n).high - wilson(k, n).low <= adaptive.width
        assert len(set(runs)) > 1
    assert (HALF[0].least, MOST[0].least, Adaptive(0.99).least) == (6, 38, 390)


SETTINGS = {"rule": ms.rules.BPTT(), "optimizer": ms.Adam(0.05), "epochs": 20}
SMALL = Study(
    ms.problems.Conflict().with_lag,
    [
        Recipe("a", ms.models.MLP(8, window=3), **SETTINGS),
        Recipe("b", ms.models.MLP(8, window=2), **SETTINGS, lags=[2]),
    ],
    lags=[1, 2, 3],
    seeds=40,
    seed=7,
    adaptive=Adaptive(0.5, 0.3, pilot=8, block=8),
)


@pytest.fixture(scope="module")
def small():
    keeper = InMemory()
    return Span.of_steps(SMALL, list(searched(SMALL, keeper=keeper))), keeper


def test_a_study_measures_what_train_gives_with_seeds_that_no_pilot_saw(small):
    found, _ = small
    for name in ("a", "b"):
        for lag, cell in found.row(name).items():
            assert [run.seed for run in cell.runs] == list(range(15, 15 + len(cell.runs)))
            runs = ms.train(
                cell.cell.spec.problem, cell.cell.spec.model, seeds=range(15, 15 + len(cell.runs)), **SETTINGS
            )
            assert [run.solved for run in cell.runs] == list(runs.solved), (name, lag)
    assert {run.seed for one in found.pilots for run in one.runs} == set(range(7, 15))
    assert set(found.row("b")) == {2}
    assert found.study.tested == tuple(sorted({*found.row("a"), *found.row("b")}))


def test_it_says_what_it_spent_and_no_more_than_it_said_before(small):
    found, _ = small
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["adaptive"]["level"] == 0.5
    for row, recipe in zip(told["adaptive"]["recipes"], SMALL.listed, strict=True):
        assert sum(row["runs"].values()) <= at_most(SMALL, recipe)
    assert [one["level"] for row in told["recipes"] for one in row["spans"]] == [0.5, 0.5]
    assert "at least half of the runs" in findings(found, 0.5)


class Power:
    """Keeps runs, until the power fails after so many blocks."""

    def __init__(self, blocks):
        self.inner, self.left = InMemory(), blocks

    def missing(self, *asked):
        return self.inner.missing(*asked)

    def add(self, *block):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.inner.add(*block)

    def runs(self, spec, seeds):
        return self.inner.runs(spec, seeds)


def outcome(found):
    """All that a study says but times."""
    return json.loads(json.dumps(found.to_json()), parse_float=lambda text: round(float(text), 9)) | {
        "recipes": [
            {**row, "cells": [{**cell, "seconds": 0} for cell in row["cells"]]} for row in found.to_json()["recipes"]
        ]
    }


def test_stopped_anywhere_and_gone_on_with_it_is_the_same(small):
    for blocks in (0, 4):
        keeper = Power(blocks)
        with pytest.raises(KeyboardInterrupt):
            list(searched(SMALL, keeper=keeper))
        keeper.left = math.inf
        assert outcome(Span.of_steps(SMALL, list(searched(SMALL, keeper=keeper)))) == outcome(small[0])


def test_one_call_in_python_is_the_same(small):
    found = ms.span(SMALL.listed, ms.problems.Conflict(), lags=SMALL.lags, seeds=40, seed=7, adaptive=SMALL.adaptive)
    assert outcome(found) == outcome(small[0])
    assert found.memory_span("a").method == "fixed-sequence mid-p 95 %, 5 looks"
    row = found.row("a")
    counts = [[one.solved for one in row.values()], [len(one.runs) for one in row.values()]]
    assert found.memory_span("a") == memory_span(list(row), *counts, 0.5, looks=(8, 16, 24, 32, 40), width=0.3)


FILE = {
    "lags": "3..3000",
    "seeds": 100,
    "adaptive": {"level": 0.9, "width": 0.1},
    "problem": {"name": "Conflict"},
    "recipe": [{"name": "a", "model": "LSTM"}],
}


def test_a_study_file_says_so():
    study = study_of(FILE, "mine.toml")
    assert (study.adaptive, study.tested) == (Adaptive(0.9, 0.1), GRID)
    assert study_of(FILE, "mine.toml", adaptive={"level": 0.5}).adaptive == Adaptive(0.5, 0.1)
    plain = {key: value for key, value in FILE.items() if key != "adaptive"}
    assert study_of(plain, "mine.toml").adaptive is None
    assert study_of(plain, "mine.toml", adaptive={}).adaptive == Adaptive()


def test_lags_between_two_are_four_to_a_doubling():
    lags = lags_between("lags", "100..1600")
    assert [lag for lag in lags if lag in (100, 200, 400, 800, 1600)] == [100, 200, 400, 800, 1600]
    assert len(lags) == 17
    assert in_short(lags) == "100..1600"
    assert in_short([3, 10]) == "3,10"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"adaptive": {"level": 1}}, "level must be a share above 0 and below 1, but got 1"),
        ({"adaptive": {"level": "high"}}, "level of adaptive of mine.toml must be a share, but got 'high'"),
        ({"adaptive": {"width": 0}}, "width must lie between 0 and 1, but got 0"),
        ({"adaptive": {"width": "w"}}, "width of adaptive of mine.toml must be a share, but got 'w'"),
        ({"adaptive": {"pilot": 0}}, "pilot of adaptive of mine.toml must be a whole number of at least 1"),
        ({"adaptive": {"block": 0.5}}, "block of adaptive of mine.toml must be a whole number of at least 1"),
        ({"adaptive": {"most": 3}}, "keys of adaptive of mine.toml must be among level, width, pilot, block, but got"),
        ({"adaptive": 3}, "adaptive of mine.toml must be a table, but got 3"),
        ({"seeds": 30}, "seeds must be 38 or more, for fewer runs cannot show on which side of the level 0.9"),
        ({"recipe": [{"name": "a", "model": "LSTM", "seeds": 3}]}, "seeds of recipe 'a' must be left out of an adap"),
        ({"lags": "3-3000"}, "lags of mine.toml must be such as 3..3000, from a shorter lag to a longer one, but got"),
        ({"lags": "30..3"}, "from a shorter lag to a longer one, but got '30..3'"),
    ],
)
def test_what_is_wrong_is_one_sentence(changes, sentence):
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        study_of(FILE | changes, "mine.toml")
    assert "\n" not in str(refusal.value)


# Comparisons.


def test_recipes_are_compared_over_the_seeds_that_both_ran(small):
    found, keeper = small
    row_a, row_b = found.row("a")[2], found.row("b")[2]
    shared = min(len(row_a.runs), len(row_b.runs))
    (pair,) = found.comparisons.pairs
    assert (pair.lag, pair.runs) == (2, (shared, shared))
    assert pair.solved == tuple(sum(run.solved for run in row.runs[:shared]) for row in (row_a, row_b))
    assert pair.difference.method.endswith(f"{len(SMALL.adaptive.looks(40))} looks")
    # A primary question is of all seeds, whatever they say, at a lag that no pilot need have come to.
    both = [SMALL.listed[0], replace(SMALL.listed[1], lags=None)]
    asked = replace(SMALL, recipes=both, primary=Primary(["b", "a"], 3))
    told = Span.of_steps(asked, list(searched(asked, keeper=keeper)))
    answer = told.comparisons.answer
    assert (answer.first, answer.runs) == ("b", (40, 40))
    assert answer.difference.method == "newcombe paired 95 %"
    assert answer.success.adjusted is None
    for name, recipe in zip("ab", asked.listed, strict=True):
        assert [run.seed for run in told.row(name)[3].runs] == list(range(15, 55))
        assert sum(told.runs(name)) <= at_most(asked, recipe)
    # What decides where to stop is the same with and without the question.
    assert {lag: len(one.runs) for lag, one in told.row("a").items() if lag != 3}.items() <= {
        lag: len(one.runs) for lag, one in found.row("a").items()
    }.items()


LOOKS = HALF[0].looks(HALF[1])


def rows_of(first, second):
    """Two recipes at one lag whose runs solve it at once, or never."""
    return {
        name: {1: Outcomes(tuple(record(seed, 1 if one else EPOCHS + 1) for seed, one in enumerate(solved)))}
        for name, solved in (("a", first), ("b", second))
    }


def test_p_is_that_of_the_smallest_over_all_looks(rng):
    """Against walks of a coin in plain NumPy: how often one of them is as far off as this at one look or more."""
    tosses = rng.random((20_000, LOOKS[-1])) < 0.5
    heads = np.cumsum(tosses, axis=1)[:, [n - 1 for n in LOOKS]]
    tails = np.array(LOOKS) - heads
    fewer = np.minimum(heads, tails)
    p_values = np.minimum(1, 2 * (binom.cdf(fewer, LOOKS, 0.5) - binom.pmf(fewer, LOOKS, 0.5) / 2))
    for first_only, n in ((36, 48), (110, 200)):
        sides = [[seed < first_only for seed in range(n)], [seed >= first_only for seed in range(n)]]
        found = compare(rows_of(*sides), Primary(["a", "b"], lag=1, on="updates"), LOOKS)
        (pair,) = found.pairs
        ever = (p_values <= pair.success.p_value).any(axis=1).mean()
        assert found.family == 1
        # Twice the chance of one side, which counts a walk that was on both twice.
        assert pair.success.adjusted == pytest.approx(ever, rel=0.05, abs=4 * (ever / 20_000) ** 0.5)


def test_whatever_makes_one_stop_equals_seldom_seem_to_differ(rng):
    """The worst that can be: one stops where the difference is greatest. As if fixed, a fifth would seem to differ."""
    seems = {True: 0, False: 0}
    for _ in range(120):
        a, b = rng.random((2, LOOKS[-1])) < 0.7
        off = [abs(int(a[:n].sum()) - int(b[:n].sum())) / math.sqrt(max(1, int((a[:n] != b[:n]).sum()))) for n in LOOKS]
        n = LOOKS[int(np.argmax(off))]
        for honest in seems:
            (pair,) = compare(rows_of(a[:n], b[:n]), looks=LOOKS if honest else ()).pairs
            seems[honest] += not pair.difference.low <= 0 <= pair.difference.high
    assert seems[True] <= 120 * 0.05
    assert seems[False] > 120 * 0.1


@pytest.mark.parametrize("pair", [(0.9, 0.9, 0.0), (0.98, 0.5, 0.0)])
def test_the_difference_is_in_its_interval(rng, pair):
    covered, success, updates = compared(rng, *MOST, pair, 100)
    assert covered >= 0.95
    assert pair[0] != pair[1] or max(success, updates) <= 0.05


@pytest.mark.extended
@pytest.mark.parametrize("case", STUDIES_OF_PAIRS)
@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_the_difference_is_in_its_interval_in_many_studies(rng, case, pair):
    covered, success, updates = compared(rng, *STUDIES_OF_PAIRS[case], pair, 2000)
    assert covered > 0.965  # never less than promised; it holds for other ways to stop too
    assert pair[0] != pair[1] or max(success, updates) < 0.05


class Everywhere:
    """A place that does many things at once; the first two wait for each other."""

    threads, slots, jobs, patience = 1, 4, 8, 0.0

    def __init__(self):
        self.pool, self.gate, self.seen, self.under_way, self.most = ThreadPoolExecutor(16), Barrier(2), 0, set(), 0
        self.lock = Lock()

    def submit(self, job, seeds, report):
        with self.lock:
            self.seen += 1
            first = self.seen <= 2
            self.under_way.add(job.spec)
            self.most = max(self.most, len(self.under_way))

        def done():
            if first:
                self.gate.wait(60)
            time.sleep(0.05)
            made = job(seeds, report)
            with self.lock:
                self.under_way.discard(job.spec)
            return made

        return self.pool.submit(done)

    def close(self):
        self.pool.shutdown()


def test_all_that_can_be_run_next_is_asked_for_at_once_and_nothing_else_changes(small):
    place = Everywhere()
    found = Span.of_steps(SMALL, list(searched(SMALL, place=place)))
    assert place.most >= 2
    assert outcome(found) == outcome(small[0])
