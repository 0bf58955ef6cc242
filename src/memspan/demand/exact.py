"""The demand of a finite set of sequences, exactly: ceilings, the demand, and the conflicts that force it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from memspan.core.ceiling import Ceilings
from memspan.core.contexts import Contexts
from memspan.demand.conflicts import ContextConflict, find_conflicts

__all__ = ["Exact", "Step", "exact", "steps"]

STEPS_EXPLAINED = 10  # ceilings below the demand, the highest ones, whose conflicts are listed


@dataclass(frozen=True)
class Step:
    """Windows, from `first` to `last`, that share a ceiling."""

    first: int
    last: int
    ceiling: Fraction


@dataclass(frozen=True)
class Exact:
    """What is known exactly.

    Attributes:
        demand: smallest window with which the best accuracy that any window allows is reached.
        steps: the ceiling of every window, windows of equal ceiling together; the last step goes on for ever.
        conflicts: those at the last window of each step below the demand, from the longest window down, the
            costliest first.
        n_sequences: sequences in the set.
        n_positions: positions scored.
    """

    demand: int
    steps: tuple[Step, ...]
    conflicts: tuple[ContextConflict, ...]
    n_sequences: int
    n_positions: int


def exact(
    inputs: Sequence[Int[np.ndarray, " _"]],
    targets: Sequence[Int[np.ndarray, " _"]],
    mask: Sequence[Bool[np.ndarray, " _"]] | None = None,
    alphabet: Sequence[Any] | None = None,
    answers: Sequence[Any] | None = None,
) -> Exact:
    """Return the demand of sequences that are all there are, each as frequent as it is listed.

    Example:
        >>> known = exact([np.array([3, 0, 1, 2]), np.array([4, 0, 1, 2])],
        ...               [np.array([0, 1, 2, 3]), np.array([0, 1, 2, 4])])
        >>> known.demand, [(step.first, step.last, str(step.ceiling)) for step in known.steps]
        (4, [(1, 3, '7/8'), (4, 4, '1')])
        >>> print(known.conflicts[0])
        after 0 1 2: 3 in 50 %, 4 in 50 %; resolved by the symbol 4 steps back

    Args:
        inputs: the symbols of each sequence, as whole numbers from 0.
        targets: the symbol that is right after each input.
        mask: True where a position is scored; None scores all.
        alphabet: names of the input symbols, by number; None takes the numbers.
        answers: names of the target symbols, by number; None takes the alphabet.

    Returns:
        The ceilings, the demand and its conflicts.

    Raises:
        InvalidInput: lengths do not agree, or nothing is scored.
    """
    ceilings = Ceilings(inputs, targets, mask)
    found = steps(ceilings.at, ceilings.longest)
    wanted = np.concatenate(targets)
    scored = np.ones(len(wanted), bool) if mask is None else np.concatenate(mask)
    contexts = Contexts(inputs)
    names = range(int(contexts.symbols.max()) + 1) if alphabet is None else alphabet
    given = (range(int(wanted.max()) + 1) if alphabet is None else alphabet) if answers is None else answers
    conflicts = tuple(
        conflict
        for step in reversed(found[:-1][-STEPS_EXPLAINED:])
        for conflict in find_conflicts(contexts, wanted, scored, step.last, names, given)
    )
    return Exact(ceilings.demand, found, conflicts, len(inputs), int(scored.sum()))


def steps(at: Callable[[int], Fraction], longest: int) -> tuple[Step, ...]:
    """Return the ceilings of windows 1 to `longest`, asking only where they change: they never fall.

    Example:
        >>> [(step.first, step.last) for step in steps(lambda window: Fraction(min(window, 4) // 4), 1000)]
        [(1, 3), (4, 1000)]

    Args:
        at: the ceiling of a window.
        longest: the longest window that matters.

    Returns:
        Windows of equal ceiling together, in order.
    """
    starts = [1]
    _changes(at, 1, longest, at(1), at(longest), starts)
    ends = [*(start - 1 for start in starts[1:]), longest]
    return tuple(Step(first, last, at(first)) for first, last in zip(starts, ends, strict=True))


def _changes(
    at: Callable[[int], Fraction], low: int, high: int, below: Fraction, above: Fraction, starts: list[int]
) -> None:
    """Add the first windows of all steps after `low` up to `high`."""
    if below == above:
        return
    if high == low + 1:
        starts.append(high)
        return
    middle = (low + high) // 2
    between = at(middle)
    _changes(at, low, middle, below, between, starts)
    _changes(at, middle, high, between, above, starts)
