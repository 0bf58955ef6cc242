"""Training of a model of another framework: it learns where it lives, our sequences, order, criterion and record."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput, RunFailed
from memspan.core.foreign import Cohort, Foreign, Pupil
from memspan.core.problem import Problem
from memspan.core.spec import Spec
from memspan.engine.curriculum import Learned, Report
from memspan.engine.network import ORDER
from memspan.engine.program import judged, shown_to, stream

__all__ = [
    "Course",
    "check_reads",
    "check_seeds",
    "judge_outside",
    "nothing_learned",
    "teach_cohort",
    "teach_outside",
]


def check_seeds(spec: Spec, model: Foreign, seeds: list[int]) -> None:
    """Refuse to ask a model that learns nothing the same question several times.

    Raises:
        InvalidInput: all seeds would be one.
    """
    if not model.trains and spec.problem.is_fixed and len(seeds) > 1:
        raise InvalidInput(
            f"seeds must be 1 where a model that is not trained reads {spec.problem.variant}, whose sequences are "
            f"always the same, but got {len(seeds)}; use seeds=1, or a problem that draws its sequences"
        )


def nothing_learned(spec: Spec, size: int) -> Learned:
    """Return the row of a seed that was lost: nothing is known of its epochs, nor of its `size` weights."""
    nan, none = np.full((1, spec.epochs), np.nan, np.float32), np.zeros((1, spec.epochs), np.int32)
    return Learned(nan, nan, none.astype(bool), none, none, np.full((1, size), np.nan, np.float32))


def teach_outside(spec: Spec, model: Foreign, seed: int, stop: threading.Event, report: Report) -> Learned:
    """Train one seed to the end of the budget.

    Args:
        spec: what to train.
        model: its model.
        seed: the seed.
        stop: when set, training ends after the epoch at hand, and what is returned is of no use.
        report: called after each epoch with 1 and the loss.

    Returns:
        What the seed leaves behind: one row. From the epoch on in which its loss is no finite number it is left alone.

    Raises:
        RunFailed: the user's code failed.
    """
    with model.admit(spec, seed) as pupil:
        course = Course(spec, seed)
        while not course.over and not stop.is_set():
            taught = pupil.learn(course.lessons())
            course.note(taught.loss, taught.updates, pupil)
            report(1, taught.loss)
            if not model.trains:
                course.repeat()
        return course.learned(pupil.weights())


def teach_cohort(spec: Spec, model: Cohort, seeds: list[int], report: Report) -> list[Learned]:
    """Train seeds side by side where their model lives.

    Args:
        spec: what to train.
        model: its model.
        seeds: at most as many as a chunk holds.
        report: called at the end with all epochs and the mean loss.

    Returns:
        What each seed leaves behind: one row each.

    Raises:
        RunFailed: the user's code failed.
    """
    learned = Learned(*model.teach(spec, seeds))
    report(spec.epochs * len(seeds), float(learned.loss[:, -1].mean()) if spec.epochs else float("nan"))
    return [Learned(*(rows[one : one + 1] for rows in learned)) for one in range(len(seeds))]


def judge_outside(
    spec: Spec, model: Foreign, problem: Problem, weights: Float[np.ndarray, "seed weight"], seeds: Sequence[int]
) -> list[tuple[float, bool]]:
    """Judge trained weights on another problem, where their model lives; see `engine.judge.judge`.

    Returns:
        Accuracy, and whether the problem's criterion holds, for each seed.

    Raises:
        RunFailed: the model cannot read it, or more than its weights is trained.
    """
    stage = len(spec.curriculum)
    with model.admit(_only_read(spec, problem), seeds[0]) as pupil:
        found: list[tuple[float, bool]] = []
        for seed, vector in zip(seeds, weights, strict=True):
            pupil.recall(seed, vector)
            found.append(_asked(problem).judge(shown_to(seed, stage), pupil))
        return found


@functools.lru_cache(maxsize=64)
def check_reads(spec: Spec, problem: Problem) -> None:
    """Refuse a problem that a foreign model could not be judged on after training, before anything is trained.

    Args:
        spec: what is trained; nothing is asked of a model that is not foreign.
        problem: what it will be judged on.

    Raises:
        InvalidInput: the model cannot read the problem's sequences, or more than its weights is trained.
    """
    if not isinstance(spec.model, Foreign):
        return
    key = shown_to(0, len(spec.curriculum))
    with contextlib.suppress(RunFailed), spec.model.admit(_only_read(spec, problem), 0) as pupil:
        # One that cannot be made, or cannot read its own problem either, is no question of this: its runs say why.
        _asked(spec.problem).judge(key, pupil)
        try:
            pupil.recall(0, pupil.weights())
            _asked(problem).judge(key, pupil)
        except RunFailed as failure:
            raise InvalidInput(f"generalise must be left out at {problem.variant}, for {failure}") from failure


def _only_read(spec: Spec, problem: Problem) -> Spec:
    return dataclasses.replace(spec, problem=problem, epochs=0, curriculum=())


class Course:
    """Where a seed stands in a spec, and what it has left behind so far.

    Args:
        spec: what is trained.
        seed: the seed; it sees the sequences, in the order, that a compiled model of the same seed sees.
    """

    def __init__(self, spec: Spec, seed: int) -> None:
        self._spec, self._seed, self._stages, self._number = spec, seed, spec.stages, 0
        self._spent = 0  # epochs of all stages
        self._loss = np.full(spec.epochs, np.nan, np.float32)
        self._accuracy = np.full(spec.epochs, np.nan, np.float32)
        self._solved = np.zeros(spec.epochs, bool)
        self._updates, self._stage = (np.zeros(spec.epochs, np.int32) for _ in range(2))
        self._begin()

    @property
    def over(self) -> bool:
        """Whether the budget is spent."""
        return self._spent == self._spec.epochs

    def lessons(self) -> Batch:
        """Return the next epoch: `[lesson, batch, time, ...]`."""
        stage = self._stages[self._number]
        turn = np.arange(stage.problem.n_sequences)
        if stage.protocol.order == "shuffled":
            turn = self._rng.permuted(turn)
        shown = _asked(stage.problem).batch(self._key, self._epoch)
        rows = stage.protocol.rows(stage.problem.n_sequences)
        return Batch(*(np.asarray(part)[turn].reshape(-1, rows, *part.shape[1:]) for part in shown))

    def note(self, loss: float, updates: int, pupil: Pupil) -> None:
        """Write down an epoch, judge the outputs where that is due, and go to the next stage where it is mastered."""
        at, stage = self._spent, self._stages[self._number]
        self._epoch += 1
        self._spent += 1
        self._loss[at], self._stage[at] = loss, self._number
        self._updates[at] = updates + (self._updates[at - 1] if at else 0)
        regular, last = self._epoch % self._spec.evaluate_every == 0, self._number == len(self._stages) - 1
        finite = bool(np.isfinite(loss))
        due = finite and (regular or self.over)
        accuracy, solved = _asked(stage.problem).judge(self._key, pupil) if due else (0.0, False)
        if self._spent % self._spec.evaluate_every == 0 or self.over:
            self._accuracy[at], self._solved[at] = accuracy, solved and last
        if not finite:
            self._abandon()
        elif solved and regular and not last and not self.over:
            self._number += 1
            self._begin()

    def repeat(self) -> None:
        """Fill the rest of the budget with what was noted: nothing changes any more."""
        for rows in (self._loss, self._accuracy, self._solved, self._updates, self._stage):
            rows[self._spent :] = rows[self._spent - 1]
        self._spent = self._spec.epochs

    def learned(self, weights: Float[np.ndarray, " weight"]) -> Learned:
        """Return what the seed leaves behind, as one row."""
        rows = (self._loss, self._accuracy, self._solved, self._updates, self._stage)
        return Learned(*(row[None] for row in rows), weights=np.asarray(weights, np.float32)[None])

    def _begin(self) -> None:
        """Draw the streams of a stage; the first has those of a run without a curriculum."""
        self._epoch = 0  # of the stage
        self._rng = np.random.default_rng(stream(self._seed, ORDER, self._number))
        self._key = shown_to(self._seed, self._number)

    def _abandon(self) -> None:
        """Fill the rest of the budget of a seed that diverged, as the compiled program does for one."""
        every, epochs = self._spec.evaluate_every, np.arange(1, self._spec.epochs + 1)
        rest = epochs > self._spent
        self._updates[rest], self._stage[rest] = self._updates[self._spent - 1], self._number
        self._accuracy[rest & ((epochs % every == 0) | (epochs == self._spec.epochs))] = 0.0
        self._spent = self._spec.epochs


@dataclass(frozen=True)
class _Asked:
    """A problem's functions, compiled where they draw or judge.

    Attributes:
        show: (raw key, epoch) -> a presentation.
        probe: (raw key) -> the sequences on which success is judged.
        verdict: (outputs, those sequences) -> (accuracy, whether the criterion holds).
    """

    problem: Problem
    show: Callable[..., Batch]
    probe: Callable[..., Batch]
    verdict: Callable[..., tuple[Any, Any]]

    def batch(self, key: Any, epoch: int) -> Batch:
        """Return the presentation of an epoch."""
        return self.show(key, np.int32(epoch))

    def judge(self, key: Any, pupil: Pupil) -> tuple[float, bool]:
        """Return the share of scored positions answered right, and whether the problem's own criterion holds."""
        batch = self.probe(key)
        outputs = np.asarray(pupil.read(np.asarray(batch.inputs)), np.float32)
        accuracy, solved = self.verdict(outputs, batch)
        return float(accuracy), bool(solved)


@functools.lru_cache(maxsize=64)
def _asked(problem: Problem) -> _Asked:
    def show(key: Any, epoch: Any) -> Batch:
        return problem.batch(jax.random.fold_in(jax.random.wrap_key_data(key), epoch))

    def probe(key: Any) -> Batch:
        return problem.evaluation(jax.random.wrap_key_data(key))

    def verdict(outputs: Any, batch: Batch) -> tuple[Any, Any]:
        return judged(problem, outputs, batch)

    if problem.is_fixed:
        shown, probed = (Batch(*map(np.asarray, each)) for each in (problem.batch(None), problem.evaluation(None)))
        return _Asked(problem, lambda key, epoch: shown, lambda key: probed, jax.jit(verdict))
    return _Asked(problem, jax.jit(show), jax.jit(probe), jax.jit(verdict))
