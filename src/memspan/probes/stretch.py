"""Stretch: how right a model is when the delay grows beyond that of its training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np
from jaxtyping import Bool, Shaped

from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.core.estimate import Estimate
from memspan.probes.intervals import EXACT
from memspan.probes.reader import Reader
from memspan.probes.trials import Trials
from memspan.stats import memory_span

__all__ = ["FILLERS", "HoldSpan", "Stretched", "stretch"]

FILLERS = ("draw", "hold", "cycle")
POINTS = 32


@dataclass(frozen=True)
class HoldSpan:
    """The longest tested delay such that there, and at every shorter tested one, the cue is held.

    Attributes:
        level: the least share of trials in which the cue is told.
        point: in steps; None where it is less than the shortest tested delay.
        low: its lower end; the same.
        high: its upper end; the same.
        tested: the delays, ascending. A span that is the last of them may in truth be longer.
        method: how the interval was made.
    """

    level: float
    point: int | None
    low: int | None
    high: int | None
    tested: tuple[int, ...]
    method: str

    @property
    def is_longest_tested(self) -> bool:
        """Whether the span is the longest tested delay, so that it may be longer."""
        return self.point == self.tested[-1]

    def __str__(self) -> str:
        if self.low == self.point == self.high:
            return self._name(self.point)
        return f"{self._name(self.point)} [{self._name(self.low)}, {self._name(self.high)}]"

    def _name(self, delay: int | None) -> str:
        if delay is None:
            return f"< {self.tested[0]:,}"
        return f">= {delay:,}" if delay == self.tested[-1] else f"{delay:,}"

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data; null is "below the shortest tested delay"."""
        return {
            "level": self.level,
            "point": self.point,
            "low": self.low,
            "high": self.high,
            "shortest_tested": self.tested[0],
            "longest_tested": self.tested[-1],
            "is_longest_tested": self.is_longest_tested,
            "method": self.method,
        }


@dataclass(frozen=True)
class Stretched:
    """How right a model is at each delay.

    Attributes:
        trained: the delay of its training.
        filler: what the further steps are made of: one of `FILLERS`.
        symbols: different inputs that they are made of.
        delays: steps between the cue and the step that needs it.
        told: share of trials in which the largest of the cues' outputs is the right one: memory alone.
        right: share in which it is the largest of all outputs: the model also knows that it is time.
        chance: share that is told where nothing is remembered.
        span: the longest delay over which the cue is held.
    """

    trained: int
    filler: str
    symbols: int
    delays: tuple[int, ...]
    told: tuple[Estimate, ...]
    right: tuple[Estimate, ...]
    chance: float
    span: HoldSpan

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        rows = zip(self.delays, self.told, self.right, strict=True)
        return {
            "trained_delay": self.trained,
            "filler": self.filler,
            "symbols": self.symbols,
            "chance": self.chance,
            "span": self.span.to_json(),
            "delays": [{"delay": d, "told": t.to_json(), "right": r.to_json()} for d, t, r in rows],
        }


def stretch(
    reader: Reader,
    trials: Trials,
    delays: Iterable[int] | None = None,
    *,
    longest: int | None = None,
    filler: str = "draw",
    level: float = 0.9,
    repeats: int = 128,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Stretched:
    """Lengthen the delay, and ask for the cue.

    The further steps lie between the cue and the middle that was trained with, so that a sequence ends as in
    training, and the end itself never says more than it did. What they are made of is a choice, for no longer delay
    is the training's own: "draw" takes inputs of the middle at random (for a middle that is drawn afresh that is more
    of the same; for a fixed one they come in orders that were never trained), "hold" repeats the first input of the
    middle, "cycle" runs through the middle again and again. Where there is but one such input (a repeating middle),
    all three are the same.

    A trial is drawn once, and asked at every delay: memory that is lost stays lost.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=1, middle="repeating")
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=5), ms.rules.BPTT(), seeds=1, epochs=300)[0]
        >>> stretch(reader_of(window), trials_of(problem), delays=[1, 2, 30]).told[-1].point
        0.5

    Args:
        reader: the model.
        trials: sequences of the problem.
        delays: those to test, at least the trained one; by default up to 32, evenly by their logarithm.
        longest: the last of these by default: ten times the trained delay, and 100 at least.
        filler: one of `FILLERS`.
        level: the least share of trials that counts as held.
        repeats: trials at each delay, where the fillers are drawn.
        seed: decides the draws.
        on_progress: called with the steps that are done and those there are.

    Returns:
        Shares with intervals, and the span.

    Raises:
        InvalidInput: a delay is shorter than the trained one, or a choice is none.
    """
    check_choice("filler", filler, FILLERS)
    tested = _delays(trials.delay, delays, longest)
    pool = trials.pool
    exact = trials.complete and (filler != "draw" or len(pool) == 1)
    asked = trials if exact else trials.tiled(max(repeats, len(trials))) if trials.complete else trials
    extra = _extra(asked, filler, tested[-1] - trials.delay, pool, np.random.default_rng(seed))
    state = reader.advance(reader.start(len(asked)), asked.inputs[:, :1], 0, 1)
    at, told, right = 0, list[Bool[np.ndarray, " trial"]](), list[Bool[np.ndarray, " trial"]]()
    for delay in tested:
        state = reader.advance(state, extra, at, delay - trials.delay)
        at = delay - trials.delay
        outputs = np.asarray(reader.read(state, asked.inputs, 1).outputs)[:, -1]
        told.append(asked.told(outputs) == asked.cues)
        right.append(told[-1] & (outputs.argmax(axis=1) == asked.right))
        if on_progress is not None:
            on_progress(at, tested[-1] - trials.delay)
    return Stretched(
        trials.delay,
        filler,
        len(pool),
        tested,
        tuple(asked.share(row) for row in told),
        tuple(asked.share(row) for row in right),
        asked.chance,
        _span(tested, told, level, asked.complete),
    )


def _delays(trained: int, delays: Iterable[int] | None, longest: int | None) -> tuple[int, ...]:
    if delays is not None:
        return tuple(sorted({check_range("delays", delay, trained) for delay in delays}))
    last = max(100, 10 * trained) if longest is None else check_range("longest", longest, trained)
    return tuple(np.unique(np.geomspace(trained, last, POINTS).round().astype(int)).tolist())


def _extra(
    trials: Trials, filler: str, steps: int, pool: Shaped[np.ndarray, "symbol ..."], rng: np.random.Generator
) -> Shaped[np.ndarray, "trial time ..."]:
    """Return the further steps of each trial, and some that nobody reads: few lengths, so few programs to compile."""
    steps = 1 << max(4, (steps - 1).bit_length())
    if filler == "draw":
        return pool[rng.integers(len(pool), size=(len(trials), steps))]
    middle = trials.inputs[:, 1:]
    return middle[:, np.arange(steps) % (1 if filler == "hold" else middle.shape[1])]


def _span(delays: tuple[int, ...], told: list[Bool[np.ndarray, " trial"]], level: float, exact: bool) -> HoldSpan:
    if not 0 < level <= 1:
        raise InvalidInput(f"level must be above 0 and at most 1, but got {level}; 0.9 is usual")
    if exact:
        held = [delay for delay, _ in takewhile(lambda pair: pair[1].mean() >= level, zip(delays, told, strict=True))]
        point = held[-1] if held else None
        return HoldSpan(level, point, point, point, delays, EXACT)
    span = memory_span(delays, [int(row.sum()) for row in told], [len(row) for row in told], level)
    return HoldSpan(level, span.point, span.low, span.high, delays, span.method)
