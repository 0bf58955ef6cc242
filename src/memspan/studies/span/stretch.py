"""Problems of longer lags that a trained network can be judged on, and those that it cannot."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from memspan.core.ceiling import Ceilings
from memspan.core.errors import InvalidInput, check_range
from memspan.core.problem import FiniteProblem, Problem
from memspan.core.spec import Spec
from memspan.engine.judge import check_judged

__all__ = ["Lags", "check_longer", "longer_lags", "stretched"]

Lags = Iterable[int | Callable[[int], int]]


def longer_lags(generalise: Lags, lag: int) -> tuple[int, ...]:
    """Return the longer lags that networks trained at one lag are judged at.

    Example:
        >>> longer_lags([100, lambda lag: 2 * lag], 30), longer_lags([100], 300)
        ((60, 100), ())

    Args:
        generalise: lags, or functions of the lag that was trained.
        lag: the one that was trained.

    Returns:
        Those that are longer, ascending.

    Raises:
        InvalidInput: one is no lag.
    """
    asked = {check_range("generalise", one(lag) if callable(one) else one, 1) for one in generalise}
    return tuple(sorted(longer for longer in asked if longer > lag))


def check_longer(generalise: Lags, lags: Sequence[int]) -> None:
    """Refuse longer lags none of which is longer than any that is trained.

    Args:
        generalise: as in `longer_lags`.
        lags: those that are trained.

    Raises:
        InvalidInput: there are some, but none is longer.
    """
    asked = tuple(generalise)
    if asked and not any(longer_lags(asked, lag) for lag in lags):
        raise InvalidInput(
            f"generalise must hold a lag longer than {min(lags):,}, the shortest that is trained, but got none; add one"
        )


def stretched(problem_at: Callable[[int], Problem], spec: Spec, lag: int) -> Problem:
    """Return the problem at a longer lag, if a network of a spec can be judged on it.

    It must have the same symbols, for the network has inputs for no others. And the two must not contradict each
    other: where nothing but the number of steps says when to answer, whoever is right on one is wrong on the other,
    whatever he remembers.

    Example:
        >>> import memspan as ms
        >>> parts = ms.models.LSTM(), ms.rules.BPTT(), ms.Adam()
        >>> end = ms.problems.Conflict(middle="random", scored="end")
        >>> stretched(end.with_lag, ms.Spec(end, *parts), 6).lag
        6
        >>> every = ms.problems.Conflict(middle="repeating")
        >>> stretched(every.with_lag, ms.Spec(every, *parts), 6)
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: generalise must be left out, for ... ask for different answers after the same
        beginning, so that no network is right on both; score only the end, or use a problem that announces it

    Args:
        problem_at: the problem at any lag.
        spec: what is trained, at a shorter lag.
        lag: the longer lag.

    Returns:
        The problem at that lag.

    Raises:
        InvalidInput: it is not what such a network could be right on.
    """
    problem = problem_at(lag)
    try:
        check_judged(spec, problem)
    except InvalidInput as refusal:
        raise InvalidInput(
            f"generalise must be left out, for {refusal}; use a problem of the same symbols at every lag, such as a "
            'Conflict with middle = "random" and scored = "end"'
        ) from refusal
    if _contradict(spec.problem, problem):
        raise InvalidInput(
            f"generalise must be left out, for {spec.problem.variant}, and {problem.variant} ask for different answers "
            "after the same beginning, so that no network is right on both; score only the end, or use a problem that "
            "announces it"
        )
    return problem


@functools.lru_cache(maxsize=256)
def _contradict(one: Problem, other: Problem) -> bool:
    """Whether no predictor, however long its memory, is as right on both as one could be on each alone."""
    if not all(isinstance(each, FiniteProblem) and each.is_fixed for each in (one, other)):
        return False
    alone, together = 0, _Sequences([], [], [])
    for each in (one, other):
        own = _Sequences.of(each)
        alone += own.right()
        together = together.and_those(own)
    return together.right() < alone


class _Sequences:
    """The sequences of fixed problems, as `Ceilings` reads them."""

    def __init__(self, inputs: list[Any], targets: list[Any], masks: list[Any]) -> None:
        self._inputs, self._targets, self._masks = inputs, targets, masks

    @classmethod
    def of(cls, problem: Problem) -> _Sequences:
        batch = problem.batch(None)
        return cls(*(list(np.asarray(rows)) for rows in (batch.inputs, batch.targets, batch.mask)))

    def and_those(self, other: _Sequences) -> _Sequences:
        return _Sequences(self._inputs + other._inputs, self._targets + other._targets, self._masks + other._masks)

    def right(self) -> int:
        """Return how many scored steps one can be right on who has seen the whole sequence so far."""
        share = Ceilings(self._inputs, self._targets, self._masks).at(max(map(len, self._inputs)))
        return round(share * sum(int(mask.sum()) for mask in self._masks))
