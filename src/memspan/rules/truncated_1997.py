"""The truncated learning rule of the 1997 paper: errors flow back in time along the cells and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
from jaxtyping import Array, Float

from memspan.core.errors import InvalidInput
from memspan.core.rule import Learner, Lesson, Memory
from memspan.rules.influence import learn_forward

__all__ = ["Truncated1997"]

CELL = "cell"


@dataclass(frozen=True)
class Truncated1997:
    """One update after every scored step; an error that leaves a cell block is not followed into earlier steps.

    It is the exact gradient of a cut graph: whatever a step reads of the state before it is a constant, the parts
    named `cell` alone excepted. What is carried is one number for each weight and cell that it feeds; the cost of
    a step grows as the number of weights, and neither grows with the length of the sequence. With a forget gate it
    is the rule of Gers et al. 2000. The paper leaves open whether weights change at each step or at the end of a
    sequence; here they change at each.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=4), Truncated1997(), epochs=2)
        >>> runs.updates
        16

    References:
        Hochreiter and Schmidhuber 1997, appendix A.1; Gers, Schmidhuber and Cummins 2000, section 2.3.
    """

    @property
    def horizon(self) -> None:
        """Inputs back that credit reaches. None along the cells; along any other way, nothing but the scored step."""
        return None

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Walk through the lesson, updating after every step."""
        parts = [_name(path) for path, _ in jax.tree.flatten_with_path(memory.state)[0]]
        if CELL not in parts:
            others = ", ".join(dict.fromkeys(filter(None, parts))) or "no named parts"
            raise InvalidInput(
                f"rule Truncated1997 must be given a model whose state has a part named cell, but got one with "
                f"{others}; use an LSTM, or another rule"
            )

        def step(params: Any, state: Any, x: Any) -> Any:
            return learner.step(params, jax.tree.map_with_path(_only_cells, state), x)

        return learn_forward(learner._replace(step=step), memory, lesson, steps=None)


def _name(path: tuple[Any, ...]) -> str:
    """Return the name of a part of the state: that of its field or key."""
    last = path[-1]
    return str(getattr(last, "name", getattr(last, "key", "")))


def _only_cells(path: tuple[Any, ...], part: Array) -> Array:
    return part if _name(path) == CELL else jax.lax.stop_gradient(part)
