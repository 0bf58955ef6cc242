"""Models of memspan as readers: they read as the network does, go on from any state, and compile once."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from tests.engine.test_compilation import compilations
from tests.models.catalogue import MODELS
from tests.quick import quick

import memspan as ms
from memspan.probes import Clamp, Traced, reader_of, stretch, swap, trials_of, wipe
from memspan.probes.flat_state import FlatState

PROBLEM = ms.problems.Conflict(lag=4)
PROGRAMS = 4  # of swap, wipe and stretch: two shapes of reading, and of advancing the cue and what follows
SOME = ["lstm", "stack", "gru, reset after", "windowed mlp"]
OTHERS = [next(name for name in MODELS if name.startswith(kind)) for kind in ("lru", "transformer", "mlstm", "delta")]


def drawn(model, seed=0, problem=PROBLEM):
    return ms.train(problem, model, seeds=[seed], epochs=0, chunk=1)[0]


@pytest.mark.parametrize("name", quick([*SOME, *OTHERS], now=["gru, reset after", "stack"]))
def test_it_reads_as_the_network_does_and_goes_on_from_any_state(name):
    trained, trials = drawn(MODELS[name]), trials_of(PROBLEM)
    reader = reader_of(trained)
    found = reader.read(reader.start(2), trials.inputs)
    network = trained.network
    sequence = jax.jit(network.sequence)
    told = [sequence(trained.vector, network.initial_state, row)[1] for row in trials.inputs]
    np.testing.assert_allclose(found.outputs, told, atol=1e-4)
    rest = reader.read(found.states[:, 1], trials.inputs, 2)
    np.testing.assert_allclose(rest.outputs[:, 2:], found.outputs[:, 2:], atol=1e-6)
    assert not rest.outputs[:, :2].any()
    np.testing.assert_allclose(reader.advance(reader.start(2), trials.inputs, 0, 5), found.states[:, -1], atol=1e-6)
    # With a fixed middle, a trial in another's state says what the other would have said.
    exchanged = reader.read(found.states[::-1, 1], trials.inputs, 2)
    np.testing.assert_allclose(exchanged.outputs[:, 2:], found.outputs[::-1, 2:], atol=1e-6)


def test_a_clamped_number_stays_and_the_others_read_it():
    reader, trials = reader_of(drawn(ms.models.Elman(units=2))), trials_of(PROBLEM)
    clamp = Clamp(np.array([True, False]), np.full((1, 1, 2), 0.25, np.float32))
    found = reader.read(reader.start(2), trials.inputs, clamp=clamp)
    state = reader.start(2)
    for step in range(trials.inputs.shape[1]):
        state = np.array(state)
        state[:, 0] = 0.25
        state = reader.advance(state, trials.inputs, step, step + 1)
        np.testing.assert_allclose(state, found.states[:, step], atol=1e-6)


def test_one_program_for_all_steps_delays_and_seeds():
    runs = ms.train(PROBLEM, ms.models.LSTM(units=5), seeds=3, epochs=0)
    trials = trials_of(PROBLEM)

    def everything(trained, longest):
        reader = reader_of(trained)
        swap(reader, trials)
        wipe(reader, trials)
        stretch(reader, trials, longest=longest, repeats=8)

    everything(runs[0], 100)
    with compilations() as names:
        everything(runs[1], 90)
        everything(runs[2], 100)
    assert names == []
    with compilations() as names:
        everything(drawn(ms.models.LSTM(units=6)), 100)
    assert len([name for name in names if "read" in name or "advance" in name]) == PROGRAMS


def test_equal_networks_share_programs():
    one, other = (reader_of(drawn(ms.models.LSTM(units=5), seed)) for seed in (0, 1))
    assert one.step is other.step
    assert one.flat == other.flat
    assert not np.array_equal(one.params, other.params)


def test_any_step_that_jax_traces_is_a_reader():
    """What an adapter gives: weights, a step, an initial state; counters are carried, exactly."""

    def step(params, state, x):
        return {"sum": params * state["sum"] + x[1] - x[2], "count": state["count"] + 1}, state["count"] + 0 * x

    initial = {"count": np.zeros((), np.int32), "sum": np.zeros((), np.float32)}
    reader = Traced(np.float32(0.5), step, initial, n_inputs=3)
    assert [(part.name, part.is_real) for part in reader.parts] == [("count", False), ("sum", True)]
    found = reader.read(reader.start(1), np.array([[1, 0, 0]]))
    assert found.states[0].tolist() == [[1, 1], [2, 0.5], [3, 0.25]]
    assert found.outputs[0, :, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "state", [((), np.zeros(3, np.float32)), ([np.zeros(2, np.float32), np.zeros((2, 2), np.float32)], ())]
)
def test_a_state_comes_back_from_its_vector(state):
    flat = FlatState.of(state)
    vector = np.arange(flat.size, dtype=np.float32)
    np.testing.assert_array_equal(flat.ravel(flat.unravel(vector)), vector)
    assert jax.tree.structure(flat.unravel(vector)) == jax.tree.structure(state)
    assert len({part.name for part in flat.parts}) == len(flat.parts)


def test_what_cannot_be_probed_is_refused_in_one_sentence():
    with pytest.raises(ms.InvalidInput, match="must be given a model with a state, but MLP has none"):
        reader_of(drawn(ms.models.MLP(units=2, window=1), problem=ms.problems.Conflict(lag=1)))
    with pytest.raises(ms.InvalidInput, match="whose first symbol alone decides the answer at their last step"):
        trials_of(ms.problems.CopyMemory(lag=3))
    reader = reader_of(drawn(ms.models.LSTM(units=5)))
    with pytest.raises(ms.InvalidInput, match="trials must be fewer"):
        reader.read(np.zeros((1, 10), np.float32), np.zeros((1, 1 << 28), np.int8))
    with pytest.raises(ms.InvalidInput, match="steps must be a whole number from 1 to 4"):
        swap(reader, trials_of(PROBLEM), steps=[5])
    with pytest.raises(ms.InvalidInput, match="did you mean 'hold'"):
        stretch(reader, trials_of(PROBLEM), filler="holt")
    with pytest.raises(ms.InvalidInput, match="delays must be a whole number of at least 4"):
        stretch(reader, trials_of(PROBLEM), delays=[3])


class Elsewhere:
    """A network of another framework, as the engine sees one: NumPy answers, and nothing can be differentiated."""

    n_inputs, loss = 5, "binary_cross_entropy"
    initial_state = (np.int32(0), [np.zeros(2, np.float32)])

    def step(self, params, state, x):
        def leak(weights, held, vector):
            held = np.asarray(weights)[:2] * np.asarray(held) + np.asarray(vector)[..., 3:]
            return held, np.concatenate([np.zeros(3, np.float32), held])

        shapes = jax.ShapeDtypeStruct((2,), np.float32), jax.ShapeDtypeStruct((5,), np.float32)
        held, said = jax.pure_callback(leak, shapes, params, state[1][0], x, vmap_method="sequential")
        return (state[0] + 1, [held]), said


def test_a_network_of_another_framework_is_probed_without_gradients():
    problem = ms.problems.Conflict()
    trained = ms.Trained(problem, Elsewhere(), np.array([0.9, 0.9], np.float32))
    held = ms.hold(trained, ["stretch", "swap", "carriers", "credit", "decay"], longest=6, trials=8)
    assert held.stretch.span.point == 6
    assert held.swap.follows[0][0].point == 1.0
    assert held.decay.cue.time_constant[0] == pytest.approx(-1 / np.log(0.9), rel=0.01)
    assert "must be given a model with gradients, but got Called" in held.refused["credit"]
