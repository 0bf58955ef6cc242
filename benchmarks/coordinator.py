"""How many units a second one process can hand out to a Dask cluster, take back and commit to a store.

    python -m benchmarks.coordinator                  the table
    python -m benchmarks.coordinator --json           the same, to be read by programs

A unit here trains nothing: it makes eight records with their curves, as many points as an LSTM's 1000 epochs leave, so
that all that is left is handing out, taking back and keeping. Scheduler and workers are started with Dask's commands.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client

import memspan as ms
from memspan.cluster import Here, Job, Place, Report, reach
from memspan.store import StoredRun
from memspan.studies.kept import keeping
from memspan.studies.kept.blocks import finish
from memspan.studies.kept.stored import here
from memspan.studies.kept.training import Made

EPOCHS = 1000
CHUNK = 8
SPEC = ms.Spec(ms.problems.Conflict(), ms.models.LSTM(), ms.rules.BPTT(), ms.Adam(), epochs=EPOCHS, chunk=CHUNK)


@dataclass(frozen=True)
class Nothing:
    """Makes records of runs that were not made."""

    epochs: int

    def __call__(self, seeds: tuple[int, ...], report: Report) -> Made:
        return Made([record(seed, self.epochs) for seed in seeds], None)


def record(seed: int, epochs: int) -> StoredRun:
    """Return a record with curves that compress as those of training do: a smooth loss, rounded scores."""
    rng, time_ = np.random.default_rng(seed), np.arange(epochs)
    loss = (np.exp(-time_ / 300) + 0.01 * rng.standard_normal(epochs)).astype(np.float32)
    accuracy = np.where(time_ % 10 == 9, np.minimum(1.0, 0.5 + time_ // 100 / 8), np.nan).astype(np.float32)
    curves = {"loss": loss, "accuracy": accuracy, "solved": time_ > 500, "updates": (2 * time_ + 2).astype(np.int32)}
    scores = {"evaluation": {"accuracy": 1.0}}
    return StoredRun(seed, "finished", True, 2 * epochs, 1002, here(), scores, curves, seconds=1.0)


class Instead:
    """A place where nothing is trained, whatever is asked for, and units stay small."""

    patience = 0.0

    def __init__(self, place: Place) -> None:
        self._place = place
        self.threads, self.slots, self.jobs = 1, place.slots, place.jobs

    def submit(self, job: Job[Any], seeds: tuple[int, ...], report: Report) -> Future[Any]:
        return self._place.submit(Nothing(job.spec.epochs), seeds, report)  # pyright: ignore

    def close(self) -> None:
        self._place.close()


def timed(place: Place, units: int, store: Path | None, client: Client | None = None) -> dict[str, float]:
    """Return units a second, and the milliseconds that a unit takes of this process and of the scheduler."""
    with keeping(store) as keeper:
        finish(SPEC, range(CHUNK * 20), keeper, place=Instead(place))  # connections, imports
        scheduler = _seconds_of_scheduler(client)
        own, start = time.process_time(), time.perf_counter()
        finish(SPEC, range(CHUNK * 20, CHUNK * (20 + units)), keeper, place=Instead(place))
        seconds = time.perf_counter() - start
        own, scheduler = time.process_time() - own, _seconds_of_scheduler(client) - scheduler
    return {
        "units_per_second": units / seconds,
        "this_process_ms": 1e3 * own / units,
        "scheduler_ms": 1e3 * scheduler / units,
        "kib": 0.0 if store is None else store.stat().st_size / 1024 / (20 + units),
    }


def _seconds_of_scheduler(client: Client | None) -> float:
    found: Any = client.run_on_scheduler(time.process_time) if client else 0.0
    return found


@contextmanager
def cluster(workers: int, threads: int) -> Generator[str, None, None]:
    """Start a scheduler and workers, and end them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    worker = [*dask, "worker", address, "--nworkers", str(workers), "--nthreads", str(threads), "--no-dashboard"]
    with tempfile.TemporaryDirectory() as folder:
        scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"]
        quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        quiet["env"] = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        processes = [subprocess.Popen(words, **quiet) for words in (scheduler, worker)]
        try:
            with Client(address, timeout=60, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=60)
            yield address
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        rows["this process, in memory"] = timed(Here(), asked.units, None)
        rows["this process, store"] = timed(Here(), asked.units, Path(folder) / "here.db")
        with cluster(asked.workers, asked.threads) as address, Client(address, set_as_default=False) as client:
            place, _ = reach(address)
            rows["Dask, in memory"] = timed(place, asked.units, None, client)
            rows["Dask, store"] = timed(place, asked.units, Path(folder) / "there.db", client)
            place.close()
    setting = {"units": asked.units, "runs_per_unit": CHUNK, "epochs": EPOCHS, "workers": asked.workers}
    if asked.json:
        print(json.dumps({**setting, "rows": rows}))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {asked.units:,} units of")
    print(f"{CHUNK} runs with curves of {EPOCHS:,} epochs; {asked.workers} workers of {asked.threads} threads\n")
    print(f"{'':26}{'units/s':>9}{'ms of this':>12}{'ms of the':>12}{'KiB a unit':>12}")
    print(f"{'':26}{'':>9}{'process':>12}{'scheduler':>12}{'on disk':>12}")
    for name, row in rows.items():
        cells = (row["units_per_second"], row["this_process_ms"], row["scheduler_ms"], row["kib"])
        print(f"{name:26}{cells[0]:9.0f}{cells[1]:12.2f}{cells[2]:12.2f}{cells[3]:12.1f}")


if __name__ == "__main__":
    main()
