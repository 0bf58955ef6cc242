"""The compiled program: a block of epochs for a chunk of seeds, compiled once for a spec."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped, UInt32

from memspan.core.arrays import AnyArray
from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput
from memspan.core.model import Model
from memspan.core.problem import Problem
from memspan.core.rule import Learner, Lesson, Memory
from memspan.core.spec import Spec
from memspan.engine.network import ORDER, SHOW, Network

__all__ = ["Lane", "Program", "Record", "compile_program", "judge_lane", "judged", "shown_to", "stream"]

STEPS_PER_BLOCK = 4096  # a block is short enough that progress and Ctrl-C are answered at once


class Lane(NamedTuple):
    """One seed in training.

    Attributes:
        memory: weights, optimizer and model state.
        key: raw key of what the seed is shown.
    """

    memory: Memory
    key: UInt32[AnyArray, "2"]


class Record(NamedTuple):
    """What a block of epochs leaves behind.

    Attributes:
        loss: mean loss met during each epoch.
        accuracy: share of scored positions answered right after each epoch; NaN where it was not evaluated.
        solved: whether the problem's criterion held after each epoch.
        updates: weight updates made until the end of each epoch.
    """

    loss: Float[AnyArray, " epoch"]
    accuracy: Float[AnyArray, " epoch"]
    solved: Bool[AnyArray, " epoch"]
    updates: Int[AnyArray, " epoch"]


@dataclass(frozen=True)
class Program:
    """A compiled block and what is needed to start it.

    Attributes:
        network: model with read-out.
        block: most epochs of one call.
        chunk: seeds of one call.
        run: (lanes, orders, first epoch, last epoch of this call, last epoch of the budget) -> (lanes, records).
        rest: initial optimizer and model state of one lane, as host arrays.
    """

    network: Network
    block: int
    chunk: int
    run: Callable[..., tuple[Lane, Record]]
    rest: Memory

    def start(self, seeds: list[int], stage: int = 0, learned: Memory | None = None) -> Lane:
        """Return lanes for seeds, padded to a full chunk by repeating the last one.

        Args:
            seeds: at most as many as a chunk holds.
            stage: of a curriculum, from 0; each has its own stream of sequences.
            learned: what each seed carries over from the stage before, one row a seed; None starts afresh.

        Returns:
            The lanes, as host arrays.
        """
        lanes = _fresh(self.network, self.rest, self.padded(seeds), stage)
        if learned is None:
            return lanes
        rows = np.minimum(np.arange(self.chunk), len(seeds) - 1)
        return lanes._replace(memory=jax.tree.map(lambda leaf: leaf[rows], learned))

    def padded(self, seeds: list[int]) -> list[int]:
        """Return the seeds of a full chunk."""
        return [*seeds, *[seeds[-1]] * (self.chunk - len(seeds))]

    def orders(self, spec: Spec, seeds: list[int], stage: int = 0) -> Iterator[Int[np.ndarray, "seed epoch turn"]]:
        """Yield, block by block, in which order each seed is shown its sequences in a stage of a curriculum.

        They are drawn on the host, so that a shuffled and a fixed order are one program.
        """
        rngs = [np.random.default_rng(stream(seed, ORDER, stage)) for seed in self.padded(seeds)]
        fixed = np.tile(np.arange(spec.problem.n_sequences, dtype=np.int32), (self.block, 1))
        shuffled = spec.protocol.order == "shuffled"
        while True:
            yield np.stack([rng.permuted(fixed, axis=1) if shuffled else fixed for rng in rngs])


def stream(seed: int, purpose: int, stage: int) -> list[int]:
    """Return what a random stream of a seed derives from; the first stage has that of a run without a curriculum."""
    return [seed, purpose, stage] if stage else [seed, purpose]


def shown_to(seed: int, stage: int = 0) -> UInt32[np.ndarray, "2"]:
    """Return the raw key of what a seed is shown in a stage of a curriculum."""
    return np.random.SeedSequence(stream(seed, SHOW, stage)).generate_state(2)


def _fresh(network: Network, rest: Memory, seeds: list[int], stage: int = 0) -> Lane:
    """Return one lane a seed, as host arrays."""
    optimizer, state = jax.tree.map(
        lambda leaf: np.repeat(leaf[None], len(seeds), axis=0), (rest.optimizer, rest.state)
    )
    params = np.stack([network.draw(seed) for seed in seeds])
    keys = np.array([shown_to(seed, stage) for seed in seeds], np.uint32)
    return Lane(Memory(params, optimizer, state, np.zeros(len(seeds), np.int32)), keys)


def _present(spec: Spec, key: Array, epoch: Int[Array, ""], order: Int[Array, " turn"]) -> Lesson:
    """Return one epoch's lessons: [lesson, time, batch, ...]."""
    batch = spec.problem.batch(None if spec.problem.is_fixed else jax.random.fold_in(key, epoch))
    return _lessons(spec, Batch(*(jnp.asarray(rows)[order] for rows in batch)))


def _lessons(spec: Spec, batch: Batch) -> Lesson:
    """Cut a batch into lessons of as many sequences side by side as the protocol says."""
    side_by_side = spec.protocol.rows(spec.problem.n_sequences)

    def cut(rows: Shaped[AnyArray, ...]) -> Array:
        rows = jnp.asarray(rows)
        return jnp.swapaxes(rows.reshape(-1, side_by_side, *rows.shape[1:]), 1, 2)

    return Lesson(*(cut(rows) for rows in batch))


def _epoch(
    spec: Spec, network: Network, learner: Learner, lane: Lane, epoch: Int[Array, ""], order: Int[Array, " turn"]
) -> tuple[Lane, Float[Array, ""]]:
    """Show every sequence once."""
    lessons = _present(spec, jax.random.wrap_key_data(lane.key), epoch, order)
    initial = _initial_state(network, lessons.mask.shape[2])

    def lesson(memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        if spec.protocol.reset == "sequence":
            memory = memory._replace(state=initial)
        return spec.rule.learn(learner, memory, lesson)

    memory = lane.memory._replace(state=initial) if spec.protocol.reset == "epoch" else lane.memory
    memory, losses = jax.lax.scan(lesson, memory, lessons)
    return lane._replace(memory=memory), jnp.mean(losses)


def _every_step_scored(spec: Spec) -> bool:
    """Whether it is known before compiling that no step is free; the mask then costs nothing."""
    return spec.problem.is_fixed and bool(np.all(spec.problem.batch(None).mask))


def _initial_state(network: Network, rows: int) -> Any:
    """Return the initial state of `rows` sequences."""
    return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (rows, *leaf.shape)), network.initial_state)


def _outputs(spec: Spec, network: Network, memory: Memory, batch: Batch) -> Float[Array, "batch time output"]:
    """Read the evaluation sequences with frozen weights, resetting the state as training does."""
    inputs = jnp.asarray(batch.inputs)
    if spec.protocol.reset == "sequence":
        return jax.vmap(lambda x: network.sequence(memory.params, network.initial_state, x)[1])(inputs)
    rows = spec.protocol.rows(spec.problem.n_sequences)
    if len(inputs) % rows:
        raise InvalidInput(
            f"reset='never' with batch={spec.protocol.batch!r} needs evaluation sequences to read {rows} side by "
            f"side, as in training, but the problem evaluates {len(inputs)}; use batch='one'"
        )
    state = _initial_state(network, rows) if spec.protocol.reset == "epoch" else memory.state
    groups = inputs.reshape(-1, rows, *inputs.shape[1:])
    side_by_side = jax.vmap(network.sequence, in_axes=(None, 0, 0))
    outputs = jax.lax.scan(lambda s, x: side_by_side(memory.params, s, x), state, groups)[1]
    return outputs.reshape(len(inputs), *outputs.shape[2:])


def judge_lane(spec: Spec, network: Network, lane: Lane) -> tuple[Float[Array, ""], Bool[Array, ""]]:
    """Return the accuracy on the evaluation sequences, and whether the criterion holds; usable in compiled code."""
    key = None if spec.problem.is_fixed else jax.random.wrap_key_data(lane.key)
    batch = spec.problem.evaluation(key)
    return judged(spec.problem, _outputs(spec, network, lane.memory, batch), batch)


def judged(
    problem: Problem, outputs: Float[Array, "batch time output"], batch: Batch
) -> tuple[Float[Array, ""], Bool[Array, ""]]:
    """Return the share of scored positions that outputs answer right, and whether the problem's criterion holds."""
    # The largest of outputs that are no numbers would be the first: an answer, and sometimes the right one.
    finite = jnp.all(jnp.isfinite(outputs), axis=-1)
    right = problem.correct(outputs, batch) & batch.mask & finite
    return jnp.sum(right) / jnp.sum(batch.mask), problem.solved(outputs, batch) & jnp.all(finite)


def _block(spec: Spec, network: Network, size: int) -> Callable[..., tuple[Lane, Record]]:
    """Return the function of one lane that runs a block of epochs."""
    learner = network.learner(spec.optimizer, _every_step_scored(spec))

    def run(
        lane: Lane, orders: Int[Array, "epoch turn"], first: Array, stop: Array, last: Array
    ) -> tuple[Lane, Record]:
        def one(epoch: Array, carry: tuple[Lane, Record]) -> tuple[Lane, Record]:
            lane, record = carry
            lane, loss = _epoch(spec, network, learner, lane, epoch, orders[epoch - first])
            due = ((epoch + 1) % spec.evaluate_every == 0) | (epoch + 1 == last)
            accuracy, solved = jax.lax.cond(
                due, lambda: judge_lane(spec, network, lane), lambda: (jnp.float32(jnp.nan), jnp.bool_(False))
            )
            values = Record(loss, accuracy, solved, lane.memory.updates)
            return lane, jax.tree.map(lambda row, value: row.at[epoch - first].set(value), record, values)

        nan = jnp.full(size, jnp.nan)
        empty = Record(nan, nan, jnp.zeros(size, bool), jnp.zeros(size, jnp.int32))
        return jax.lax.fori_loop(first, stop, one, (lane, empty))

    return run


def compile_program(spec: Spec) -> Program:
    """Return the compiled program of a spec's problem; epochs and order are arguments of it, not parts of it.

    Args:
        spec: what to train.

    Returns:
        The program, compiled at most once for specs that differ in their epochs, order or curriculum only.
    """
    fixed = dataclasses.replace(spec.protocol, order="fixed")
    return _compile(dataclasses.replace(spec, epochs=0, protocol=fixed, curriculum=()))


@functools.lru_cache(maxsize=64)
def _compile(spec: Spec) -> Program:
    assert isinstance(spec.model, Model)
    network = Network.of(spec.problem, spec.model)
    rows = spec.protocol.rows(spec.problem.n_sequences)
    params = network.draw(0)
    optimizer = jax.tree.map(np.asarray, spec.optimizer.build().init(params))
    state = jax.tree.map(lambda leaf: np.repeat(leaf[None], rows, axis=0), network.initial_state)
    steps = spec.problem.n_sequences * spec.problem.n_steps
    size = max(1, STEPS_PER_BLOCK // steps)
    rest = Memory(params, optimizer, state, np.int32(0))
    mapped = jax.jit(jax.vmap(_block(spec, network, size), in_axes=(0, 0, None, None, None)), donate_argnums=0)
    zero = np.int32(0)
    orders = np.zeros((spec.chunk, size, spec.problem.n_sequences), np.int32)
    run = mapped.lower(_fresh(network, rest, [0] * spec.chunk), orders, zero, zero, zero).compile()
    return Program(network, size, spec.chunk, run, rest)
