"""How fast every problem of memspan.problems draws: sequences and symbols a second, warm, on one core.

    python -m benchmarks.problems            the table
    python -m benchmarks.problems --json     the same, to be read by programs

Each problem draws with its default sizes. A call draws as many presentations side by side, as the engine does for the
seeds of a chunk, as make about 200,000 steps; keys are made beforehand. The process is bound to one core before JAX
starts, so that XLA's threads share it too. A symbol is one step of one sequence, real-valued steps included.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import statistics
import time
from typing import Any

REPEATS = 7
SECONDS = 0.2  # of drawing in each repeat, at least
STEPS = 200_000  # of one call, roughly, so that the call itself costs little
ENOUGH = 1e6  # symbols a second


def bind_to_one_core() -> str:
    """Bind this process and every thread it will start to one core; say how."""
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
    if not hasattr(os, "sched_setaffinity"):
        return "XLA's thread pool for one operation is off; this system cannot bind a process to a core"
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"bound to core {core}"


def problems() -> list[Any]:
    """Return every problem that memspan.problems exports and that needs no argument, with its defaults."""
    import memspan.problems as catalogue
    from memspan.core.problem import Problem

    kinds = [kind for name, kind in sorted(vars(catalogue).items()) if inspect.isclass(kind)]
    return [kind() for kind in kinds if not _needs_arguments(kind) and isinstance(kind(), Problem)]


def _needs_arguments(kind: type) -> bool:
    parameters = inspect.signature(kind).parameters.values()
    return any(p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def measure(problem: Any, repeats: int) -> dict[str, Any]:
    """Time a problem's draws until they are there; a fixed one hands out the same sequences at every call."""
    import jax

    at_once = max(1, STEPS // (problem.n_sequences * problem.n_steps))
    keys = list(jax.random.split(jax.random.key(0), (16, at_once)))
    draw = jax.jit(jax.vmap(problem.batch))
    start = time.perf_counter()
    jax.block_until_ready(draw(keys[0]))
    first = time.perf_counter() - start
    seconds = [_seconds_a_call(draw, keys) for _ in range(repeats)]
    rows = problem.n_sequences * at_once
    steps = rows * problem.n_steps
    rates = {"sequences": rows / statistics.median(seconds), "symbols": steps / statistics.median(seconds)}
    return {"problem": problem.variant, "fixed": problem.is_fixed, "first": first, "seconds": seconds, **rates}


def _seconds_a_call(draw: Any, keys: list[Any]) -> float:
    import jax

    calls, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        jax.block_until_ready(draw(keys[calls % len(keys)]))
        calls += 1
    return (time.perf_counter() - start) / calls


def table(rows: list[dict[str, Any]]) -> str:
    """Return the table that people read."""
    width = max(len(row["problem"]) for row in rows)
    lines = [f"{'problem':{width}}  {'sequences/s':>12}  {'symbols/s':>14}  {'spread':>7}  {'first s':>7}"]
    for row in rows:
        spread = (max(row["seconds"]) - min(row["seconds"])) / statistics.median(row["seconds"])
        note = "  (fixed)" if row["fixed"] else "" if row["symbols"] >= ENOUGH else "  (below a million)"
        rates = f"{row['sequences']:12,.0f}  {row['symbols']:14,.0f}"
        lines.append(f"{row['problem']:{width}}  {rates}  {spread:7.0%}  {row['first']:7.2f}{note}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print everything that was timed")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="measurements of each problem")
    arguments = parser.parse_args()
    bound = bind_to_one_core()
    rows = [measure(problem, arguments.repeats) for problem in problems()]
    print(json.dumps(rows) if arguments.json else f"{bound}; median of {arguments.repeats}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
