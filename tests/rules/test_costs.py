"""What learning costs, as the compiler counts it: memory against the length of a sequence, work against weights."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.quick import quick
from tests.rules.frozen import case

from memspan.core.rule import Lesson
from memspan.models import LSTM
from memspan.rules import BPTT, RTRL, Online, SnAp, Truncated1997, TruncatedBPTT


def compiled(rule, units, steps):
    """A lesson of many steps, compiled and not run."""
    symbols = jax.ShapeDtypeStruct((steps, 1), jnp.int32)
    lesson = Lesson(symbols, symbols, jax.ShapeDtypeStruct((steps, 1), jnp.bool_))
    short = Lesson(*(np.zeros((2, 1), int),) * 2, np.ones((2, 1), bool))
    learner, memory = case(LSTM(units), short, jnp.float32)
    return jax.jit(lambda memory, lesson: rule.learn(learner, memory, lesson)).lower(memory, lesson).compile()


def memory_growth(rule):
    """By which power of the length the working memory grows, from 256 to 4,096 steps."""
    few, many = (compiled(rule, 8, steps).memory_analysis().temp_size_in_bytes for steps in (256, 4096))
    return np.log(many / few) / np.log(4096 / 256)


CONSTANT = [RTRL(), SnAp(1), Truncated1997(), Online(), TruncatedBPTT(4, 8)]


@pytest.mark.parametrize("rule", quick(CONSTANT, now=[RTRL(), Truncated1997()]), ids=str)
def test_memory_of_the_online_rules_does_not_grow(rule):
    """Beside the loss of each step, four bytes, nothing is kept of the past."""
    few, many = (compiled(rule, 8, steps).memory_analysis().temp_size_in_bytes for steps in (256, 4096))
    assert many - few <= 16 * (4096 - 256)


def test_memory_of_bptt_is_linear_and_with_checkpoints_a_root():
    assert memory_growth(BPTT()) == pytest.approx(1, abs=0.1)
    assert memory_growth(BPTT(checkpoint=True)) == pytest.approx(0.5, abs=0.15)


def work(rule, units):
    """Operations of one step: a loop's body is counted once, however often it runs."""
    return compiled(rule, units, 4).cost_analysis()["flops"]


@pytest.mark.extended
def test_work_of_the_1997_rule_grows_as_the_weights():
    weights = [4 * units * (5 + units + 1) + 5 * (units + 1) for units in (16, 32, 64)]
    truncated, exact = ([work(rule, units) for units in (16, 32, 64)] for rule in (Truncated1997(), RTRL()))
    growth = np.diff(np.log(truncated)) / np.diff(np.log(weights))
    assert (growth > 0.7).all()
    assert (growth < 1.15).all()
    # Exact influence costs state x state x weights: the square of the weights and more.
    assert (np.diff(np.log(exact)) / np.diff(np.log(weights)) > 1.6).all()
    assert truncated[2] < 60 * weights[2]
