"""Training: many seeds of one spec, in chunks of fixed width, two or more chunks at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from numbers import Integral
from typing import Any, NamedTuple, TypeVar

import numpy as np

from memspan.core.errors import InvalidInput, RunFailed
from memspan.core.foreign import Cohort, Foreign
from memspan.core.model import Model
from memspan.core.optimizer import Optimizer
from memspan.core.problem import Problem
from memspan.core.protocol import Protocol
from memspan.core.rule import Rule
from memspan.core.spec import Spec
from memspan.engine.curriculum import Learned, teach
from memspan.engine.optimizers import Adam
from memspan.engine.outside import check_seeds, nothing_learned, teach_cohort, teach_outside
from memspan.engine.program import compile_program
from memspan.engine.runs import Runs
from memspan.rules import Online

__all__ = ["Progress", "run", "train"]

T = TypeVar("T")


class Progress(NamedTuple):
    """How far a population is.

    Attributes:
        epochs: epochs done, summed over all seeds.
        of: epochs to do, summed over all seeds.
        loss: mean loss of the epoch just done by the chunk that reports.
    """

    epochs: int
    of: int
    loss: float


OnProgress = Callable[[Progress], None]


def train(
    problem: Problem,
    model: Model | Foreign,
    rule: Rule | None = None,
    *,
    seeds: int | Iterable[int] = 1,
    epochs: int = 250,
    protocol: Protocol | None = None,
    optimizer: Optimizer | None = None,
    evaluate_every: int = 1,
    chunk: int = 8,
    curriculum: tuple[Problem, ...] = (),
    on_progress: OnProgress | None = None,
) -> Runs:
    """Train one model on one problem under one rule, from many seeds.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=20), ms.rules.BPTT(), seeds=4, epochs=5)
        >>> runs.loss.shape, len(runs), runs.updates
        ((4, 5), 4, 10)

    Args:
        problem: what is to be learned.
        model: what learns; a dense read-out is put on top of it. Those of other frameworks are in `memspan.adapters`.
        rule: how credit reaches the weights; the tutorial's online rule by default.
        seeds: how many seeds, counted from 0, or the seeds themselves.
        epochs: presentations of all sequences; the stages of a curriculum share them.
        protocol: order, reset and batch; the tutorial's by default.
        optimizer: how a gradient changes the weights; Adam as in Keras by default.
        evaluate_every: epochs between two evaluations.
        chunk: seeds trained side by side in one program.
        curriculum: easier problems, to be mastered one after the other before `problem`; see `Spec`.
        on_progress: called after every block of epochs, from the thread that trained it.

    Returns:
        The runs, one row a seed. A seed's row is bitwise the same whatever other seeds run beside it.

    Raises:
        InvalidInput: an argument is not what it should be.
    """
    spec = Spec(
        problem=problem,
        model=model,
        rule=rule or Online(),
        optimizer=optimizer or Adam(),
        protocol=protocol or Protocol(),
        epochs=epochs,
        evaluate_every=evaluate_every,
        chunk=chunk,
        curriculum=curriculum,
    )
    return run(spec, seeds, on_progress)


def run(
    spec: Spec, seeds: int | Iterable[int], on_progress: OnProgress | None = None, threads: int | None = None
) -> Runs:
    """Run a spec from many seeds; see `train`.

    Args:
        spec: what to train.
        seeds: how many seeds, counted from 0, or the seeds themselves.
        on_progress: called after every block of epochs, from the thread that trained it.
        threads: chunks trained at once; as many as there are cores by default.

    Returns:
        The runs, one row a seed. A seed lost to the user's own code, of a foreign model, is a row that says why.

    Raises:
        InvalidInput: the seeds are not distinct whole numbers from 0.
    """
    asked = _seeds(seeds)
    if isinstance(spec.model, Foreign):
        return _run_outside(spec, spec.model, asked, on_progress, threads)
    try:
        programs = [compile_program(stage) for stage in spec.stages]
    except RunFailed as failure:  # code of the user's that is compiled with the model
        lost = [failure] * len(asked)
        return _gathered(spec, asked, lost, None)
    chunks = [asked[i : i + spec.chunk] for i in range(0, len(asked), spec.chunk)]
    watch = _Watch(spec.epochs * len(asked), on_progress)
    parts = _side_by_side(lambda chunk: teach(spec, programs, chunk, watch.stop, watch.done), chunks, watch, threads)
    learned = Learned(*(np.concatenate(rows) for rows in zip(*parts, strict=True)))
    return Runs(spec, tuple(asked), *learned, network=programs[-1].network)


def _run_outside(
    spec: Spec, model: Foreign, asked: list[int], on_progress: OnProgress | None, threads: int | None
) -> Runs:
    """Run a spec whose model learns outside the engine, one seed a unit."""
    check_seeds(spec, model, asked)
    watch = _Watch(spec.epochs * len(asked), on_progress)
    hopeless: list[RunFailed] = []  # what all seeds would meet; it is met once

    together = spec.chunk if isinstance(model, Cohort) and model.side_by_side else 1

    def unit(seeds: list[int]) -> list[Learned | RunFailed]:
        try:
            if hopeless:
                return [hopeless[0]] * len(seeds)
            if isinstance(model, Cohort) and model.side_by_side:
                return [*teach_cohort(spec, model, seeds, watch.done)]
            return [teach_outside(spec, model, seeds[0], watch.stop, watch.done)]
        except RunFailed as failure:
            hopeless.extend([failure] if failure.for_all else [])
            return [failure] * len(seeds)

    groups = [asked[first : first + together] for first in range(0, len(asked), together)]
    units = [each for group in _side_by_side(unit, groups, watch, threads) for each in group]
    return _gathered(spec, asked, units, model.network(spec.problem))


def _gathered(spec: Spec, asked: list[int], units: Sequence[Learned | RunFailed], network: Any) -> Runs:
    """Return the runs of seeds of which some may be lost."""
    size = max((part.weights.shape[1] for part in units if isinstance(part, Learned)), default=0)
    failures = tuple(str(part) if isinstance(part, RunFailed) else "" for part in units)
    parts = [nothing_learned(spec, size) if isinstance(part, RunFailed) else part for part in units]
    learned = Learned(*(np.concatenate(rows) for rows in zip(*parts, strict=True)))
    return Runs(spec, tuple(asked), *learned, network=network, failures=failures)


def _side_by_side(
    work: Callable[[list[int]], T], chunks: list[list[int]], watch: _Watch, threads: int | None
) -> list[T]:
    """Do the chunks on as many threads as there are cores, or fewer; a single one needs none."""
    if len(chunks) == 1:
        return [work(chunks[0])]

    def one(chunk: list[int]) -> T:
        if watch.stop.is_set():
            raise CancelledError  # never read: a chunk before this one has raised the reason
        try:
            return work(chunk)
        except BaseException:
            watch.stop.set()  # at once: whoever waits for the chunks in their order may hear of it late
            raise

    pool = ThreadPoolExecutor(min(len(chunks), threads or os.cpu_count() or 1))
    try:
        return list(pool.map(one, chunks))
    finally:
        watch.stop.set()  # so that an interrupt does not wait for chunks that nobody will read
        pool.shutdown(cancel_futures=True)


class _Watch:
    """Adds up what all chunks have done, and tells them when to stop."""

    def __init__(self, of: int, on_progress: OnProgress | None) -> None:
        self.stop = threading.Event()
        self._of, self._done, self._lock, self._call = of, 0, threading.Lock(), on_progress

    def done(self, epochs: int, loss: float) -> None:
        with self._lock:
            self._done += epochs
            if self._call is not None:
                self._call(Progress(self._done, self._of, loss))


def _seeds(seeds: int | Iterable[int]) -> list[int]:
    """Return the seeds as a list of distinct whole numbers."""
    asked: list[object] = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    whole = [int(seed) for seed in asked if isinstance(seed, Integral) and int(seed) >= 0]
    if not asked or len(set(whole)) < len(asked):
        raise InvalidInput(
            f"seeds must be a number of at least 1, or distinct whole numbers from 0, but got {seeds!r}; "
            "seeds=100 means the seeds 0 to 99"
        )
    return whole
