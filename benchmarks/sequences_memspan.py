"""memspan: one model, or a population in chunks on as many threads as there are cores, as the engine trains it.

A chunk is eight models, as the engine has it by default, or fewer where their traces would fill the memory.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.sequences_protocol import SYMBOLS, Case, Measurement, arguments, symbols

import memspan as ms
from memspan.core.rule import Lesson, Memory
from memspan.engine.layout import Layout
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.models import Stack
from memspan.models.dense_native import read_out
from memspan.rules import BPTT

MUCH = 500_000  # hidden numbers of all steps of a chunk: what the backward pass reads again stays in a cache


def network(case: Case, loop: str) -> Network:
    lstm = ms.models.LSTM(units=case.units, loop=loop)
    stack = Stack((lstm, read_out(lstm, SYMBOLS)))
    return Network(stack, SYMBOLS, Layout.of(stack.init(np.random.default_rng(0), SYMBOLS)), "cross_entropy")


def program(net: Network, case: Case, width: int) -> tuple[Any, Memory]:
    """Return the compiled update of `width` models, and their memory."""
    learner = net.learner(Adam(), True)
    inputs, targets = (jnp.asarray(rows.T) for rows in symbols(case))
    lesson = Lesson(inputs, targets, jnp.ones(inputs.shape, bool))

    def update(memory: Memory, lesson: Lesson) -> tuple[Memory, Any]:
        after, loss = BPTT().learn(learner, memory, lesson)
        return after._replace(state=memory.state), loss  # the state starts anew with every sequence

    weights = np.stack([net.draw(seed) for seed in range(width)])
    rows = jax.tree.map(lambda leaf: np.repeat(leaf[None], case.batch, axis=0), net.initial_state)
    rest = (Adam().build().init(weights[0]), rows)
    optimizer, state = jax.tree.map(lambda leaf: np.repeat(np.asarray(leaf)[None], width, axis=0), rest)
    memory = Memory(weights, optimizer, state, np.zeros(width, np.int32))
    mapped = jax.jit(jax.vmap(update, in_axes=(0, None)), donate_argnums=0)
    run = mapped.lower(memory, lesson).compile()
    return lambda memory: jax.block_until_ready(run(memory, lesson)), memory, run


def chunk(case: Case, cores: int) -> int:
    """Return how many models are trained as one program: a share of the population, as long as that is not much."""
    widths = [width for width in (8, 4, 2, 1) if width * cores <= case.models]
    return next((width for width in widths if width * case.units * case.steps * case.batch <= MUCH), 1)


def main() -> None:
    case, options = arguments()
    cores = min(os.cpu_count() or 1, case.models)
    measurement, started = Measurement(), time.perf_counter()
    width = chunk(case, cores)
    run, memory, compiled = program(network(case, options.how), case, width)
    memories = [jax.tree.map(jnp.array, memory) for _ in range(case.models // width)]
    pool = ThreadPoolExecutor(cores)

    def share(first: int) -> None:
        for number in range(first, len(memories), cores):
            memories[number] = run(memories[number])[0]

    def update() -> None:
        if len(memories) == 1:
            share(0)
        else:
            list(pool.map(share, range(cores)))

    temporary = compiled.memory_analysis().temp_size_in_bytes * cores / 1e6
    versions = [f"memspan {ms.__version__}", f"jax {jax.__version__}"]
    measurement.answer(update, options.repeats, started, temporary_mb=temporary, versions=versions)


if __name__ == "__main__":
    main()
