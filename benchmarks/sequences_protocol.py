"""What all systems of benchmarks.sequences share: the case, its data, the clock, the memory, the answer."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SYMBOLS = 5
WARM_SECONDS, TIMED_SECONDS = 0.5, 1.0  # a fast case is repeated for longer than its repeats take
ENOUGH_SECONDS = 20.0  # a slow case is not repeated for longer
MEGABYTE = 1e6


@dataclass(frozen=True)
class Case:
    """One network, one batch, and how many networks there are."""

    units: int
    steps: int
    batch: int
    models: int


def arguments() -> tuple[Case, argparse.Namespace]:
    parser = argparse.ArgumentParser()
    for name in Case.__annotations__:
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--how", default="")
    options = parser.parse_args()
    return Case(*(getattr(options, name) for name in Case.__annotations__)), options


def symbols(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return random inputs and targets [batch, time]; every step is scored."""
    rng = np.random.default_rng(0)
    return tuple(rng.integers(SYMBOLS, size=(2, case.batch, case.steps)).astype(np.int32))


def one_hot(values: np.ndarray) -> np.ndarray:
    return np.eye(SYMBOLS, dtype=np.float32)[values]


def _status(name: str) -> float | None:
    """Return a line of Linux's account of this process, in megabytes."""
    path = Path("/proc/self/status")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((float(line.split()[1]) * 1024 / MEGABYTE for line in lines if line.startswith(name)), None)


def _highest() -> float:
    """Return the most memory that the process ever held; macOS counts bytes, Linux kilobytes."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / MEGABYTE if sys.platform == "darwin" else size * 1024 / MEGABYTE


class Measurement:
    """Made when the framework is imported and nothing else has happened."""

    def __init__(self) -> None:
        self.before = _status("VmRSS:") or _highest()

    def answer(self, update: Callable[[], Any], repeats: int, started: float, **more: Any) -> None:
        """Time updates, the first of which compiles, and print one line of JSON.

        Where the system can forget its high-water mark (Linux), the memory of compiling is not counted.
        """
        update()
        first = time.perf_counter() - started
        try:
            Path("/proc/self/clear_refs").write_text("5")
            steady = True
        except OSError:
            steady = False
        warm = time.perf_counter()
        update()
        while time.perf_counter() - warm < WARM_SECONDS:
            update()
        seconds: list[float] = []
        while sum(seconds) < TIMED_SECONDS or (len(seconds) < repeats and sum(seconds) < ENOUGH_SECONDS):
            start = time.perf_counter()
            update()
            seconds.append(time.perf_counter() - start)
        highest = (_status("VmHWM:") if steady else None) or _highest()
        memory = {"peak_mb": highest - self.before, "peak_with_compiling": not steady}
        print(json.dumps({"seconds": seconds, "first": first, **memory, **more}))
