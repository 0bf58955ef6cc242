"""The conflicts that force a demand: contexts after which more than one symbol is right."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from memspan.core.contexts import Contexts

__all__ = ["ContextConflict", "find_conflicts", "readable"]

SHOWN = 8  # symbols of a context that a person reads at once


@dataclass(frozen=True)
class ContextConflict:
    """A context that is followed by different symbols.

    Attributes:
        window: symbols seen.
        context: the last `window` symbols, fewer where that is all since the start.
        followers: each right symbol with how often it is, the commonest first.
        times: how often the context comes up.
        resolved_by: how many steps before the predicted symbol the nearest symbol stands that settles which
            follower is right, together with those nearer; None where no symbol does.
    """

    window: int
    context: tuple[object, ...]
    followers: tuple[tuple[object, int], ...]
    times: int
    resolved_by: int | None

    def __str__(self) -> str:
        shares = ", ".join(
            f"{_word(symbol)} in {100 * often / self.times:.3g} %" for symbol, often in self.followers[:SHOWN]
        )
        more = f" and {len(self.followers) - SHOWN:,} more" if len(self.followers) > SHOWN else ""
        settled = "resolved by no symbol before"
        if self.resolved_by is not None:
            settled = f"resolved by the symbol {self.resolved_by:,} steps back"
        start = "the start and " if len(self.context) < self.window else ""
        return f"after {start}{readable(self.context)}: {shares}{more}; {settled}"


def readable(symbols: Sequence[object]) -> str:
    """Return symbols in a line, the middle of a long context left out.

    Example:
        >>> readable(range(1000))
        '0 1 2 3 ... 996 997 998 999 (1,000 symbols)'
    """
    words = [_word(symbol) for symbol in symbols]
    if len(words) <= SHOWN:
        return " ".join(words)
    half = SHOWN // 2
    return f"{' '.join(words[:half])} ... {' '.join(words[-half:])} ({len(words):,} symbols)"


def _word(symbol: object) -> str:
    """Return a symbol as text, in quotes where it could not be seen."""
    text = str(symbol)
    return text if text.strip() and text.isprintable() else repr(symbol)


def find_conflicts(
    contexts: Contexts,
    targets: Int[np.ndarray, " time"],
    scored: Bool[np.ndarray, " time"],
    window: int,
    alphabet: Sequence[Any],
    answers: Sequence[Any],
    most: int = 5,
) -> tuple[ContextConflict, ...]:
    """Return the conflicts at a window that cost the most right answers.

    Example:
        >>> inputs = [np.array([3, 0, 1, 2]), np.array([4, 0, 1, 2])]
        >>> targets = np.array([0, 1, 2, 3, 0, 1, 2, 4])
        >>> print(*find_conflicts(Contexts(inputs), targets, targets >= 0, 3, range(5), range(5)))
        after 0 1 2: 3 in 50 %, 4 in 50 %; resolved by the symbol 4 steps back

    Args:
        contexts: of all sequences, one after the other.
        targets: the right symbol at each position.
        scored: True where a position is scored.
        window: symbols seen, 1 or more.
        alphabet: the symbols of the inputs, by number.
        answers: the symbols of the targets, by number.
        most: how many to return.

    Returns:
        The conflicts, the costliest first.
    """
    positions = np.flatnonzero(scored)
    numbers = contexts.numbers(window)[positions]
    cost = _wrong(numbers, targets[positions])
    first = np.full(len(cost), len(positions))
    np.minimum.at(first, numbers, np.arange(len(positions)))
    worst = np.lexsort((first, -cost))[:most]
    return tuple(
        _conflict(contexts, targets, positions[numbers == number], window, alphabet, answers)
        for number in worst[cost[worst] > 0]
    )


def _conflict(
    contexts: Contexts,
    targets: Int[np.ndarray, " time"],
    group: Int[np.ndarray, " sample"],
    window: int,
    alphabet: Sequence[Any],
    answers: Sequence[Any],
) -> ContextConflict:
    symbols, often = np.unique(targets[group], return_counts=True)
    ranked = np.argsort(-often, kind="stable")
    longest = int(contexts.time[group].max()) + 1

    def settled(longer: int) -> bool:
        return not _wrong(contexts.numbers(longer)[group], targets[group]).any()

    # One symbol more than the longest tells that another context began later.
    reach = range(window + 1, longest + 2)
    resolved = reach[bisect_left(reach, True, key=settled)] if len(reach) and settled(reach[-1]) else None
    return ContextConflict(
        window=window,
        context=tuple(alphabet[symbol] for symbol in contexts.at(int(group[0]), window).tolist()),
        followers=tuple((answers[int(symbols[i])], int(often[i])) for i in ranked),
        times=len(group),
        resolved_by=resolved,
    )


def _wrong(context: Int[np.ndarray, " sample"], target: Int[np.ndarray, " sample"]) -> Int[np.ndarray, " length"]:
    """Return how many positions the best answer to each context gets wrong, by the context's number."""
    size = int(target.max()) + 1
    pairs, often = np.unique(context * size + target, return_counts=True)
    best = np.zeros(int(context.max()) + 1, np.int64)
    np.maximum.at(best, pairs // size, often)
    return np.bincount(context, minlength=len(best)) - best
