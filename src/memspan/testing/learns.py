"""Checks of how a rule learns: what it keeps, counts, reports and must not see, and that it learns at all."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from memspan.core.model import Model
from memspan.core.rule import Lesson, Rule
from memspan.engine.train import train
from memspan.problems import Conflict
from memspan.testing.pupil import N_STEPS, pupil, taught
from memspan.testing.violation import Violation, require

__all__ = [
    "averages_the_batch",
    "carries_the_state",
    "changes_nothing_where_nothing_is_scored",
    "counts_its_updates",
    "descends",
    "ignores_what_is_not_scored",
    "is_exact_within_one_step",
    "keeps_the_memory_in_shape",
    "reports_the_loss_met",
    "trains_in_the_engine",
]

CLOSE = 1e-5  # of the largest number compared
DESCENT, RATE = 40, 0.5  # steps and their size on the memoryless problem
ENOUGH = 0.8  # of the first loss must be left at most


def keeps_the_memory_in_shape(rule: Rule, model: Model) -> None:
    """`learn` gives a memory of the structure, shapes and dtypes it was given, and one float32 loss."""
    teach, learner = taught(rule, model), pupil(model)
    given = jax.eval_shape(lambda memory: memory, teach.fresh)
    try:
        memory, loss = jax.eval_shape(teach.learn, teach.fresh, learner.lesson)
    except Exception as error:  # whatever a rule raises is told in the same form
        said = next(filter(None, str(error).splitlines()), "")
        raise Violation(f"learn raises {type(error).__name__}: {said}") from error
    require((loss.shape, str(loss.dtype)) == ((), "float32"), f"the loss is {loss.dtype}{list(loss.shape)}, not one")
    for name, before, after in zip(given._fields, given, memory, strict=True):
        require(_kinds(after) == _kinds(before), f"{name} of the memory is {_kinds(after)}, but was {_kinds(before)}")


def counts_its_updates(rule: Rule, model: Model) -> None:
    """Where something is scored it updates: at least once, at most once a step, and it says how often."""
    teach, learner = taught(rule, model), pupil(model)
    everywhere = learner.scored(np.ones_like(learner.lesson.mask))
    memory = teach.learn(teach.fresh, everywhere)[0]
    told, moved = int(memory.updates), not np.array_equal(memory.params, learner.weights)
    require(1 <= told <= N_STEPS, f"it counts {told} updates in {N_STEPS} scored steps; make them by learner.update")
    require(moved, f"it counts {told} updates, but the weights are what they were")


def changes_nothing_where_nothing_is_scored(rule: Rule, model: Model) -> None:
    """A lesson without a scored position moves the state, and not one bit of weights, optimizer and count."""
    teach, learner = taught(rule, model), pupil(model)
    moving = teach.learn(teach.fresh, learner.lesson)[0]
    memory, loss = teach.learn(moving, learner.scored(np.zeros_like(learner.lesson.mask)))
    for name in ("params", "optimizer", "updates"):
        same = all(
            np.array_equal(a, b)
            for a, b in zip(jax.tree.leaves(getattr(memory, name)), jax.tree.leaves(getattr(moving, name)), strict=True)
        )
        require(same, f"{name} of the memory changes in a lesson where nothing is scored")
    require(float(loss) == 0.0, f"it reports a loss of {float(loss):.4g} where nothing is scored, but must report 0")


def reports_the_loss_met(rule: Rule, model: Model) -> None:
    """With frozen weights the loss is the mean over all scored positions: the same number for all rules."""
    teach, learner = taught(rule, model), pupil(model)
    for lesson in (learner.lesson, learner.scored(np.ones_like(learner.lesson.mask))):
        outputs = np.asarray(learner.read(learner.weights, learner.state, lesson.inputs)[1])
        each = [float(learner.loss(outputs[t, b], lesson.targets[t, b])) for t, b in np.argwhere(lesson.mask)]
        _expect("the loss", teach.collect(teach.frozen, lesson)[1], np.mean(each))


def carries_the_state(rule: Rule, model: Model) -> None:
    """With frozen weights the state after a lesson is the one after reading it: what follows sounds the same."""
    teach, learner = taught(rule, model), pupil(model)
    after = teach.collect(teach.frozen, learner.lesson)[0].state
    due = learner.read(learner.weights, learner.state, learner.lesson.inputs)[0]
    said, expected = (learner.read(learner.weights, state, learner.other)[1] for state in (after, due))
    _expect("what the network says after the lesson", said, expected)


def ignores_what_is_not_scored(rule: Rule, model: Model) -> None:
    """Targets of unscored positions and all that comes after the last scored step change neither gradient nor loss."""
    teach, learner = taught(rule, model), pupil(model)
    lesson, last = learner.lesson, int(np.flatnonzero(learner.lesson.mask.any(axis=1))[-1])
    targets = np.where(lesson.mask, lesson.targets, (lesson.targets + 1) % learner.network.n_inputs)
    inputs = np.concatenate([lesson.inputs[: last + 1], learner.other[last + 1 :]])
    for what, changed in (
        ("targets of unscored positions", lesson._replace(targets=targets)),
        ("inputs after the last scored step", lesson._replace(inputs=inputs)),
    ):
        memory, loss = teach.collect(teach.frozen, changed)
        _expect(f"with other {what} the gradient", memory.optimizer, teach.gradient(lesson))
        _expect(f"with other {what} the loss", loss, teach.collect(teach.frozen, lesson)[1])


def averages_the_batch(rule: Rule, model: Model) -> None:
    """A sequence scored twice side by side has the gradient that it has once, with an unscored one beside it."""
    teach, learner = taught(rule, model), pupil(model)
    mask = np.repeat(learner.lesson.mask.any(axis=1, keepdims=True), 2, axis=1)
    twice = Lesson(*(np.repeat(rows[:, :1], 2, axis=1) for rows in (*learner.lesson[:2], mask)))
    beside = Lesson(*(np.concatenate([a[:, :1], b[:, 1:]], axis=1) for a, b in zip(twice, learner.lesson, strict=True)))
    once = beside._replace(mask=mask & np.array([True, False]))
    _expect("of two equal sequences the gradient", teach.gradient(twice), teach.gradient(once))


def is_exact_within_one_step(rule: Rule, model: Model) -> None:
    """Where the first step alone is scored, or is the whole lesson, it hands on the gradient of that step."""
    teach, learner = taught(rule, model), pupil(model)

    first = learner.scored(np.arange(N_STEPS)[:, None] < np.array([[1, 1]]))
    single = Lesson(*(rows[:1] for rows in first))
    exact = learner.exact(single)
    require(np.isfinite(teach.gradient(learner.lesson)).all(), "it hands on gradients that are not finite")
    _expect("where the first step alone is scored the gradient", teach.gradient(first), exact)
    _expect("of a lesson of one step the gradient", teach.gradient(single), exact)


def trains_in_the_engine(rule: Rule, model: Model) -> None:
    """`memspan.train` takes it: losses are finite, and the same seeds give the same bits."""
    once, again = (train(Conflict(lag=1), model, rule, seeds=2, epochs=3, chunk=2) for _ in range(2))
    require(np.isfinite(once.loss).all(), "trained by the engine, it reports losses that are not finite")
    same = np.array_equal(once.loss, again.loss) and np.array_equal(once.weights, again.weights)
    require(same, "trained twice by the engine from the same seeds, it gives different bits")


def descends(rule: Rule, model: Model) -> None:
    """Its gradients lead downhill: on a problem of one step, without memory, the loss falls."""
    teach, learner = taught(rule, model), pupil(model)
    lesson = Lesson(*(rows[:1] for rows in learner.scored(np.ones_like(learner.lesson.mask))))
    memory, losses = teach.frozen, list[float]()
    for _ in range(DESCENT):
        after, loss = teach.collect(memory, lesson)
        losses.append(float(loss))
        memory = memory._replace(params=np.asarray(memory.params - RATE * np.asarray(after.optimizer)))
    fell = losses[-1] <= ENOUGH * losses[0]
    require(fell, f"in {DESCENT} steps downhill the loss goes from {losses[0]:.4g} to {losses[-1]:.4g}; it must fall")


def _kinds(tree: Any) -> str:
    leaves, structure = jax.tree.flatten(tree)
    return str(jax.tree.unflatten(structure, [f"{leaf.dtype}{list(leaf.shape)}" for leaf in leaves]))


def _expect(what: str, got: Any, due: Any) -> None:
    scale, apart = float(np.abs(due).max()), float(np.abs(np.asarray(got) - np.asarray(due)).max())
    require(apart <= CLOSE * scale, f"{what} is off by {apart:.2g}, but must agree to {CLOSE * scale:.2g}")
