"""A chunk of seeds on its way through the stages of a spec, each seed at its own pace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

from memspan.core.rule import Memory
from memspan.core.spec import Spec
from memspan.engine.program import Program, Record

__all__ = ["Learned", "teach"]

Report = Callable[[int, float], None]


class Learned(NamedTuple):
    """What seeds leave behind, one row a seed, laid out by the seed's own epochs.

    Attributes:
        loss: mean loss met during each epoch.
        accuracy: share of scored positions answered right after each epoch; NaN where it was not evaluated.
        solved: whether the last stage's criterion held after each epoch; False during the stages before it.
        updates: weight updates made until the end of each epoch.
        stage: the stage that each epoch belongs to, from 0.
        weights: final weights.
    """

    loss: Float[np.ndarray, "seed epoch"]
    accuracy: Float[np.ndarray, "seed epoch"]
    solved: Bool[np.ndarray, "seed epoch"]
    updates: Int[np.ndarray, "seed epoch"]
    stage: Int[np.ndarray, "seed epoch"]
    weights: Float[np.ndarray, "seed weight"]


def teach(spec: Spec, programs: Sequence[Program], seeds: list[int], stop: threading.Event, report: Report) -> Learned:
    """Train one chunk of seeds through all stages, to the end of the budget.

    A seed moves on when an evaluation finds that the stage's criterion holds. Its lane is computed until the other
    seeds are done with the stage, but nothing of that is kept: what a seed leaves behind depends on no other seed.

    Args:
        spec: what to train; its epochs are the budget of each seed, over all stages.
        programs: one a stage.
        seeds: at most as many as a chunk holds.
        stop: when set, training ends after the block of epochs at hand, and what is returned is of no use.
        report: called after each block with the epochs just done, summed over the seeds, and their mean loss.

    Returns:
        What the seeds leave behind.
    """
    course = _Course(spec, seeds, stop, report)
    for program in programs:
        course.go_through(program)
    return course.learned()


class _Course:
    """Where the seeds of a chunk stand, and what they have left behind so far."""

    def __init__(self, spec: Spec, seeds: list[int], stop: threading.Event, report: Report) -> None:
        self._spec, self._seeds, self._stop, self._report = spec, seeds, stop, report
        self._stages = spec.stages
        self._number = 0  # of the stage to go through next
        self._memory: Memory | None = None  # of each seed at the end of its last stage, one row a seed
        self._spent = np.zeros(len(seeds), int)  # epochs of each seed
        kinds = (np.float32, np.float32, bool, np.int32, np.int32)
        self._rows = [np.zeros((len(seeds), spec.epochs), kind) for kind in kinds]

    def go_through(self, program: Program) -> None:
        """Train each seed until it masters the stage or its budget is spent."""
        seeds, number = self._seeds, self._number
        lanes = program.start(seeds, number, self._memory)
        self._memory = jax.tree.map(lambda leaf: np.array(leaf[: len(seeds)]), lanes.memory)
        orders, order = program.orders(self._stages[number], seeds, number), np.empty(0)
        left = self._spec.epochs - self._spent
        busy, first = left > 0, 0
        while busy.any() and not self._stop.is_set():
            within = first % program.block
            order = order if within else next(orders)
            end = int(left[busy].min())
            until = min(first - within + program.block, end)
            shown = np.roll(order, -within, axis=1)
            # A copy, for the program overwrites what it is given.
            before = lanes if self._is_last else jax.tree.map(np.array, lanes)
            lanes, record = program.run(lanes, shown, np.int32(first), np.int32(until), np.int32(end))
            mastered = self._mastered(record, busy, first, until)
            if mastered[:, :-1].any():
                # Only what the end of a block leaves behind is known, so the block must end with the first of them.
                until = first + int(mastered.any(axis=0).argmax()) + 1
                lanes, record = program.run(before, shown, np.int32(first), np.int32(until), np.int32(end))
            done = busy & (mastered[:, until - first - 1] | (left == until))
            self._note(record, busy, until - first)
            self._keep(done, lanes.memory)
            busy, first = busy & ~done, until
        self._number += 1

    def learned(self) -> Learned:
        """Return what the seeds leave behind."""
        assert self._memory is not None
        learned = Learned(*self._rows, weights=self._memory.params)
        # A block that ends where the budget of one seed does was evaluated there for all.
        epoch = np.arange(1, self._spec.epochs + 1)
        unasked = (epoch % self._spec.evaluate_every != 0) & (epoch != self._spec.epochs)
        learned.accuracy[:, unasked], learned.solved[:, unasked] = np.nan, False
        return learned

    @property
    def _is_last(self) -> bool:
        return self._number == len(self._stages) - 1

    def _mastered(
        self, record: Record, busy: Bool[np.ndarray, " seed"], first: int, until: int
    ) -> Bool[np.ndarray, "seed epoch"]:
        """Return where busy seeds were found to hold the criterion of a stage that is not the last."""
        epoch = np.arange(first + 1, until + 1)
        # A block that ends where the budget of one seed does is evaluated there for all, and must not help others.
        regular = (epoch % self._spec.evaluate_every == 0) & (not self._is_last)
        return np.asarray(record.solved)[: len(busy), : until - first] & regular & busy[:, None]

    def _note(self, record: Record, busy: Bool[np.ndarray, " seed"], epochs: int) -> None:
        """Write a block of the stage where each busy seed stands, and let it go on."""
        block = Record(*(np.asarray(rows)[: len(busy), :epochs] for rows in record))
        if not self._is_last:
            block = block._replace(solved=np.zeros_like(block.solved))
        for row in np.flatnonzero(busy):
            mine = slice(self._spent[row], self._spent[row] + epochs)
            for whole, part in zip(self._rows, block, strict=False):
                whole[row, mine] = part[row]
            self._rows[-1][row, mine] = self._number
        self._spent[busy] += epochs
        self._report(int(busy.sum()) * epochs, float(block.loss[busy, -1].mean()))

    def _keep(self, done: Bool[np.ndarray, " seed"], memory: Any) -> None:
        """Keep what the seeds that are done with the stage have learned."""
        if done.any():
            for kept, now in zip(jax.tree.leaves(self._memory), jax.tree.leaves(memory), strict=True):
                kept[done] = np.asarray(now)[: len(done)][done]
