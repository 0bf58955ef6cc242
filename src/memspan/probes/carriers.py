"""Carriers: a set of numbers of the state that carries the cue alone, and of which none can be left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import check_range
from memspan.core.estimate import Estimate
from memspan.probes.reader import Reader
from memspan.probes.steps import middle_step
from memspan.probes.trials import Trials
from memspan.probes.units import blind, real_units, unit_name

__all__ = ["Carriers", "carriers"]


@dataclass(frozen=True)
class Carriers:
    """Which numbers of the state carry the cue.

    Attributes:
        step: after which step all others were blinded.
        units: the numbers that were left, in the order in which they were found; none where even the whole state
            does not suffice.
        of: real numbers of the state.
        level: the share of trials that had to be told.
        told: share that is told with these alone, on trials that did not choose them, where there are such.
        whole: the same, with the whole state.
        chance: share that is told where nothing is remembered.
    """

    step: int
    units: tuple[str, ...]
    of: int
    level: float
    told: Estimate
    whole: Estimate
    chance: float

    @property
    def found(self) -> bool:
        """Whether there is such a set."""
        return bool(self.units)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "step": self.step,
            "units": list(self.units),
            "of": self.of,
            "level": self.level,
            "told": self.told.to_json(),
            "whole": self.whole.to_json(),
            "chance": self.chance,
        }


def carriers(
    reader: Reader,
    trials: Trials,
    check: Trials | None = None,
    *,
    step: int | None = None,
    level: float = 0.9,
    most_units: int = 64,
) -> Carriers:
    """Find numbers of the state that carry the cue alone: all others are set to what says nothing about it.

    Numbers are added one by one, each time the one that helps the right answer most, until the cue is told in a
    share of the trials; then those are taken out that turn out not to be needed. No number of the set can be left
    out; that no other set is smaller is not proved.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=2)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=300)[0]
        >>> carriers(reader_of(window), trials_of(problem)).told.point
        1.0

    Args:
        reader: the model.
        trials: sequences with which to search.
        check: others, on which the set that was found is judged; by default the same.
        step: after which step; by default half-way.
        level: the share of trials that must be told.
        most_units: numbers to choose from, where there are more: those that differ most from cue to cue.

    Returns:
        The set, and how often it suffices.

    Raises:
        InvalidInput: the step is out of range.
    """
    after = middle_step(trials) if step is None else check_range("step", step, 1, trials.delay)
    search, judge = _Blinded(reader, trials, after), _Blinded(reader, check or trials, after)
    numbers = real_units(reader)
    choice = numbers[np.argsort(-search.apart[numbers], kind="stable")][:most_units].tolist()
    choice = [unit for unit in choice if search.apart[unit] > 0]
    chosen: list[int] = []
    while search.told(chosen).point < level and len(chosen) < len(choice):
        rest = [unit for unit in choice if unit not in chosen]
        chosen.append(max(rest, key=lambda unit: search.margin([*chosen, unit])))
    if search.told(chosen).point < level:
        chosen = []
    for unit in list(chosen):
        less = [other for other in chosen if other != unit]
        if less and search.told(less).point >= level:
            chosen = less
    names = tuple(unit_name(reader, unit) for unit in chosen)
    return Carriers(
        after, names, len(numbers), level, judge.told(chosen), judge.told(numbers.tolist()), judge.trials.chance
    )


class _Blinded:
    """A model of whose state only some numbers are left after a step."""

    def __init__(self, reader: Reader, trials: Trials, step: int) -> None:
        self.trials, self._reader, self._step = trials, reader, step
        self._states = np.asarray(reader.advance(reader.start(len(trials)), trials.inputs, 0, step))
        self._blind = blind(self._states, trials)
        means = np.stack([self._states[trials.cues == cue].mean(axis=0) for cue in np.unique(trials.cues)])
        self.apart = np.ptp(means, axis=0)
        self._real = real_units(reader)

    def told(self, units: Collection[int]) -> Estimate:
        """Return how often the cue is told."""
        return self.trials.share(self.trials.told(self._outputs(units)) == self.trials.cues)

    def margin(self, units: Collection[int]) -> float:
        """Return how clearly it is told; trials that are sure already do not hide the others."""
        return float(np.tanh(self.trials.margin(self._outputs(units)) / 2).mean())

    def _outputs(self, units: Collection[int]) -> Float[np.ndarray, "trial output"]:
        state = self._states.copy()
        hidden = [unit for unit in self._real.tolist() if unit not in units]
        state[:, hidden] = self._blind[hidden]
        return np.asarray(self._reader.read(state, self.trials.inputs, self._step).outputs)[:, -1]
