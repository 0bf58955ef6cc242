"""Real-time recurrent learning: the exact gradient, forward in time, with an update after every step."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Array, Float

from memspan.core.rule import Learner, Lesson, Memory
from memspan.rules.influence import learn_forward

__all__ = ["RTRL"]


@dataclass(frozen=True)
class RTRL:
    """One update after every step, credited through all steps of its sequence so far.

    The gradient of the current loss is the truncated one of `Online` plus what the carried influence adds: how
    the state before this step would have differed with other weights. Memory does not grow with the length of the
    sequence.

    Which influences can ever be other than zero is read off the model. Where every number of the state depends
    on its own past only, as in minLSTM, minGRU, LRU and S5, few can: a step then costs a few times the step
    itself, and what is carried is a few times the weights. Otherwise a step costs state x state x weights.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=4), RTRL(), epochs=2)
        >>> runs.updates
        16

    References:
        Williams and Zipser 1989; diagonal recurrences: Zucchet et al. 2023.
    """

    @property
    def horizon(self) -> None:
        """Inputs back that credit reaches. None: a gradient reaches all that was read since the last reset."""
        return None

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Walk through the lesson, updating after every step."""
        return learn_forward(learner, memory, lesson, steps=None)
