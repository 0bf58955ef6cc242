"""Swap: two sequences exchange their states; does the answer go with the state, or stay with the input?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from memspan.core.estimate import Estimate
from memspan.probes.reader import Part, Reader
from memspan.probes.steps import spread
from memspan.probes.trials import Trials

__all__ = ["ALL", "Swapped", "swap"]

ALL = "whole state"


@dataclass(frozen=True)
class Swapped:
    """How often the answer follows a state that was exchanged.

    Attributes:
        parts: what was exchanged: the whole state, and each of its parts alone.
        steps: after which step (from 1, the cue) it was exchanged.
        follows: swap score: share of trials that tell the other sequence's cue; one row a part.
        stays: share of trials that tell their own cue all the same; one row a part.
        chance: share that would tell the other's cue without knowing either.
    """

    parts: tuple[str, ...]
    steps: tuple[int, ...]
    follows: tuple[tuple[Estimate, ...], ...]
    stays: tuple[tuple[Estimate, ...], ...]
    chance: float

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "chance": self.chance,
            "steps": list(self.steps),
            "parts": [
                {"part": part, "follows": [f.to_json() for f in follows], "stays": [s.to_json() for s in stays]}
                for part, follows, stays in zip(self.parts, self.follows, self.stays, strict=True)
            ],
        }


def swap(reader: Reader, trials: Trials, steps: Sequence[int] | None = None, seed: int = 0) -> Swapped:
    """Give each trial the state of one with another cue, after a step, and let it read on.

    If the cue sits in what was exchanged, and nowhere else, all trials now tell the other cue. Exchanged part by
    part, the score says where in the state it sits.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=2)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=300)[0]
        >>> swap(reader_of(window), trials_of(problem)).follows[0][0].point
        1.0

    Args:
        reader: the model.
        trials: sequences of the problem.
        steps: after which steps to exchange, from 1 (the cue's) to the one before the last; by default all, or 40
            spread evenly.
        seed: decides which trials exchange their states.

    Returns:
        Scores with intervals.

    Raises:
        InvalidInput: a step is out of range.
    """
    chosen = spread(trials, steps)
    donors = trials.donors(np.random.default_rng(seed))
    states = np.asarray(reader.read(reader.start(len(trials)), trials.inputs).states)
    parts = _parts(reader)
    follows, stays = list[tuple[Estimate, ...]](), list[tuple[Estimate, ...]]()
    for part in parts:
        scores = list[tuple[Bool[np.ndarray, " trial"], Bool[np.ndarray, " trial"]]]()
        for step in chosen:
            state = states[:, step - 1].copy()
            state[:, part.first : part.last] = states[donors, step - 1, part.first : part.last]
            told = trials.told(np.asarray(reader.read(state, trials.inputs, step).outputs)[:, -1])
            scores.append((told == trials.cues[donors], told == trials.cues))
        follows.append(tuple(trials.share(other) for other, _ in scores))
        stays.append(tuple(trials.share(own) for _, own in scores))
    chance = 1 / len(trials.answers)
    return Swapped(tuple(part.name for part in parts), chosen, tuple(follows), tuple(stays), chance)


def _parts(reader: Reader) -> list[Part]:
    """Return the whole state, and its parts where it has several."""
    whole = Part(ALL, 0, reader.parts[-1].last)
    return [whole, *reader.parts] if len(reader.parts) > 1 else [whole]
