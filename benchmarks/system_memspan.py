"""memspan: one seed alone and a population, and an ablation that says what bounds it."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks import protocol

import memspan as ms
from memspan.core.rule import Learner, Lesson, Memory
from memspan.core.spec import Spec
from memspan.engine.optimizers import Adam
from memspan.engine.program import compile_program
from memspan.engine.train import run
from memspan.rules import Online
from memspan.rules.objective import step_loss

POPULATION = 512


def spec(chunk: int | None, rule: Any = None) -> Spec:
    """Return the tutorial's spec, evaluated once at the end: the other systems do not evaluate either."""
    width = {} if chunk is None else {"chunk": chunk}
    problem, model = ms.problems.Conflict(), ms.models.LSTM(units=protocol.UNITS)
    return Spec(
        problem, model, rule or Online(), Adam(), epochs=protocol.EPOCHS, evaluate_every=protocol.EPOCHS, **width
    )


class Compiles:
    """Counts the programs that JAX compiles."""

    def __init__(self) -> None:
        self.count = 0
        jax.monitoring.register_event_duration_secs_listener(self._heard)

    def _heard(self, event: str, _: float, **__: Any) -> None:
        self.count += event == "/jax/core/compile/backend_compile_duration"


def row(chunk: int | None, repeats: int, compiles: Compiles) -> dict[str, Any]:
    """Measure one width."""
    what, before, start = spec(chunk), compiles.count, time.perf_counter()
    compile_program(what)
    compiled = time.perf_counter() - start
    run(what, 1)  # the first call is not a measurement
    one = protocol.clock(lambda: run(what, 1), repeats)
    population = protocol.clock(lambda: run(what, POPULATION), max(3, repeats // 2))
    return {
        "system": f"memspan, chunk {what.chunk}" + (" (default)" if chunk is None else ""),
        "one_run": one,
        "population": population,
        "compile": compiled,
        "programs": compiles.count - before,
        "versions": [f"memspan {ms.__version__}", f"jax {jax.__version__}"],
        "notes": [] if what.chunk == 1 else [f"one run fills a chunk: it costs what {what.chunk} seeds cost"],
    }


@dataclasses.dataclass(frozen=True)
class ForwardOnly:
    """Reads and takes the loss; no gradient, no update."""

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Any]:
        def step(memory: Memory, now: Lesson) -> tuple[Memory, Any]:
            loss, state = step_loss(learner, memory.params, memory.state, now)
            # The weights move by nothing that the compiler could know of, so that no step can be left out.
            return memory._replace(state=state, params=memory.params.at[0].add(1e-30 * loss)), loss

        memory, losses = jax.lax.scan(step, memory, lesson)
        return memory, jnp.mean(losses)


@dataclasses.dataclass(frozen=True)
class NoOptimizer:
    """Gradients as in Online, and plain descent in place of Adam."""

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Any]:
        def update(memory: Memory, gradient: Any, _: Any) -> Memory:
            return memory._replace(params=memory.params - 0.001 * gradient)

        return Online().learn(learner._replace(update=update), memory, lesson)


@dataclasses.dataclass(frozen=True)
class AdamOnly:
    """Adam on the flat vector with a gradient that costs nothing: the weights themselves."""

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Any]:
        def step(memory: Memory, now: Lesson) -> tuple[Memory, Any]:
            return learner.update(memory, memory.params, True), memory.params[0]

        memory, losses = jax.lax.scan(step, memory, lesson)
        return memory, jnp.mean(losses)


@dataclasses.dataclass(frozen=True)
class Nothing:
    """The walk through epochs, lessons and steps, and one number a step."""

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Any]:
        def step(memory: Memory, now: Lesson) -> tuple[Memory, Any]:
            return memory._replace(params=memory.params.at[0].multiply(0.999)), memory.params[0]

        memory, losses = jax.lax.scan(step, memory, lesson)
        return memory, jnp.mean(losses)


ABLATION = {
    "all: forward, gradient, Adam": Online,
    "gradient, plain descent in place of Adam": NoOptimizer,
    "forward alone": ForwardOnly,
    "Adam alone": AdamOnly,
    "nothing but the loops": Nothing,
}


def device_time(what: Spec, repeats: int) -> float:
    """Return the median time of the compiled program for one chunk, in microseconds a step of one seed."""
    program = compile_program(what)
    steps = what.epochs * what.problem.n_sequences * what.problem.n_steps

    def work() -> None:
        seeds = list(range(what.chunk))
        lanes, orders = program.start(seeds), program.orders(what, seeds)
        for first in range(0, what.epochs, program.block):
            stop = min(first + program.block, what.epochs)
            lanes, record = program.run(lanes, next(orders), np.int32(first), np.int32(stop), np.int32(what.epochs))
        jax.block_until_ready(record)

    work()
    return float(np.median(protocol.clock(work, repeats))) / (steps * what.chunk) * 1e6


def ablate(repeats: int) -> str:
    """Return the table of the ablation; one thread a chunk, as in training."""
    default = spec(None).chunk
    lines = [f"microseconds a step and seed, one chunk on one core{'':<6}chunk 1{'':>6}chunk {default}"]
    for name, rule in ABLATION.items():
        one, many = (device_time(spec(chunk, rule()), repeats) for chunk in (1, default))
        lines.append(f"{name:<53}{one:>12.2f}{many:>13.2f}")
    return "\n".join([*lines, host(repeats)])


def host(repeats: int) -> str:
    """Return what is spent around the compiled program for one run of one seed."""
    what = spec(1)
    program = compile_program(what)
    whole = _median(lambda: run(what, 1), repeats)
    start = _median(lambda: program.start([0]), repeats)
    steps = what.epochs * what.problem.n_sequences * what.problem.n_steps
    inside = device_time(what, repeats) * steps / 1e6
    parts = f"compiled {1e3 * inside:.2f}, drawing weights {1e3 * start:.2f}"
    return f"one run, chunk 1: {1e3 * whole:.2f} ms, of which {parts}"


def _median(work: Callable[[], Any], repeats: int) -> float:
    return float(np.median(protocol.clock(work, repeats)))


def main() -> None:
    options = protocol.options(["table", "flags", "ablate"])
    if options.what == "ablate":
        print(ablate(options.repeats))
        return
    compiles = Compiles()
    rows = [row(chunk, options.repeats, compiles) for chunk in ((1, None) if options.what == "table" else (1,))]
    if options.what == "flags":
        rows[0]["system"] += ", XLA_FLAGS"
        rows[0]["notes"] = [f"with XLA_FLAGS={os.environ['XLA_FLAGS']}, to be set before JAX starts"]
    protocol.answer(rows)


if __name__ == "__main__":
    main()
