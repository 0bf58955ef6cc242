"""Run the lines side by side; each is handed over as soon as it is done."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.core.estimate import Estimate
from memspan.engine import Runs
from memspan.engine.train import Progress, run
from memspan.stats import median_time
from memspan.studies.demo.plan import Line

__all__ = ["Measured", "measure"]

AT_ONCE = 2  # one line compiles while another runs


@dataclass(frozen=True, eq=False)
class Measured:
    """A line with its runs.

    Attributes:
        line: what was run.
        runs: what came out.
    """

    line: Line
    runs: Runs

    @property
    def updates_until_solved(self) -> Estimate:
        """Median updates until first solved, over all runs; those that never solved it count as censored."""
        times = self.runs.updates_until_solved
        return median_time(np.minimum(times, self.runs.updates), np.isfinite(times))

    @property
    def best_accuracy(self) -> float:
        """Highest accuracy of any run after any epoch."""
        return float(np.nanmax(self.runs.accuracy))

    def to_json(self) -> dict[str, Any]:
        """Return the line as plain data."""
        return {
            "rule": self.line.name,
            "label": self.line.label,
            "spec": self.line.spec.hash,
            "success": self.runs.success.to_json(),
            "ever_solved": self.runs.ever_solved.to_json(),
            "updates_until_solved": _finite(self.updates_until_solved.to_json()),
            "updates": self.runs.updates,
            "ceiling": self.line.ceiling,
            "best_accuracy": self.best_accuracy,
            "diverged": int((~self.runs.finite).sum()),
        }


def _finite(fields: dict[str, Any]) -> dict[str, Any]:
    """Return None in place of infinity, which JSON cannot say: not reached within the budget."""
    return {key: None if isinstance(value, float) and np.isinf(value) else value for key, value in fields.items()}


def measure(lines: list[Line], on_progress: Callable[[Line, Progress], None] | None = None) -> Iterator[Measured]:
    """Yield the lines in the order in which they finish.

    Args:
        lines: what to run.
        on_progress: called after every block of epochs, from the thread that trained it.

    Yields:
        One measured line at a time.
    """
    stopped = threading.Event()

    def report(line: Line, progress: Progress) -> None:
        if stopped.is_set():
            raise CancelledError  # nobody reads this line any more: leave it at the end of its block
        if on_progress:
            on_progress(line, progress)

    def one(line: Line) -> Measured:
        return Measured(line, run(line.spec, line.seeds, functools.partial(report, line)))

    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for future in as_completed([pool.submit(one, line) for line in lines]):
            yield future.result()
    finally:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
