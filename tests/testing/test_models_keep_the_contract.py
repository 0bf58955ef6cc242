"""Every model of the catalogue keeps the contract, in small sizes."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from tests.models.catalogue import EVERY, MODELS

from memspan.testing import check_model, model_checks


@pytest.mark.parametrize("check", model_checks())
@pytest.mark.parametrize("name", EVERY)
def test_contract(name, check):
    check_model(MODELS[name], [check])


@pytest.mark.parametrize("name", MODELS)
def test_ours_say_how_they_are_drawn(name):
    drawn = MODELS[name].init(np.random.default_rng(0), 5)
    assert MODELS[name].initialisers or not jax.tree.leaves(drawn)
