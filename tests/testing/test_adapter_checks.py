"""Each check of a user's model finds the fault that it is for, in a module that has it, and passes good ones."""

from __future__ import annotations

import pytest

import memspan as ms
from memspan.adapters import Command, Keras, Predict, Torch
from memspan.adapters.process import close_idle
from memspan.testing import Violation, adapter_checks, check_adapter, examine_adapter

USERS = "tests.testing.adapter_users:"
KERAS = "tests.testing.keras_check_users:"
RESET = ("Kept", "KeepsAfterReset", "LosesKeptState", "HoldsTheGraph")
STATELESS = {"carries_its_state", "lets_go_of_the_past", "reads_alike_in_both_forms"}

# What is broken in each, and no more than that: a fault is told from its neighbours.
BROKEN = {
    "Unseeded": {"is_decided_by_its_seed"},
    "NoiseFromElsewhere": {"is_decided_by_its_seed"},
    "SeedsItself": {"is_decided_by_its_seed"},
    "DropsInEvaluation": {"is_still_in_evaluation"},
    "SharedNoise": {"is_still_in_evaluation"},
    "KeepsAfterReset": {"forgets_at_a_reset", "saves_and_loads"},
    "KeepsUnsaid": {"forgets_at_a_reset", "saves_and_loads"},
    "LosesState": {"carries_its_state", "reads_alike_in_both_forms"},
    "LosesKeptState": {"carries_its_state", "reads_alike_in_both_forms"},
    "HoldsTheGraph": {"lets_go_of_the_past", "saves_and_loads"},
    "Normalised": {"reads_each_sequence_alone", "saves_and_loads"},
    "CentredOnTheBatch": {"reads_each_sequence_alone"},
    "unmasked": {"reads_only_the_past", "ignores_padding"},
    "Bidirectional": {"reads_only_the_past", "ignores_padding"},
    "LooksOneStepAhead": {"reads_only_the_past", "ignores_padding", "has_credit_for_the_cue"},
    "ScaledByLength": {"ignores_padding"},
    "CountsWithinACall": {"reads_alike_in_both_forms"},
    "Detached": {"has_credit_for_the_cue"},
    "NoCredit": {"has_credit_for_the_cue"},
    "Scaled": {"saves_and_loads"},
    "OfOneLength": {"is_made_and_answers"},
    "raises": {"is_made_and_answers"},
}


@pytest.fixture(scope="module", autouse=True)
def _end_processes():
    yield
    close_idle()


def torch_user(name):
    return Torch(USERS + name, reset="forget" if name in RESET else "")


def with_status(found, status):
    return {one.check for one in found if one.status == status}


@pytest.mark.parametrize("name", ["LSTM", "gru", "Whole", "Kept", "Dropped", "Attends"])
def test_a_good_module_passes_every_check_that_applies(name):
    found = examine_adapter(torch_user(name))
    assert tuple(one.check for one in found) == adapter_checks()
    none = STATELESS if name in ("Whole", "Attends") else set()
    assert (with_status(found, "broken"), with_status(found, "does not apply")) == (set(), none)
    (norms,) = (one.norms for one in found if one.norms)
    assert len(norms) == 16
    assert min(norms) > 0


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_found_and_told_from_others(name):
    assert with_status(examine_adapter(torch_user(name)), "broken") == BROKEN[name]


def test_every_check_is_seen_to_fail():
    assert set().union(*BROKEN.values()) == set(adapter_checks())


def test_what_is_said_names_the_model_the_fault_and_what_to_do():
    with pytest.raises(Violation, match=r"Detached: the gradient .* reaches 0 steps back .*; detach no state"):
        check_adapter(torch_user("Detached"))
    with pytest.raises(Violation, match=r"14 steps back and no further, but the cue lies 15 steps back"):
        check_adapter(torch_user("LooksOneStepAhead"), ["has_credit_for_the_cue"])
    with pytest.raises(Violation, match=r"adapter_users.py, line \d+: OSError: no weights here"):
        check_adapter(torch_user("raises"))
    with pytest.raises(Violation, match=r"in training, .* as batch normalisation makes it; use layer normalisation"):
        check_adapter(torch_user("Normalised"))
    with pytest.raises(ms.InvalidInput, match="did you mean 'ignores_padding'"):
        check_adapter(torch_user("LSTM"), ["ignore_padding"])


def test_what_builds_on_a_broken_check_is_not_tried():
    (first, second) = examine_adapter(torch_user("Unseeded"), ["is_decided_by_its_seed", "reads_only_the_past"])
    assert first.status == "broken"
    assert (second.status, second.sentence) == ("does not apply", "not tried, for is_decided_by_its_seed is broken")


@pytest.mark.extended
def test_a_compiled_model_passes_too():
    check_adapter(ms.models.LSTM(units=3), steps=8)


def test_gradients_are_those_of_finite_differences():
    """The norms of an LSTM of ours, one nudge at a time, in double precision."""
    import jax
    import numpy as np

    from memspan.engine.network import Network

    (found,) = examine_adapter(ms.models.LSTM(units=3), ["has_credit_for_the_cue"], steps=6)
    problem = ms.problems.Conflict()
    network = Network.of(problem, ms.models.LSTM(units=3))
    symbols = np.random.default_rng(0).integers(problem.n_inputs, size=(3, 6))
    with jax.enable_x64(True):
        weights = jax.numpy.asarray(network.draw(0), np.float64)
        state = jax.tree.map(lambda leaf: jax.numpy.asarray(leaf, np.float64), network.initial_state)
        read = jax.jit(lambda x: network.sequence(weights, state, x)[1][-1].sum())
        squares = np.zeros(6)
        for row in np.eye(problem.n_inputs)[symbols]:
            for step, feature in np.ndindex(row.shape):
                nudge = np.zeros_like(row)
                nudge[step, feature] = 1e-5
                squares[step] += ((read(row + nudge) - read(row - nudge)) / 2e-5) ** 2
    np.testing.assert_allclose(found.norms, np.sqrt(squares)[::-1], rtol=1e-4)


def test_a_predictor_is_asked_what_it_can_be_asked():
    found = examine_adapter(Predict(USERS + "remembers", returns="symbols"))
    assert with_status(found, "broken") == set()
    assert with_status(found, "does not apply") == STATELESS | {
        "ignores_padding",
        "has_credit_for_the_cue",
        "saves_and_loads",
    }
    looks_ahead = examine_adapter(Predict(USERS + "says_the_last", returns="symbols"))
    assert with_status(looks_ahead, "broken") == {"reads_only_the_past"}


@pytest.mark.extended
def test_a_command_that_does_not_reset_is_named(tmp_path):
    """It counts what it ever read, where `{"reset": true}` should have it begin again."""
    program = (
        "import json, sys\n"
        "seen = 0\n"
        "for line in sys.stdin:\n"
        "    asked = json.loads(line)\n"
        "    if 'input' in asked:\n"
        "        seen += asked['input']\n"
        "        print(json.dumps({'output': seen % 5}), flush=True)\n"
        "    elif RESETS:\n"
        "        seen = 0\n"
    )
    for resets in (True, False):
        (tmp_path / "count.py").write_text(program.replace("RESETS", str(resets)))
        found = examine_adapter(Command(f"python {tmp_path}/count.py", by="step", returns="symbols"))
        assert ("forgets_at_a_reset" in with_status(found, "broken")) == (not resets)


@pytest.mark.extended
@pytest.mark.parametrize(
    ("name", "backend", "sentence"),
    [
        ("tutorial", "jax", "lost in fit and predict on Keras' JAX backend"),
        ("tutorial", "torch", "modified by an inplace operation"),
    ],
)
def test_the_traps_of_keras_are_named(name, backend, sentence):
    with pytest.raises(Violation, match=sentence):
        check_adapter(Keras(KERAS + name, backend=backend))


@pytest.mark.extended
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("stubborn", r"its own reset_state\(\) does not; have that set all of layer\.states to zeros"),
        (
            "stacked",
            r"reset_state\(\) of its layer \w+ fails in Keras .*, but in your own code set each of keras\.tree",
        ),
    ],
)
def test_a_reset_of_its_own_is_tried_beside_ours(name, sentence):
    with pytest.raises(Violation, match=sentence):
        check_adapter(Keras(KERAS + name, backend="torch"), ["forgets_at_a_reset"])


HEAVY = pytest.mark.extended
IN_KERAS = [
    ("stateful", "torch", set()),
    pytest.param("explicit", "jax", set(), marks=HEAVY),
    pytest.param("bidirectional", "jax", {"reads_only_the_past", "ignores_padding"}, marks=HEAVY),
    pytest.param("normalised", "torch", {"reads_each_sequence_alone", "saves_and_loads"}, marks=HEAVY),
]


@pytest.mark.extended
@pytest.mark.parametrize(("name", "backend", "broken"), IN_KERAS)
def test_keras_models_are_told_apart_too(name, backend, broken):
    assert with_status(examine_adapter(Keras(KERAS + name, backend=backend)), "broken") == broken
