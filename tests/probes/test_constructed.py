"""Each probe on models whose truth is known: a latch, a delay line, a leaky integrator, one without memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from tests.probes.constructed import (
    clocked,
    delay_line,
    flip_flop,
    latch,
    leaky,
    linear_unit,
    memoryless,
    problem_of,
)

import memspan as ms
from memspan.probes import (
    carriers,
    credit,
    decay,
    explain,
    freeze,
    noise,
    read_out,
    reader_of,
    spectrum,
    stretch,
    swap,
    trials_of,
    wipe,
)

LAG = 6
LONG = problem_of(LAG)


def both(trained):
    return reader_of(trained), trials_of(trained.problem)


def points(estimates):
    return [estimate.point for estimate in estimates]


# --- stretch


@pytest.mark.parametrize("steps", [1, 4, 7])
def test_a_delay_line_holds_for_exactly_its_length(steps):
    found = stretch(*both(delay_line(steps)), delays=range(1, 12))
    assert found.span.point == found.span.low == found.span.high == steps
    assert points(found.told) == [1.0 if delay <= steps else 0.5 for delay in range(1, 12)]
    assert not found.span.is_longest_tested


def test_a_latch_holds_as_long_as_it_is_asked():
    found = stretch(*both(latch()), longest=5000)
    assert found.span.point == 5000
    assert found.span.is_longest_tested
    assert str(found.span) == ">= 5,000"


def test_without_memory_nothing_is_held():
    found = stretch(*both(memoryless()), delays=[1, 2])
    assert found.span.point is found.span.high is None
    assert str(found.span) == "< 1"
    assert points(found.told) == [0.5, 0.5]


@pytest.mark.parametrize("filler", ["draw", "hold", "cycle"])
def test_where_the_middle_is_fixed_and_varied_it_holds_as_long(filler):
    """The filler changes what is read meanwhile, never where the line ends."""
    problem = problem_of(3, "counting")
    found = stretch(*both(delay_line(5, problem)), delays=range(3, 9), filler=filler)
    assert found.span.point == 5
    exact = filler != "draw"
    assert (found.told[0].method == "exact, all sequences") is exact
    assert found.told[0].n == (2 if exact else 128)


def test_drawn_middles_give_an_interval_with_the_truth_in_it():
    problem = problem_of(2, "fresh")
    found = stretch(reader_of(delay_line(5, problem)), trials_of(problem, 64), delays=range(2, 9))
    assert found.told[0].method.startswith("wilson")
    assert found.told[0].n == 64
    assert found.span.low <= 5 <= found.span.high


def test_a_longer_delay_is_made_of_middle_symbols_before_the_trained_middle():
    """A model that tells the cue only if the trained middle came last, in order, is right at every delay."""
    seen = []

    class Watched:
        parts = reader_of(latch()).parts

        def start(self, trials):
            return np.zeros((trials, 6), np.float32)

        def advance(self, state, inputs, first, last):
            seen.append(np.asarray(inputs[0, first:last]).tolist())
            return state

        def read(self, state, inputs, first=0, last=None, clamp=None):
            seen.append(np.asarray(inputs[0, first:]).tolist())
            return ms.probes.Reading(np.zeros((len(inputs), 1, 6)), np.zeros((len(inputs), 1, 5)))

    trials = trials_of(problem_of(3, "counting"))
    for filler, extra in [("hold", [0, 0, 0, 0]), ("cycle", [0, 1, 2, 0])]:
        seen.clear()
        stretch(Watched(), trials, delays=[3, 7], filler=filler)
        assert seen == [[3], [], [0, 1, 2], extra, [0, 1, 2]]


@settings(max_examples=15)
@given(st.integers(1, 7), st.floats(0.51, 1.0), st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_the_span_is_the_last_delay_before_the_first_failure(steps, level, delays):
    found = stretch(*both(LINES[steps]), delays=delays, level=level)
    held = [delay for delay in sorted(set(delays)) if delay <= steps]
    assert found.span.point == (held[-1] if held else None)


LINES = {steps: delay_line(steps) for steps in range(1, 8)}

# --- swap and wipe


def test_the_answer_follows_the_state_of_a_latch_and_of_its_cell_alone():
    found = swap(*both(latch(LONG)))
    assert found.parts == ("whole state", "hidden", "cell")
    assert found.steps == tuple(range(1, LAG + 1))
    whole, hidden, cell = (points(row) for row in found.follows)
    assert whole == cell == [1.0] * LAG
    assert hidden == [0.0] * LAG
    assert points(found.stays[1]) == [1.0] * LAG


def test_without_memory_the_answer_follows_nothing():
    found = swap(*both(memoryless(LONG)))
    assert points(found.follows[0]) == points(found.stays[0]) == [found.chance] * LAG == [0.5] * LAG


def test_a_wiped_state_answers_by_chance():
    for trained in (latch(LONG), delay_line(LAG, LONG)):
        found = wipe(*both(trained))
        assert found.whole.point == 1.0
        assert points(found.told) == [0.5] * LAG


@settings(max_examples=10)
@given(st.integers(0, 1000), st.sampled_from([2, 16]))
def test_no_trial_tells_both_cues(seed, trials):
    problem = problem_of(3, "fresh")
    drawn = trials_of(problem, trials, seed)
    network = FRESH
    found = swap(reader_of(network), drawn, steps=[2], seed=seed)
    assert found.follows[0][0].point + found.stays[0][0].point <= 1
    donors = drawn.donors(np.random.default_rng(seed))
    assert (drawn.cues[donors] != drawn.cues).all()


FRESH = latch(problem_of(3, "fresh"))

# --- freeze and carriers


def test_one_cell_of_a_latch_is_needed_and_suffices():
    reader, trials = both(latch(LONG))
    frozen = freeze(reader, trials)
    assert frozen.units[0] == "cell 1"
    assert points(frozen.told) == [0.5, 1.0, 1.0, 1.0, 1.0, 1.0]
    found = carriers(reader, trials)
    assert found.units == ("cell 1",)
    assert found.told.point == found.whole.point == 1.0


def test_what_moves_for_other_reasons_still_moves_while_it_is_held():
    """The clock says nothing about the cue: held at its mean at each step it is what it was, and nothing changes."""
    found = freeze(*both(clocked(LONG)))
    assert found.units == ("state 0", "state 1")
    assert points(found.told) == [0.5, 1.0]
    assert found.margin == (0.0, pytest.approx(found.whole_margin))


def test_of_two_copies_neither_is_needed_and_one_suffices():
    reader, trials = both(latch(LONG, codes=((1.0, 0.0, 1.0), (-1.0, 0.0, -1.0))))
    assert set(points(freeze(reader, trials).told)) == {1.0}
    found = carriers(reader, trials)
    assert found.units in {("cell 0",), ("cell 2",)}
    assert found.told.point == 1.0


def test_four_cues_in_two_cells_need_both():
    problem = problem_of(LAG, cues=4)
    trained = latch(problem, codes=((1, 0, 1), (1, 0, -1), (-1, 0, 1), (-1, 0, -1)))
    found = carriers(*both(trained))
    assert set(found.units) == {"cell 0", "cell 2"}
    assert found.told.point == 1.0
    assert found.chance == 0.25


def test_a_delay_line_carries_it_in_the_register_that_it_has_reached():
    reader, trials = both(delay_line(LAG, LONG))
    for step in (1, 3, LAG):
        assert carriers(reader, trials, step=step).units == (f"state {step - 1}",)


def test_where_nothing_is_held_there_is_no_such_set():
    found = carriers(*both(memoryless(LONG)))
    assert not found.found
    assert found.told.point == 0.5


# --- read-out


def test_the_cue_can_be_read_while_it_is_there():
    for trained, last in [(latch(LONG), LAG + 1), (delay_line(3, LONG), 4), (delay_line(1, LONG), 2)]:
        reader, trials = both(trained)
        found = read_out(reader, trials, trials)
        assert found.readable == tuple(range(1, last + 1))
        gone = [told for step, told in zip(found.steps, found.told, strict=True) if step > last]
        assert points(gone) == pytest.approx([0.5] * len(gone), abs=0.15)


def test_without_memory_nothing_can_be_read_after_the_cue():
    reader, trials = both(memoryless(LONG))
    assert read_out(reader, trials, trials).readable == ()


def test_a_fading_trace_is_read_as_often_as_gaussian_noise_lets():
    """d(t) = 2 exp(-t / tau) apart, noise of sigma: a linear decoder is right with probability Phi(d / 2 sigma)."""
    reader, trials = both(leaky(2.0, problem_of(9)))
    found = read_out(reader, trials, trials, noise=0.5, repeats=6000)
    distance = 2 * np.exp(-np.arange(10) / 2.0)
    sigma = 0.5 * np.sqrt(np.mean((distance / 2) ** 2))
    assert points(found.told) == pytest.approx(ndtr(distance / 2 / sigma), abs=0.025)


def test_held_out_sequences_are_others():
    problem = problem_of(3, "fresh")
    drawn = trials_of(problem, 200)
    found = read_out(reader_of(FRESH), drawn[:100], drawn[100:])
    assert found.trained_on == 100
    assert found.told[0].n == 100
    assert found.readable == (1, 2, 3, 4)


# --- credit


def test_credit_fades_along_a_leak_and_ends_with_a_delay_line():
    found = credit(*both(leaky(3.0, LONG)), horizon=4)
    norms = np.array(points(found.norms))
    assert norms / norms[0] == pytest.approx(np.exp(-np.arange(LAG + 1) / 3.0), rel=1e-5)
    assert found.beyond.point == pytest.approx(norms[4:].sum() / norms.sum())
    assert not found.reaches_cue
    assert found.at_cue == pytest.approx(np.exp(-LAG / 3.0), rel=1e-5)
    line = credit(*both(delay_line(4, LONG)), horizon=LAG + 1)
    assert [norm > 0 for norm in points(line.norms)] == [True] * 5 + [False] * 2
    assert line.reaches_cue
    assert line.beyond.point == 0


@pytest.mark.parametrize(
    "model",
    [ms.models.LSTM(units=3), pytest.param(ms.models.GRU(units=3), marks=pytest.mark.extended)],
    ids=["lstm", "gru"],
)
def test_gradients_are_those_of_finite_differences(model):
    problem = problem_of(3)
    reader, trials = both(ms.train(problem, model, seeds=1, epochs=0)[0])
    vectors = np.eye(problem.n_inputs, dtype=np.float32)[trials.inputs]
    found = reader.credit(vectors, trials.right, trials.answers)
    states = reader.read(reader.start(2), vectors).states

    def margins(inputs):
        return trials.margin(reader.read(reader.start(2), inputs).outputs[:, -1])

    eps, slow = 1e-2, np.zeros_like(found)
    for place in np.ndindex(*vectors.shape[1:]):
        nudge = np.zeros_like(vectors)
        nudge[(slice(None), *place)] = eps
        slow[(slice(None), *place)] = (margins(vectors + nudge) - margins(vectors - nudge)) / (2 * eps)
    np.testing.assert_allclose(found, slow, atol=2e-4)

    before, after = states[:, 0], np.zeros_like(reader.jacobian(states[:, 0], trials.inputs[:, 1]))
    for unit in range(before.shape[1]):
        nudge = np.eye(before.shape[1], dtype=np.float32)[unit] * eps
        ahead, behind = (reader.read(before + s * nudge, vectors, 1, 2).states[:, 1] for s in (1, -1))
        after[:, :, unit] = (ahead - behind) / (2 * eps)
    np.testing.assert_allclose(reader.jacobian(before, trials.inputs[:, 1]), after, atol=2e-4)


# --- decay, noise, spectrum


@pytest.mark.parametrize("tau", [2.0, 10.0, 150.0])
def test_the_time_constant_of_a_leak_is_its_own(tau):
    reader, trials = both(leaky(tau))
    found = decay(reader, trials, steps=100)
    assert found.cue.time_constant[0] == pytest.approx(tau, rel=0.01)
    assert spectrum(reader, trials).slowest == pytest.approx(tau, rel=0.01)
    if tau > 2:
        assert found.push.time_constant[0] == pytest.approx(tau, rel=0.01)


def test_a_latch_does_not_decay_and_a_line_loses_all_at_once():
    kept = decay(*both(latch()))
    assert kept.cue.time_constant[0] == np.inf
    assert kept.cue.gone is None
    line = decay(*both(delay_line(5)))
    assert line.cue.time_constant[0] == np.inf
    assert line.cue.gone == 7
    assert decay(*both(memoryless())).cue.gone == 1


def test_an_attractor_keeps_the_cue_and_forgets_a_push():
    weight = 2.0
    found = decay(*both(flip_flop(weight)), steps=60, push=1e-3)
    fixed = 1.0
    for _ in range(200):
        fixed = np.tanh(weight * fixed)
    rate = -np.log(weight * (1 - fixed**2))
    assert found.cue.time_constant[0] > 10_000
    assert found.push.time_constant[0] == pytest.approx(1 / rate, rel=0.1)
    assert spectrum(*both(flip_flop(weight, problem_of(40)))).units[0].kept == pytest.approx(np.exp(-rate), rel=0.1)


def test_noise_is_tolerated_as_gaussian_noise_is():
    """States +m and -m, noise of r times their distance 2m: right with probability Phi(1 / 2r), leak or no leak."""
    reader, trials = both(leaky(3.0, LONG))
    sizes = [0.1, 0.3, 0.5, 1.0]
    found = noise(reader, trials, sizes, repeats=6000)
    assert points(found.told) == pytest.approx(ndtr(1 / (2 * np.array(sizes))), abs=0.02)
    assert found.tolerated == 0.3


def test_eigenvalues_are_those_of_the_recurrence():
    moduli = (0.99, 0.9, 0.5)
    found = spectrum(*both(linear_unit(moduli, problem_of(3))))
    assert found.moduli == pytest.approx(sorted([*moduli, *moduli], reverse=True), rel=1e-4)
    assert found.slowest == pytest.approx(-1 / np.log(0.99), rel=0.01)
    assert spectrum(*both(delay_line(4, LONG))).slowest == 0.0


def test_what_a_cell_keeps_is_its_forget_gate():
    problem = problem_of(1)
    trained = ms.train(problem, ms.models.LSTM(units=3), seeds=1, epochs=0)[0]
    found = spectrum(*both(trained))
    gates = np.mean([explain(trained, row[:-1])[1].gates.forget for row in problem.sequences()], axis=0)
    cells = {unit.name: unit.kept for unit in found.units if unit.name.startswith("cell")}
    assert [cells[f"cell {i}"] for i in range(3)] == pytest.approx(gates.tolist(), rel=1e-4)
