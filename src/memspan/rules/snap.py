"""Sparse n-step approximation of real-time recurrent learning."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Array, Float

from memspan.core.errors import check_range
from memspan.core.rule import Learner, Lesson, Memory
from memspan.rules.influence import learn_forward

__all__ = ["SnAp"]


@dataclass(frozen=True)
class SnAp:
    """RTRL that carries only the influences of a weight on the states that it reaches within n steps.

    An update after every step. With n = 1 a weight of a unit is followed in the state of that unit alone, across
    any number of steps; with n as large as the state it is exact RTRL. For diagonal recurrences n = 1 is exact.
    What is carried is a few times the weights at n = 1. The time of a step is that of `state` backward passes
    where the recurrence is dense, because the entries of its Jacobian that are used cannot be had apart.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=4), SnAp(1), epochs=2)
        >>> runs.updates
        16

    Attributes:
        n: steps within which a weight must reach a state for its influence on it to be kept.

    References:
        Menick et al. 2020, "A practical sparse approximation for real time recurrent learning", section 3.
    """

    n: int = 1

    def __post_init__(self) -> None:
        check_range("n", self.n, 1)

    @property
    def horizon(self) -> None:
        """Inputs back that credit reaches. None: what is followed is followed as far back as it goes."""
        return None

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Walk through the lesson, updating after every step."""
        return learn_forward(learner, memory, lesson, steps=self.n)
