"""Every model with a step form: what is read off its step, and exact credit forward in time on it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.models.catalogue import EVERY, MODELS
from tests.rules.frozen import arbitrary, case, closeness

from memspan.rules import BPTT, RTRL

STEPS = 6


@pytest.mark.parametrize("name", EVERY)
def test_rtrl_equals_bptt_while_weights_are_frozen(name):
    """Through the sequence form by backpropagation, through the step form by carried influence."""
    lesson = arbitrary(7, STEPS, batch=2)
    with jax.enable_x64(True):
        learner, memory = case(MODELS[name], lesson, jnp.float64)

        @jax.jit
        def both(memory, lesson):
            return [rule.learn(learner, memory, lesson)[0].optimizer for rule in (BPTT(), RTRL())]

        exact, forward = (np.asarray(gradient) for gradient in both(memory, lesson))
    assert np.abs(exact).max() > 0
    assert closeness(forward, STEPS * exact) < 1e-6
