"""A user's model as checks see it: made as often as they like, and shown sequences that mean nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Generator
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Shaped

from memspan.adapters.abstract import Task
from memspan.adapters.hosted import AbstractHosted
from memspan.adapters.process import WorkerProcess, lease
from memspan.core.batch import Batch
from memspan.core.errors import RunFailed
from memspan.core.problem import Problem
from memspan.engine.optimizers import Adam
from memspan.rules import BPTT, Online
from memspan.testing.native import Native
from memspan.testing.violation import require

__all__ = ["DoesNotApply", "Subject", "admitted"]

HOLDS_ON = (
    "it holds on to the graph of what it read before ('backward through the graph a second time'); detach what it "
    "keeps, or keep it as a tensor or buffer of the module, where it is found and detached"
)
ROWS = 3  # sequences side by side
WAYS = [(rows, rule) for rows in (ROWS, 1) for rule in (Online(), BPTT())]


class DoesNotApply(Exception):
    """A check has nothing to look at in this model; the message says why."""


class Subject:
    """A model under examination. One at a time is there; `fresh` puts a new one in its place.

    Args:
        fresh: (seed) makes a model anew.
        ask: (operation, arguments) calls one of `AbstractAdapted` on it.
        alive: () says whether it can be asked.
        trains: whether it learns.
        rows: sequences that it reads side by side.
        problem: decides what inputs and outputs are.
        steps: of a sequence.
    """

    def __init__(
        self,
        fresh: Callable[[int], Any],
        ask: Callable[..., Any],
        alive: Callable[[], bool],
        trains: bool,
        rows: int,
        problem: Problem,
        steps: int,
    ) -> None:
        self._fresh, self._ask, self.alive = fresh, ask, alive
        self.trains, self.rows, self.steps, self.problem = trains, rows, steps, problem
        self.norms: tuple[float, ...] = ()  # of gradients, the last input first, once they were asked for
        drawn = [self._sequences(np.random.default_rng(number)) for number in range(3)]
        self.x, self.y, self.z = drawn

    @property
    def half(self) -> int:
        """Half of the steps."""
        return self.steps // 2

    @functools.cached_property
    def form(self) -> str:
        """How it carries its state: "explicit", "kept" or "none"."""
        return self.ask("form")

    @functools.cached_property
    def said(self) -> Float[np.ndarray, "batch time output"]:
        """What a fresh model says to `x`."""
        return self.fresh().read(self.x)

    def fresh(self, seed: int = 0) -> Subject:
        """Put a new model in the place of the last, with the first weights of a seed."""
        self._fresh(seed)
        return self

    def ask(self, operation: str, *arguments: Any) -> Any:
        """Call an operation of `AbstractAdapted`."""
        return self._ask(operation, *arguments)

    def read(
        self, inputs: Shaped[np.ndarray, "batch time ..."], training: bool = False
    ) -> Float[np.ndarray, "batch time output"]:
        """Read on, and return the outputs."""
        return np.asarray(self.ask("read", inputs, training))

    def reset(self) -> Subject:
        """Have it forget."""
        self.ask("reset")
        return self

    def learn(self, times: int) -> None:
        """Show it lessons one after the other, resetting nothing.

        Raises:
            Violation: it holds on to the graph of what it read before.
        """
        rng = np.random.default_rng(3)
        for _ in range(times):
            lesson = Batch(self._sequences(rng), self._targets(rng), np.ones((self.rows, self.steps), bool))
            try:
                self.ask("learn", lesson)
            except RunFailed as failure:
                require("second time" not in str(failure), HOLDS_ON)
                raise

    def padded(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> Shaped[np.ndarray, "batch longer ..."]:
        """Return inputs with padding behind them: zeros, half as long."""
        return np.concatenate([inputs, np.zeros_like(inputs[:, : self.half])], axis=1)

    def _sequences(self, rng: np.random.Generator) -> Shaped[np.ndarray, "batch time ..."]:
        """Draw inputs as the problem has them: symbols or vectors."""
        size, n = (self.rows, self.steps), self.problem.n_inputs
        if _shown(self.problem).inputs.ndim == 2:
            return rng.integers(n, size=size).astype(np.int32)
        return rng.standard_normal((*size, n)).astype(np.float32)

    def _targets(self, rng: np.random.Generator) -> Shaped[np.ndarray, "batch time ..."]:
        shown, size, n = _shown(self.problem).targets, (self.rows, self.steps), self.problem.n_outputs
        if shown.ndim == 2:
            return rng.integers(n, size=size).astype(np.int32)
        if self.problem.loss == "squared_error":
            return rng.standard_normal((*size, n)).astype(np.float32)
        return np.eye(n, dtype=np.float32)[rng.integers(n, size=size)]


@contextlib.contextmanager
def admitted(model: Any, problem: Problem, steps: int) -> Generator[Subject, None, None]:
    """Make a model, in a process of its own where it needs one.

    Args:
        model: of `memspan.adapters`, or one of ours.
        problem: decides what inputs and outputs are.
        steps: of the sequences that it will be shown.

    Raises:
        RunFailed: it cannot be made.
    """
    if not isinstance(model, AbstractHosted):
        native = Native(problem, model)
        yield Subject(native.fresh, native.ask, lambda: True, True, ROWS, problem, steps)
        return
    task = dataclasses.replace(model.task(problem), optimizer=Adam(), rows=ROWS)
    with lease(model.home, task) as worker:
        task = _settled(worker, task, model.time_limit)
        yield Subject(
            lambda seed: worker.make(dataclasses.replace(task, seed=seed), model.time_limit),
            functools.partial(worker.ask, "operate"),
            lambda: worker.alive,
            model.trains,
            task.rows,
            problem,
            steps,
        )


def _settled(worker: WorkerProcess, task: Task, limit: float) -> Task:
    """Find out how many rows it reads side by side, and whether it learns in steps or in whole sequences."""
    failure = RunFailed("it cannot be made")
    for rows, rule in WAYS:
        tried = dataclasses.replace(task, rows=rows, rule=rule)
        try:
            worker.make(tried, limit)
            return tried
        except RunFailed as error:
            failure = error
            if not worker.alive:
                break
    raise failure


def _shown(problem: Problem) -> Any:
    return jax.eval_shape(problem.batch, None if problem.is_fixed else jax.random.key(0))
