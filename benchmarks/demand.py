"""How long the demand of a million symbols takes, and in how much memory: `python -m benchmarks.demand`.

Each sequence is asked to window 32 in a process of its own; the promise is under 10 s on two cores and under 1 GB.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np

SYMBOLS = 1_000_000


def fair_coin(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    return rng.integers(2, size=SYMBOLS), 2


def even_process(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    heads = rng.integers(2, size=SYMBOLS)
    return np.repeat(1 - heads, 2 - heads)[:SYMBOLS], 2


def large_alphabet(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    return np.minimum(rng.zipf(1.3, size=SYMBOLS), 10_000) - 1, 10_000


def many_contexts(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """A random text, twice: half of all contexts come back at every window."""
    once = rng.integers(30, size=SYMBOLS // 2)
    return np.concatenate([once, once]), 30


PROCESSES = {process.__name__: process for process in (fair_coin, even_process, large_alphabet, many_contexts)}


def measure(name: str) -> None:
    from memspan.demand import estimate

    sequence, symbols = PROCESSES[name](np.random.default_rng(0))
    start = time.perf_counter()
    found = estimate([sequence], symbols, rng=np.random.default_rng(0), max_window=32)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    assert found.rows[-1].window == 32
    print(f"{name.replace('_', ' '):16s} {seconds:6.1f} s {peak:6.0f} MB   {found.verdict.outcome.value}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        for process in PROCESSES:
            subprocess.run([sys.executable, "-m", "benchmarks.demand", process], check=True)
