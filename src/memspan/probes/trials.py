"""Trials: sequences whose first step is a cue, and whose last answer depends on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from memspan.core.errors import InvalidInput, check_range
from memspan.core.estimate import Estimate
from memspan.core.problem import Problem
from memspan.probes.intervals import EXACT
from memspan.stats import wilson

__all__ = ["Trials", "trials_of"]


@dataclass(frozen=True, eq=False)
class Trials:
    """Sequences side by side, the cue of each, and what is to be said at the end of each.

    Attributes:
        inputs: symbols, or vectors; the first step is the cue.
        cues: which of the cues each sequence has.
        answers: the output that is right for each cue, at the last step.
        names: what the cues are called.
        complete: whether these are all the sequences there are, each once: what is counted in them has no
            uncertainty.
    """

    inputs: Shaped[np.ndarray, "trial time ..."]
    cues: Int[np.ndarray, " trial"]
    answers: Int[np.ndarray, " cue"]
    names: tuple[object, ...]
    complete: bool = False

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, rows: slice | Int[np.ndarray, " _"] | Sequence[int]) -> Trials:
        """Return some of the trials, which are no longer all there are."""
        return Trials(self.inputs[rows], self.cues[rows], self.answers, self.names)

    @property
    def delay(self) -> int:
        """Steps between the cue and the step that needs it."""
        return self.inputs.shape[1] - 1

    @property
    def chance(self) -> float:
        """The share that is right where the cue is not known: that of the commonest cue."""
        return float(np.bincount(self.cues).max() / len(self))

    @property
    def right(self) -> Int[np.ndarray, " trial"]:
        """The output that is right at the last step of each trial."""
        return self.answers[self.cues]

    @property
    def pool(self) -> Shaped[np.ndarray, "symbol ..."]:
        """The different inputs between the cue and the end: what a longer delay can be made of."""
        middle = self.inputs[:, 1:]
        return np.unique(middle.reshape(-1, *middle.shape[2:]), axis=0)

    def told(self, outputs: Float[np.ndarray, "trial output"]) -> Int[np.ndarray, " trial"]:
        """Return the cue that outputs speak for: the largest output among the answers; -1 where none is finite."""
        said = outputs[:, self.answers]
        return np.where(np.isfinite(said).all(axis=1), said.argmax(axis=1), -1)

    def margin(self, outputs: Float[np.ndarray, "trial output"]) -> Float[np.ndarray, " trial"]:
        """Return by how much the right answer's output exceeds the largest of the other answers'."""
        said = outputs[:, self.answers].astype(float)
        own = np.arange(len(said)), self.cues
        right = said[own].copy()
        said[own] = -np.inf
        return right - said.max(axis=1)

    def share(self, counted: Bool[np.ndarray, " trial"]) -> Estimate:
        """Return the share of trials, exact where these are all there are, else with Wilson's 95 % interval."""
        if not self.complete:
            return wilson(int(counted.sum()), len(counted))
        point = float(counted.mean())
        return Estimate(point, point, point, len(counted), EXACT)

    def donors(self, rng: np.random.Generator) -> Int[np.ndarray, " trial"]:
        """Return for each trial another one that has another cue."""
        others = [np.flatnonzero(self.cues != cue) for cue in range(len(self.answers))]
        return np.array([rng.choice(others[cue]) for cue in self.cues])

    def tiled(self, trials: int) -> Trials:
        """Return at least so many trials, the same over and over; they are to be made different afterwards."""
        return self[np.arange(-(-trials // len(self)) * len(self)) % len(self)]


def trials_of(problem: Problem, trials: int = 128, seed: int = 0) -> Trials:
    """Return sequences of a problem as trials.

    Example:
        >>> from memspan.problems import Conflict
        >>> trials = trials_of(Conflict())
        >>> trials.inputs.tolist(), trials.names, trials.right.tolist(), trials.complete
        ([[3, 0, 1, 2], [4, 0, 1, 2]], (3, 4), [3, 4], True)
        >>> len(trials_of(Conflict(middle="fresh"), trials=200)), trials_of(Conflict()).delay
        (200, 3)

    Args:
        problem: its sequences must be equally long, their last step scored, and the right answer there decided by
            their first symbol.
        trials: how many, where sequences are drawn; those of a fixed problem are all taken, each once.
        seed: decides the draw; never the one that a run was trained or judged with.

    Returns:
        The trials.

    Raises:
        InvalidInput: the problem is another one.
    """
    check_range("trials", trials, 2)
    if problem.is_fixed:
        batches = [problem.batch(None)]
    else:
        key = jax.random.fold_in(jax.random.key(check_range("seed", seed, 0)), 7)
        first = problem.evaluation(key)
        more = -(-trials // len(first.inputs)) - 1
        batches = [first, *(problem.evaluation(jax.random.fold_in(key, 1 + i)) for i in range(more))]
    rows = None if problem.is_fixed else trials
    inputs, targets, mask = (
        np.concatenate([np.asarray(each) for each in part])[:rows] for part in zip(*batches, strict=True)
    )
    if (
        inputs.shape[1] < 2
        or targets.ndim != 2
        or not mask[:, -1].all()
        or not np.issubdtype(targets.dtype, np.integer)
    ):
        raise InvalidInput(_unfit(problem))
    seen, cues = np.unique(inputs[:, 0], axis=0, return_inverse=True)
    cues = cues.reshape(-1)
    answers = targets[np.array([np.argmax(cues == cue) for cue in range(len(seen))]), -1]
    if len(set(answers.tolist())) < max(len(seen), 2) or (answers[cues] != targets[:, -1]).any():
        raise InvalidInput(_unfit(problem))
    return Trials(inputs, cues, answers, tuple(_name(problem, value) for value in seen), problem.is_fixed)


def _name(problem: Any, value: Any) -> object:
    alphabet: tuple[object, ...] | None = getattr(problem, "alphabet", None)
    if alphabet is not None and np.ndim(value) == 0:
        return alphabet[int(value)]
    return np.asarray(value).tolist()


def _unfit(problem: Problem) -> str:
    return (
        "problem must have sequences of one length whose first symbol alone decides the answer at their last step, but "
        f"got {problem.variant}; use one like memspan.problems.Conflict, or make the Trials yourself"
    )
