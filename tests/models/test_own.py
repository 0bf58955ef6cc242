"""A pair of plain functions is a model: the same numbers as the class, and an identity of its own."""

from __future__ import annotations

import functools
import hashlib
import inspect

import jax.numpy as jnp
import numpy as np
import pytest

import memspan as ms
from memspan.core.errors import InvalidInput
from memspan.core.model import Model
from memspan.core.spec import Spec, describe
from memspan.models import LSTM
from memspan.models.own import Own

TWIN = LSTM(units=3)


def init(rng, n_inputs):
    return TWIN.init(rng, n_inputs)


def initial_state(n_inputs):
    return TWIN.initial_state(n_inputs)


def step(params, state, x):
    return TWIN.step(params, state, x)


def other_step(params, state, x):
    return TWIN.step(params, state, 2 * x)


OURS = {"name": "twin", "init": init, "step": step, "initial_state": initial_state, "n_outputs": 3}
OWN = Own(**OURS)


def test_it_keeps_the_contract():
    ms.testing.check_model(OWN)
    assert isinstance(OWN, Model)


@pytest.mark.extended
def test_it_trains_as_the_model_that_it_copies():
    """Same draws, same steps: the losses are those of the class, which reads by its faster sequence form."""
    budget = {"seeds": 2, "epochs": 5, "chunk": 2}
    own, ours = (ms.train(ms.problems.Conflict(), model, ms.rules.BPTT(), **budget) for model in (OWN, TWIN))
    np.testing.assert_allclose(own.loss, ours.loss, rtol=1e-5)
    assert np.isfinite(own.loss).all()


def test_its_sequence_is_its_steps():
    params, state = OWN.init(np.random.default_rng(0), 5), OWN.initial_state(5)
    inputs = jnp.eye(5)[jnp.array([3, 0, 1])]
    end, outputs = OWN.sequence(params, state, inputs)
    for x, output in zip(inputs, outputs, strict=True):
        state, said = step(params, state, x)
        np.testing.assert_allclose(output, said, atol=1e-6)
    np.testing.assert_allclose(end.cell, state.cell, atol=1e-6)


def spec(**changed):
    return Spec(ms.problems.Conflict(), Own(**OURS | changed), ms.rules.BPTT(), ms.Adam())


def test_its_identity_is_name_settings_and_source():
    changes = [{}, {"name": "other"}, {"step": other_step}, {"n_outputs": 2}, {"settings": (("units", 3),)}]
    assert len({spec(**change).hash for change in changes}) == len(changes)
    assert spec().hash == spec().hash
    source = hashlib.sha256(inspect.getsource(step).encode()).hexdigest()
    name = f"{__name__}.step"
    assert describe(OWN)["step"] == {"type": "function", "name": name, "sha256": source}


@pytest.mark.parametrize("hidden", [lambda *given: given, functools.partial(step), functools.lru_cache(step)])
def test_what_hides_a_part_of_itself_has_no_identity(hidden):
    with pytest.raises(InvalidInput, match=r"function|frozen dataclass"):
        _ = spec(step=hidden).hash


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n_outputs": 0}, "n_outputs must be a whole number of at least 1, but got 0"),
        ({"init": None}, "init must be a function, but got None; pass its name without a call"),
        ({"step": 3}, "step must be a function, but got 3"),
    ],
)
def test_refusals_are_one_sentence(change, sentence):
    # The annotations would speak first under the tests' import hook.
    given = OURS | change
    own = object.__new__(Own)
    for name, value in given.items():
        object.__setattr__(own, name, value)
    with pytest.raises(InvalidInput, match=f"^{sentence}") as caught:
        own.__post_init__()
    assert "\n" not in str(caught.value)
