"""Read-out: a linear decoder finds the cue in the state, step by step, on sequences that it was not made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.probes.reader import Reader
from memspan.probes.steps import spread
from memspan.probes.trials import Trials
from memspan.probes.units import real_units
from memspan.stats import wilson

__all__ = ["ReadOut", "read_out"]

RIDGE = 1e-6  # of the states' mean variance: what makes the decoder one of many, and no more


@dataclass(frozen=True)
class ReadOut:
    """How often a linear decoder tells the cue from the state.

    Attributes:
        steps: after which step (from 1, the cue); the last one is that in which the cue is asked for.
        told: share of held-out readings in which the decoder is right.
        chance: share of the commonest cue among them.
        noise: standard deviation of the noise on every number, as a share of the states' own.
        trained_on: readings that each decoder was made from.
        level: the share that counts as readable.
    """

    steps: tuple[int, ...]
    told: tuple[Estimate, ...]
    chance: float
    noise: float
    trained_on: int
    level: float

    @property
    def readable(self) -> tuple[int, ...]:
        """The steps from the cue on at which the cue can be read: in enough readings, and surely above chance."""
        pairs = zip(self.steps, self.told, strict=True)
        return tuple(
            step for step, _ in takewhile(lambda p: p[1].point >= self.level and p[1].low > self.chance, pairs)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "chance": self.chance,
            "noise": self.noise,
            "trained_on": self.trained_on,
            "level": self.level,
            "readable": list(self.readable),
            "steps": [{"step": s, "told": t.to_json()} for s, t in zip(self.steps, self.told, strict=True)],
        }


def read_out(
    reader: Reader,
    train: Trials,
    test: Trials,
    steps: Sequence[int] | None = None,
    *,
    noise: float = 0.01,
    level: float = 0.9,
    repeats: int = 256,
    seed: int = 0,
) -> ReadOut:
    """Decode the cue from the state after every step, with one linear decoder a step.

    Numbers are exact and memories are not: a difference of one part in a million can be decoded, and serves no
    network. So the states are read with noise. Where the problem has a few fixed sequences there are no others to
    hold out; then what is held out are readings, with noise of their own.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=4)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=1)[0]
        >>> trials = trials_of(problem)
        >>> read_out(reader_of(window), trials, trials).readable
        (1, 2)

    Args:
        reader: the model.
        train: sequences that the decoders are made from.
        test: others that they are judged on; the same where there are no others.
        steps: after which steps, from 1; by default all, or 40 spread evenly, and the last.
        noise: standard deviation of the noise, as a share of the root mean square deviation of the state's numbers.
        level: the share that counts as readable.
        repeats: readings of each kind, where a few sequences must be read over and over.
        seed: decides the noise.

    Returns:
        Shares with intervals.

    Raises:
        InvalidInput: the noise is negative, or a step is out of range.

    References:
        Least squares onto one-hot cues, with a ridge: Hastie, Tibshirani and Friedman 2009, sections 4.2 and 3.4.1.
    """
    if not 0 <= noise < np.inf:
        raise InvalidInput(f"noise must be a number from 0, but got {noise}; 0.01 is usual")
    chosen = (*spread(train, steps), train.delay + 1) if steps is None else spread(train, steps)
    rng = np.random.default_rng(seed)
    sides = [side.tiled(max(repeats, len(side))) if side.complete else side for side in (train, test)]
    seen = [_states(reader, side, chosen) for side in sides]
    sigma = noise * float(np.sqrt(np.var(seen[0], axis=(0, 1)).mean()))
    fit, judge = (states + sigma * rng.standard_normal(states.shape) for states in seen)
    told = [
        wilson(int((_decoded(fit[:, at], sides[0].cues, judge[:, at]) == sides[1].cues).sum()), len(judge))
        for at in range(len(chosen))
    ]
    return ReadOut(chosen, tuple(told), sides[1].chance, noise, len(fit), level)


def _states(reader: Reader, trials: Trials, steps: tuple[int, ...]) -> Float[np.ndarray, "trial step unit"]:
    states = np.asarray(reader.read(reader.start(len(trials)), trials.inputs).states, float)
    return states[:, np.array(steps) - 1][:, :, real_units(reader)]


def _decoded(
    fit: Float[np.ndarray, "reading unit"], cues: Int[np.ndarray, " reading"], judge: Float[np.ndarray, "other unit"]
) -> Int[np.ndarray, " other"]:
    """Return the cue that a decoder made from some readings finds in others."""
    onehot = np.eye(cues.max() + 1)[cues]
    centre, share = fit.mean(axis=0), onehot.mean(axis=0)
    x, y = fit - centre, onehot - share
    ridge = RIDGE * float((x**2).mean()) * len(x) + np.finfo(float).tiny
    if x.shape[1] <= len(x):
        weights = np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ y)
    else:
        weights = x.T @ np.linalg.solve(x @ x.T + ridge * np.eye(len(x)), y)
    return ((judge - centre) @ weights + share).argmax(axis=1)
