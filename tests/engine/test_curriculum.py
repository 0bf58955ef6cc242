"""Stages of a curriculum, against the same walk by hand, and against runs of the stages alone."""

from __future__ import annotations

import itertools
import os
import threading
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.test_compilation import compilations, populations
from tests.quick import quick

from memspan.core.protocol import Protocol
from memspan.core.rule import Lesson, Memory
from memspan.core.spec import Spec
from memspan.engine import program
from memspan.engine.curriculum import teach
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.engine.train import run, train
from memspan.models import LSTM, MLP
from memspan.problems import Conflict, Listed
from memspan.rules import BPTT, Online

# Lags 1 and 2 on the way to 3; seeds master the first stage after 4 to 16 epochs, the second after 8 to 44.
WHOLE = Conflict(lag=3, n_sequences=3)
STAGES = (WHOLE.shorter(1), WHOLE.shorter(2))
PROTOCOL = Protocol(order="shuffled")
MANY = Spec(WHOLE, MLP(6, window=4), Online(), Adam(0.03), PROTOCOL, 60, evaluate_every=4, chunk=3, curriculum=STAGES)

FRESH = Conflict(lag=2, n_sequences=4, middle="fresh")
CARRIED = Protocol(order="shuffled", reset="never", batch=2)
OTHERS = (Listed(["abcx", "dbcy", "abd"]), Listed(["abcx", "dbcy", "abd", "acdy", "byd"]))
CASES = {
    "each step, shuffled": MANY,
    "minibatches of fresh middles, never reset": Spec(
        FRESH,
        MLP(8, window=3),
        BPTT(),
        Adam(0.1),
        CARRIED,
        36,
        evaluate_every=3,
        chunk=2,
        curriculum=(FRESH.shorter(1),),
    ),
    "more and more sequences": Spec(
        OTHERS[1], MLP(8, window=4), BPTT(), Adam(0.05), epochs=40, evaluate_every=2, curriculum=OTHERS[:1]
    ),
}


def test_one_program_a_stage():
    program._compile.cache_clear()
    with compilations() as names:
        run(MANY, 7)
    assert len(populations(names)) == 3
    with compilations() as names:
        for seeds, epochs in [(1, 60), (9, 33), ([5, 900], 0)]:
            run(replace(MANY, epochs=epochs), seeds)
        run(replace(MANY, curriculum=(STAGES[1], STAGES[1], STAGES[0])), 3)
        run(replace(MANY, curriculum=()), 3)
        run(replace(MANY.stages[0], protocol=Protocol()), 3)
    assert names == []


def everything(runs, seed):
    """All that a seed leaves behind, as bytes, so that NaN equals NaN."""
    row = runs.seeds.index(seed)
    parts = (runs.weights, runs.loss, runs.accuracy, runs.solved_at, runs.updates_at, runs.stage_at)
    return [part[row].tobytes() for part in parts]


def tools(spec, problem):
    """Compiled functions of one stage: the sequences of a key, a lesson, reading, and judging what was answered."""
    network = Network.of(problem, spec.model)
    learner = network.learner(spec.optimizer, problem.is_fixed and bool(np.all(problem.batch(None).mask)))
    learn = jax.jit(lambda memory, lesson: spec.rule.learn(learner, memory, lesson))
    read = jax.jit(jax.vmap(network.sequence, in_axes=(None, 0, 0)))
    judge = jax.jit(lambda outputs, batch: (problem.correct(outputs, batch), problem.solved(outputs, batch)))
    return network, jax.jit(problem.batch), jax.jit(problem.evaluation), learn, read, judge


def by_hand(spec, made, seed):
    """One seed through all stages, lesson by lesson on the host; rows of what is recorded, and the weights."""
    network, rows = made[0][0], spec.protocol.rows(spec.problem.n_sequences)
    initial = jax.tree.map(lambda leaf: np.stack([leaf] * rows), network.initial_state)
    params = network.draw(seed)
    memory = Memory(params, spec.optimizer.build().init(params), initial, 0)
    recorded, problems = [], [*spec.curriculum, spec.problem]
    for stage, (problem, (_, draw, draw_judged, learn, read, judge)) in enumerate(zip(problems, made, strict=True)):
        raw = np.random.SeedSequence([seed, 1, stage]).generate_state(2)
        key = jax.random.wrap_key_data(jnp.asarray(raw, jnp.uint32))
        rng, is_last = np.random.default_rng([seed, 2, stage]), stage == len(problems) - 1
        for epoch in itertools.count():
            if len(recorded) == spec.epochs:
                break
            batch = [np.asarray(part) for part in draw(jax.random.fold_in(key, epoch))]
            order = np.arange(problem.n_sequences)
            order = rng.permutation(order) if spec.protocol.order == "shuffled" else order
            losses = []
            for some in order.reshape(-1, rows):
                if spec.protocol.reset == "sequence":
                    memory = memory._replace(state=initial)
                memory, loss = learn(memory, Lesson(*(np.swapaxes(part[some], 0, 1) for part in batch)))
                losses.append(loss)
            spent, accuracy, solved = len(recorded) + 1, np.nan, False
            if spent % spec.evaluate_every == 0 or spent == spec.epochs:
                judged, state, outputs = draw_judged(key), memory.state, []
                for some in np.asarray(judged.inputs).reshape(-1, rows, *judged.inputs.shape[1:]):
                    state, output = read(memory.params, initial if spec.protocol.reset == "sequence" else state, some)
                    outputs.append(output)
                right, solved = judge(np.concatenate(outputs), judged)
                accuracy = np.asarray(right)[np.asarray(judged.mask)].mean()
            recorded.append((np.mean(losses), accuracy, bool(solved) and is_last, int(memory.updates), stage))
            if solved and not is_last and spent % spec.evaluate_every == 0:
                break
    return recorded, memory.params


@pytest.mark.parametrize("name", quick(CASES, now=["each step, shuffled"]))
def test_it_is_the_walk_by_hand(name):
    spec, seeds = CASES[name], range(3)
    runs = run(spec, seeds)
    made = [tools(spec, problem) for problem in (*spec.curriculum, spec.problem)]
    for row in seeds:
        recorded, weights = by_hand(spec, made, row)
        loss, accuracy, solved, updates, stage = map(np.array, zip(*recorded, strict=True))
        assert runs.stage_at[row].tolist() == stage.tolist()
        assert runs.updates_at[row].tolist() == updates.tolist()
        assert runs.solved_at[row].tolist() == solved.tolist()
        np.testing.assert_allclose(
            runs.accuracy[row], accuracy, atol=0.003
        )  # less than a position, but for fresh middles
        np.testing.assert_allclose(runs.loss[row], loss, atol=1e-4)
        np.testing.assert_allclose(runs.weights[row], weights, atol=1e-3)
    # Seeds part: they move on after different epochs, and reach the last stage.
    moved_on = {tuple(np.flatnonzero(np.diff(row)).tolist()) for row in runs.stage_at}
    assert len(moved_on) > 1
    assert (runs.stage_at[:, -1] == len(spec.curriculum)).any()
    assert runs.solved_at.any()


def test_what_is_never_mastered_is_trained_to_the_end():
    """A window of one symbol cannot master the first stage: the curriculum is a run of that alone."""
    spec = replace(MANY, model=MLP(3, window=1), epochs=30, curriculum=STAGES[:1])
    runs, alone = run(spec, 4), run(spec.stages[0], 4)
    for seed in range(4):
        assert everything(runs, seed) == everything(alone, seed)
    assert not runs.stage_at.any()
    assert not runs.solved_at.any()
    assert np.isinf(runs.updates_until_solved).all()


def test_a_stage_begins_as_a_run_of_its_own_and_is_left_when_that_is_solved():
    runs, alone = run(MANY, 6), run(MANY.stages[0], 6)
    for row in range(6):
        until = int(np.argmax(alone.solved_at[row])) + 1
        assert runs.stage_at[row, :until].max() == 0 < runs.stage_at[row, until]
        for name in ("loss", "accuracy", "updates_at"):
            assert getattr(runs, name)[row, :until].tobytes() == getattr(alone, name)[row, :until].tobytes()


def test_a_spec_without_stages_is_what_it_was():
    runs = run(replace(MANY, curriculum=()), 2)
    assert not runs.stage_at.any()
    assert runs.stage_at.shape == runs.loss.shape


@settings(max_examples=12)
@given(company=st.lists(st.integers(0, 40), max_size=8, unique=True), epochs=st.integers(1, 70))
def test_neither_company_nor_budget_touches_a_seed(company, epochs):
    spec = replace(MANY, epochs=epochs)
    alone, long = run(spec, [3]), run(replace(MANY, epochs=80), [3])
    among = [seed for seed in company if seed != 3]
    for others in ([3, *among], [*among, 3]):
        assert everything(run(spec, others), 3) == everything(alone, 3)
    assert alone.loss.tobytes() == long.loss[:, :epochs].tobytes()
    assert np.array_equal(alone.stage_at, long.stage_at[:, :epochs])
    assert np.array_equal(alone.accuracy[:, : epochs - 1], long.accuracy[:, : epochs - 1], equal_nan=True)


@settings(max_examples=12)
@given(seeds=st.lists(st.integers(0, 10**6), min_size=1, max_size=7, unique=True), epochs=st.integers(0, 70))
def test_what_always_holds(seeds, epochs):
    runs = run(replace(MANY, epochs=epochs), seeds)
    assert runs.stage_at.shape == runs.loss.shape == (len(seeds), epochs)
    for stage, accuracy, solved, updates in zip(
        runs.stage_at, runs.accuracy, runs.solved_at, runs.updates_at, strict=True
    ):
        assert np.isfinite(accuracy).tolist() == [n % 4 == 0 or n == epochs for n in range(1, epochs + 1)]
        assert not solved[stage < 2].any()
        assert (stage[:1] == 0).all()
        assert set(np.diff(stage).tolist()) <= {0, 1}
        left = np.flatnonzero(np.diff(stage))  # epochs after which a stage was left
        regular = [n for n in range(3, epochs - 1, 4) if stage[n] < 2]
        assert left.tolist() == [n for n in regular if accuracy[n] == 1]
        # Three sequences, each of lag + 1 steps, one update a step.
        assert np.diff(updates, prepend=0).tolist() == (3 * (stage + 2)).tolist()
    assert (runs.updates_until_solved < np.inf).tolist() == runs.solved_at.any(axis=1).tolist()


def test_progress_adds_up():
    met = []
    run_of = {"seeds": 7, "epochs": 60, "optimizer": Adam(0.03), "evaluate_every": 4, "chunk": 3}
    runs = train(WHOLE, MLP(6, window=4), **run_of, protocol=PROTOCOL, curriculum=STAGES, on_progress=met.append)
    assert runs.spec == MANY
    assert {progress.of for progress in met} == {7 * 60}
    done = [progress.epochs for progress in met]
    assert done == sorted(set(done))
    assert done[-1] == 7 * 60


@pytest.mark.parametrize("blocks", [1, 9])
def test_a_stop_is_respected_in_every_stage(blocks):
    stop, met = threading.Event(), []

    def report(epochs, loss):
        met.append(epochs)
        if len(met) == blocks:
            stop.set()

    spec = replace(MANY, epochs=100_000)
    learned = teach(spec, [program.compile_program(stage) for stage in spec.stages], [0, 1], stop, report)
    assert len(met) == blocks
    assert learned.stage.max() == {1: 0, 9: 2}[blocks]


def test_an_interrupt_ends_all_chunks():
    met = []

    def interrupt(progress):
        met.append(progress)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(replace(MANY, epochs=100_000), 40, interrupt)
    # Every thread may be in a block when the first is interrupted; none begins another.
    assert len(met) <= (os.cpu_count() or 1)


@pytest.mark.extended
def test_a_lag_that_grows_reaches_further():
    """Lag 60 within 200 epochs: when measured, 0 of 8 small LSTMs learned it, and 8 of 8 by way of lags 5 and 20."""
    far = Conflict(lag=60, middle="repeating", scored="end")
    spec = Spec(far, LSTM(6), BPTT(), Adam(0.02), epochs=200, evaluate_every=10)
    assert run(spec, 8).ever_solved.point == 0
    assert run(replace(spec, curriculum=(far.shorter(5), far.shorter(20))), 8).success.point > 0.5


@pytest.fixture
def other_blocks(monkeypatch):
    """Blocks of one, two or three epochs in place of hundreds; no other test may see the programs compiled so."""
    program._compile.cache_clear()
    monkeypatch.setattr(program, "STEPS_PER_BLOCK", 20)
    yield
    program._compile.cache_clear()


@pytest.mark.extended
def test_blocks_leave_no_trace(request):
    whole = run(MANY, 5)
    request.getfixturevalue("other_blocks")
    assert [program.compile_program(stage).block for stage in MANY.stages] == [3, 2, 1]
    cut = run(MANY, 5)
    assert all(everything(cut, seed) == everything(whole, seed) for seed in range(5))
