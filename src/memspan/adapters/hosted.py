"""What models in a process of their own have in common: their place in a spec, and how the engine asks them."""

from __future__ import annotations

import contextlib
import functools
import json
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Shaped

from memspan.adapters.abstract import Task
from memspan.adapters.network import ForeignNetwork
from memspan.adapters.own_loop import OwnLoop
from memspan.adapters.process import Home, WorkerProcess, lease
from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput
from memspan.core.foreign import Taught
from memspan.core.problem import Problem
from memspan.core.protocol import Protocol
from memspan.rules import BPTT, Online, TruncatedBPTT

__all__ = ["AbstractHosted"]

RULES = (BPTT, TruncatedBPTT, Online, OwnLoop)


class AbstractHosted(ABC):
    """A user's model in a process of its own: what makes a frozen dataclass of settings a `core.foreign.Foreign`.

    Attributes:
        user: what makes the model: a `UserCode`, or a command.
        settings: of the user's own, sorted by name.
        device: where it is computed, in its framework's words.
        time_limit: seconds that making the model, an epoch or an evaluation may take; no part of the identity.
    """

    user: Any
    settings: tuple[tuple[str, Any], ...]
    device: str
    time_limit: float

    def __str__(self) -> str:
        settings = ", ".join(f"{name}={json.dumps(value)}" for name, value in self.settings)
        return f"{type(self).__name__.lower()}:{self.user.name}" + (f"({settings})" if settings else "")

    @property
    @abstractmethod
    def home(self) -> Home:
        """Which process it needs."""

    @property
    @abstractmethod
    def options(self) -> Mapping[str, Any]:
        """What the adapter must know beside the user's settings."""

    @property
    def trains(self) -> bool:
        """Whether it learns."""
        return True

    def check(self, spec: Any) -> None:
        """Refuse rules that need more of a model than its outputs and their gradient.

        Raises:
            InvalidInput: the rule cannot be followed.
        """
        if not isinstance(spec.rule, RULES):
            raise InvalidInput(
                f"rule must be BPTT, TruncatedBPTT, Online or OwnLoop for {self.user.name}, but got "
                f"{type(spec.rule).__name__}, "
                "which needs the derivatives of one step; use one of these, or a model that JAX can compile"
            )

    def network(self, problem: Problem) -> ForeignNetwork:
        """Return how a row of weights is read."""
        return ForeignNetwork(problem, self.home, self.task(problem), self.time_limit)

    def task(self, problem: Problem, spec: Any = None, seed: int = 0) -> Task:
        """Return what a model of a seed is made for.

        Args:
            problem: decides how wide input and output are.
            spec: what is trained; None for a model that only reads.
            seed: of the first weights.
        """
        protocol = spec.protocol if spec else Protocol()
        return Task(
            user=self.user,
            settings=dict(self.settings),
            options=self.options,
            n_inputs=problem.n_inputs,
            n_outputs=problem.n_outputs,
            symbols=_reads_symbols(problem),
            loss=problem.loss,
            rule=spec.rule if spec else BPTT(),
            optimizer=spec.optimizer if spec else None,
            reset=protocol.reset,
            rows=protocol.rows(problem.n_sequences),
            seed=seed,
            device=self.device,
        )

    @contextlib.contextmanager
    def admit(self, spec: Any, seed: int) -> Generator[HostedPupil, None, None]:
        """Make the model of a seed in a process, which the next seed may use too.

        Raises:
            RunFailed: the user's code failed.
        """
        task = self.task(spec.problem, spec, seed)
        with lease(self.home, task) as worker:
            worker.make(task, self.time_limit)
            yield HostedPupil(worker)


@functools.lru_cache(maxsize=64)
def _reads_symbols(problem: Problem) -> bool:
    """Whether a problem's inputs are symbols."""
    shown = jax.eval_shape(problem.batch, None if problem.is_fixed else jax.random.key(0))
    return shown.inputs.ndim == 2


class HostedPupil:
    """One seed of a model in a process of its own.

    Args:
        worker: the process.
    """

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker

    def learn(self, lessons: Batch) -> Taught:
        """Learn from an epoch: `[lesson, batch, time, ...]`."""
        return self._worker.ask("learn", lessons)

    def read(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> Float[np.ndarray, "batch time output"]:
        """Return the outputs for whole sequences."""
        return self._worker.ask("read", inputs)

    def weights(self) -> Float[np.ndarray, " weight"]:
        """Return all weights as one vector."""
        return self._worker.ask("weights")

    def recall(self, seed: int, weights: Float[np.ndarray, " weight"]) -> None:
        """Become what a seed was at the end of its training."""
        self._worker.ask("recall", seed, np.asarray(weights))
