"""A learning rule: how the error of a step becomes a change of the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, runtime_checkable

from jaxtyping import Array, Bool, Float, Shaped

from memspan.core.arrays import AnyArray

__all__ = ["Learner", "Lesson", "Memory", "Rule"]


class Memory(NamedTuple):
    """What training carries from one lesson to the next.

    Attributes:
        params: all weights as one vector, so that the optimizer is one pass over contiguous memory.
        optimizer: the optimizer's own state.
        state: the model's state, one row a sequence of the batch.
        updates: how many times the weights were changed.
    """

    params: Float[AnyArray, " weight"]
    optimizer: Any
    state: Any
    updates: Any = 0


class Lesson(NamedTuple):
    """One batch as a rule reads it: time first, so that a scan walks through it.

    Attributes:
        inputs: what the model reads.
        targets: what it should say.
        mask: which steps are scored.
    """

    inputs: Shaped[AnyArray, "time batch ..."]
    targets: Shaped[AnyArray, "time batch ..."]
    mask: Bool[AnyArray, "time batch"]


class Learner(NamedTuple):
    """The functions a rule builds on; the engine makes them from model, loss and optimizer.

    Attributes:
        step: (params, state, input) -> (state, output), for one sequence.
        sequence: (params, states, inputs) -> (states, outputs), for a batch of whole sequences, time first.
        loss: (outputs, targets, mask) -> mean loss over the scored positions, for any leading axes.
        update: (memory, gradient, scored) -> memory after one step of the optimizer; unchanged where nothing
            was scored.
    """

    step: Callable[..., Any]
    sequence: Callable[..., Any]
    loss: Callable[..., Any]
    update: Callable[..., Memory]


@runtime_checkable
class Rule(Protocol):
    """What the engine asks of a learning rule: one function, run inside the compiled program."""

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Learn from one batch of whole sequences; return the memory after it and the mean loss met on the way."""
        ...
