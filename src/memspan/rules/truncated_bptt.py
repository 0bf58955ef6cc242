"""Truncated backpropagation through time: an update every k1 steps, credited through the last k2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from memspan.core.errors import InvalidInput, check_range
from memspan.core.rule import Learner, Lesson, Memory

__all__ = ["TruncatedBPTT"]


class _Met(NamedTuple):
    """What one update met: its loss, and how many positions it was the mean of."""

    loss: Float[Array, "*update"]
    scored: Int[Array, "*update"]


@dataclass(frozen=True)
class TruncatedBPTT:
    """An update every `k1` steps from the loss of the last `k1` steps, credited through the last `k2` steps.

    For an update the last `k2` steps are read once more with the current weights, from the state that the previous
    such reading left at that place; steps before the beginning of the lesson there are none. The state after
    the last step is handed to the next lesson. Steps that are left over at the end form a shorter segment, with an
    update of its own, credited from where a full one would be. `TruncatedBPTT(T, T)` is BPTT, `TruncatedBPTT(1, 1)`
    is the tutorial's online rule.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=4), TruncatedBPTT(3, 4), epochs=1)
        >>> runs.updates  # two sequences of four steps: after steps 3 and 4 of each
        4

    Attributes:
        k1: steps between two updates.
        k2: steps through which an error is followed, at least k1.

    References:
        Williams and Peng 1990, BPTT(h; h'), with h = k2 and h' = k1; Sutskever 2013, section 2.8.6.
    """

    k1: int
    k2: int

    def __post_init__(self) -> None:
        check_range("k1", self.k1, 1)
        check_range("k2", self.k2, 1)
        if self.k2 < self.k1:
            raise InvalidInput(
                f"k2 must be at least k1, because the loss of k1 steps is credited through k2, but got k1={self.k1} "
                f"and k2={self.k2}; use k2={self.k1} or more"
            )

    @property
    def horizon(self) -> int:
        """Inputs back that credit reaches: k2."""
        return self.k2

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Walk through the lesson, updating after every segment."""
        time = len(lesson.mask)
        k1, k2 = min(self.k1, time), self.k2
        n, rest = divmod(time, k1)
        length = min(k2, time)

        def segment(carry: tuple[Memory, Any], number: Int[Array, ""]) -> tuple[tuple[Memory, Any], _Met]:
            memory, state = carry  # the state where this window begins
            begin, following = (_begin(number + ahead, k1, k2) for ahead in (0, 1))
            window = jax.tree.map(lambda rows: jax.lax.dynamic_slice_in_dim(rows, begin, length), lesson)
            times = begin + jnp.arange(length)
            # In the first windows, which cannot begin before the lesson, the last steps are yet to come.
            now = (times >= number * k1) & (times < (number + 1) * k1)
            window = window._replace(mask=window.mask & now[:, None])
            memory, passed, met = _update(learner, memory, state, window, _stops(k1, k2))
            return (memory, _at(following - begin, _stops(k1, k2), [state, *passed])), met

        (memory, state), met = jax.lax.scan(segment, (memory, memory.state), jnp.arange(n))
        if rest:
            begin = max(0, (n + 1) * k1 - k2)
            window = jax.tree.map(lambda rows: rows[begin:], lesson)
            window = window._replace(mask=window.mask & (jnp.arange(begin, time) >= n * k1)[:, None])
            memory, _, last = _update(learner, memory, state, window, [])
            met = _Met(*(jnp.append(rows, row) for rows, row in zip(met, last, strict=True)))
        return memory, jnp.sum(met.loss * met.scored) / jnp.maximum(jnp.sum(met.scored), 1)


def _begin(number: Int[Array, ""], k1: int, k2: int) -> Int[Array, ""]:
    """Return the first step of a window."""
    return jnp.maximum(0, (number + 1) * k1 - k2)


def _stops(k1: int, k2: int) -> list[int]:
    """Return how far from the beginning of a window the next one may begin, other than at the same place."""
    return sorted({-k2 % k1, k1} - {0})


def _at(distance: Int[Array, ""], stops: list[int], states: list[Any]) -> Any:
    """Return the state at a distance from the beginning of a window, of those at 0 and at the stops."""
    which = jnp.searchsorted(jnp.array([0, *stops]), distance)
    return jax.tree.map(lambda *leaves: jax.lax.select_n(which, *leaves), *states)


def _update(
    learner: Learner, memory: Memory, state: Any, window: Lesson, stops: list[int]
) -> tuple[Memory, list[Any], _Met]:
    """Read a window, update, and return the states at the stops too."""
    ends = [*stops, len(window.mask)]
    parts = [(a, b) for a, b in zip([0, *stops], ends, strict=True) if a < b]

    def cost(params: Float[Array, " weight"]) -> tuple[Float[Array, ""], list[Any]]:
        states, outputs = [state], list[Array]()
        for a, b in parts:
            after, said = learner.sequence(params, states[-1], window.inputs[a:b])
            states.append(after)
            outputs.append(said)
        return learner.loss(jnp.concatenate(outputs), window.targets, window.mask), states[1:]

    (loss, states), gradient = jax.value_and_grad(cost, has_aux=True)(memory.params)
    memory = learner.update(memory._replace(state=states[-1]), gradient, jnp.any(window.mask))
    return memory, states[: len(stops)], _Met(loss, jnp.sum(window.mask))
