"""A rule and what it teaches: a small network, lessons and compiled programs, made once for all checks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from memspan.core.model import Model
from memspan.core.rule import Lesson, Memory, Rule
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.problems import Conflict
from memspan.testing.reader import QUICK
from memspan.testing.violation import Violation

__all__ = ["N_BATCH", "N_STEPS", "Pupil", "Taught", "pupil", "taught"]

N_BATCH, N_STEPS = 2, 6
SPREAD = 0.3  # added to what was drawn, so that nothing is zero by its initialisation

Learn = Callable[[Memory, Lesson], tuple[Memory, Float[Array, ""]]]


class Pupil:
    """One model with its read-out, and lessons of random symbols, whatever rule will teach it."""

    def __init__(self, model: Model) -> None:
        self.network = Network.of(Conflict(), model)
        rng = np.random.default_rng(0)
        weights = self.network.draw(0)
        self.weights = (weights + SPREAD * rng.standard_normal(weights.shape)).astype(np.float32)
        self.state = jax.tree.map(lambda leaf: np.stack([leaf] * N_BATCH), self.network.initial_state)
        symbols = rng.integers(self.network.n_inputs, size=(3, N_STEPS, N_BATCH)).astype(np.int32)
        free = np.array([[1, 0], [0, 0], [1, 1], [0, 1], [0, 0], [0, 0]], bool)  # steps scored in none, one and both
        self.lesson = Lesson(symbols[0], symbols[1], free)
        self.other = symbols[2]
        self.learner = self.network.learner(Adam(), every_step_scored=False)

    @functools.cached_property
    def read(self) -> Callable[..., Any]:
        """(weights, state, inputs) -> (state, outputs)."""
        return jax.jit(self.learner.sequence, compiler_options=QUICK)

    @functools.cached_property
    def loss(self) -> Callable[..., Any]:
        """(output, target) -> loss of one position."""
        return jax.jit(lambda output, target: self.learner.loss(output, target, jnp.array(True)))

    @functools.cached_property
    def exact(self) -> Callable[..., Any]:
        """(lesson of one step) -> gradient of its loss from the first state on."""

        def cost(params: Float[Array, " weight"], lesson: Lesson) -> Float[Array, ""]:
            outputs = jax.vmap(self.learner.step, in_axes=(None, 0, 0))(params, self.state, lesson.inputs[0])[1]
            return self.learner.loss(outputs, lesson.targets[0], lesson.mask[0])

        return functools.partial(jax.jit(jax.grad(cost), compiler_options=QUICK), self.weights)

    def scored(self, mask: Bool[np.ndarray, "time batch"]) -> Lesson:
        """Return the lesson with other scored positions."""
        return self.lesson._replace(mask=np.asarray(mask, bool))


class Taught:
    """One rule that teaches a pupil.

    Where the checks look at gradients its weights are frozen: the optimizer adds up what the rule hands to it.
    """

    def __init__(self, rule: Rule, model: Model) -> None:
        self.rule, self.pupil = rule, pupil(model)

    @functools.cached_property
    def learn(self) -> Learn:
        """Learn with Adam."""
        rule, learner = self.rule, self.pupil.learner
        return jax.jit(lambda memory, lesson: rule.learn(learner, memory, lesson), compiler_options=QUICK)

    @functools.cached_property
    def collect(self) -> Learn:
        """Learn with frozen weights."""

        def update(memory: Memory, gradient: Any, scored: Any) -> Memory:
            summed = memory.optimizer + jnp.where(scored, gradient, 0.0)
            return memory._replace(optimizer=summed, updates=memory.updates + jnp.where(scored, 1, 0))

        rule, learner = self.rule, self.pupil.learner._replace(update=update)
        return jax.jit(lambda memory, lesson: rule.learn(learner, memory, lesson), compiler_options=QUICK)

    @property
    def fresh(self) -> Memory:
        """What Adam starts from."""
        optimizer = jax.tree.map(np.asarray, Adam().build().init(self.pupil.weights))
        return Memory(self.pupil.weights, optimizer, self.pupil.state, np.int32(0))

    @property
    def frozen(self) -> Memory:
        """What the sum of gradients starts from."""
        return Memory(self.pupil.weights, np.zeros_like(self.pupil.weights), self.pupil.state, np.int32(0))

    def gradient(self, lesson: Lesson) -> Float[np.ndarray, " weight"]:
        """Return the sum of the gradients that the rule hands to the optimizer while weights stand still."""
        return np.asarray(self.collect(self.frozen, lesson)[0].optimizer)


@functools.lru_cache(maxsize=4)
def pupil(model: Model) -> Pupil:
    """Return what learns in the checks of rules; it is kept for the next rule.

    Example:
        >>> from memspan.models import LSTM
        >>> pupil(LSTM(units=2)).lesson.mask.shape
        (6, 2)

    Args:
        model: what learns; a read-out is put on top of it.

    Returns:
        Network, lessons and programs.
    """
    return Pupil(model)


def taught(rule: Rule, model: Model) -> Taught:
    """Return a rule with its pupil; it is kept for the next check.

    Example:
        >>> from memspan.models import LSTM
        >>> from memspan.rules import BPTT
        >>> teach = taught(BPTT(), LSTM(units=2))
        >>> teach.gradient(teach.pupil.lesson).shape == teach.pupil.weights.shape
        True

    Args:
        rule: what teaches.
        model: what learns.

    Returns:
        The pupil and the rule's programs.

    Raises:
        Violation: the rule has no hash.
    """
    try:
        hash(rule)
    except TypeError as error:
        raise Violation(f"it cannot be hashed: {error}") from None
    return _taught(rule, model)


_taught = functools.lru_cache(maxsize=4)(Taught)
