"""What many runs of one spec leave behind, one row a seed; failures are rows like all others."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, SupportsIndex

import numpy as np
from jaxtyping import Bool, Float, Int

from memspan.core.estimate import Estimate
from memspan.core.spec import Spec
from memspan.core.status import Status
from memspan.engine.trained import Trained
from memspan.stats import wilson

__all__ = ["Runs"]


@dataclass(frozen=True, eq=False)
class Runs:
    """The runs of one spec.

    Attributes:
        spec: what was trained.
        seeds: the seeds, in the order asked for.
        loss: mean loss met during each epoch.
        accuracy: share of scored positions answered right after each epoch, with frozen weights; NaN where it was
            not evaluated.
        solved_at: whether the criterion of the spec's problem held after each epoch; False in the stages before it.
        updates_at: weight updates made until the end of each epoch.
        stage_at: the stage of the curriculum that each epoch belongs to, counted from 0; all 0 without one. Loss and
            accuracy are those of the stage.
        weights: final weights.
        network: how a row of weights is read: a `Network`, or what a foreign model has in its place; None where none
            could be made.
        failures: why each seed has no result, "" for one that has; () where none could fail so.
    """

    spec: Spec
    seeds: tuple[int, ...]
    loss: Float[np.ndarray, "seed epoch"]
    accuracy: Float[np.ndarray, "seed epoch"]
    solved_at: Bool[np.ndarray, "seed epoch"]
    updates_at: Int[np.ndarray, "seed epoch"]
    stage_at: Int[np.ndarray, "seed epoch"]
    weights: Float[np.ndarray, "seed weight"]
    network: Any
    failures: tuple[str, ...] = ()

    @functools.cached_property
    def failed(self) -> Bool[np.ndarray, " seed"]:
        """Whether a seed was lost to the model's own code; it counts as a failure."""
        return np.array([bool(reason) for reason in self.failures or [""] * len(self.seeds)])

    @functools.cached_property
    def finite(self) -> Bool[np.ndarray, " seed"]:
        """Whether the loss stayed finite."""
        return np.logical_and(np.isfinite(self.loss).all(axis=1), np.isfinite(self.weights).all(axis=1))

    @functools.cached_property
    def solved(self) -> Bool[np.ndarray, " seed"]:
        """Whether the criterion holds at the end of the budget."""
        held = self.solved_at[:, -1] if self.solved_at.shape[1] else np.zeros(len(self.seeds), bool)
        return held & self.finite

    @property
    def success(self) -> Estimate:
        """The share of seeds that hold the criterion at the end of the budget, with a 95 % Wilson interval."""
        return wilson(int(self.solved.sum()), len(self.seeds))

    @property
    def ever_solved(self) -> Estimate:
        """The share of seeds that held the criterion after some epoch, whether or not they lost it again."""
        return wilson(int(np.isfinite(self.updates_until_solved).sum()), len(self.seeds))

    @property
    def updates(self) -> int:
        """Weight updates of the run that made the most of them: the budget."""
        return int(self.updates_at.max(initial=0))

    @functools.cached_property
    def updates_until_solved(self) -> Float[np.ndarray, " seed"]:
        """Updates until the criterion first held, over all stages; infinite where it never did within the budget."""
        if not self.solved_at.shape[1]:
            return np.full(len(self.seeds), np.inf)
        first = np.argmax(self.solved_at, axis=1)
        updates = np.take_along_axis(self.updates_at, first[:, None], axis=1)[:, 0]
        return np.where(self.solved_at.any(axis=1), updates, np.inf)

    @functools.cached_property
    def status(self) -> tuple[Status, ...]:
        """How each seed ended."""

        def of(failed: bool, finite: bool, solved: bool, ever: bool) -> Status:
            if failed:
                return Status.FAILED
            if not finite:
                return Status.DIVERGED
            if solved:
                return Status.SOLVED
            return Status.LOST if ever else Status.BUDGET_SPENT

        ever = np.isfinite(self.updates_until_solved)
        rows = np.stack([self.failed, self.finite, self.solved, ever], axis=1)
        return tuple(of(*row) for row in rows.tolist())

    def diverged_in_epoch(self, row: int) -> int | None:
        """Return the first epoch (from 1) in which a seed's loss was not finite, or None."""
        bad = ~np.isfinite(self.loss[row])
        return int(np.argmax(bad)) + 1 if bad.any() else None

    def __len__(self) -> int:
        return len(self.seeds)

    def __getitem__(self, row: SupportsIndex) -> Trained:
        """Return one trained network, to predict, generate and explain with."""
        return Trained(self.spec.problem, self.network, self.weights[row], self.spec, self.seeds[row])
