"""A Dask cluster as a person starts it, with Dask's own commands: a scheduler and two workers of one thread each."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

ROOT = Path(__file__).parents[2]
SURE = 90.0  # seconds in which anything happens even on a busy machine


@dataclass
class DaskCluster:
    """The processes, by what they are, and the address of the scheduler."""

    folder: Path
    address: str = ""
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def start(self, name, *words, **variables):
        """Start one of Dask's commands; it belongs to a group of processes of its own, with those that it starts."""
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        env = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2", **variables}
        with open(self.folder / f"{name}.log", "w") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "dask", *words, "--no-dashboard"],
                cwd=self.folder,
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def workers(self, name="workers", count=2, *words, **variables):
        """Start workers that know that they are some."""
        self.start(
            name,
            *("worker", self.address, "--nworkers", str(count), "--nthreads", "1", "--memory-limit", "0", *words),
            **{"ON_A_WORKER": "1", "JAX_COMPILATION_CACHE_DIR": str(self.folder / "programs"), **variables},
        )

    def end(self, name):
        """Kill a process and those that it started."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SURE)

    def pids(self):
        """The processes of the workers."""
        with Client(self.address, set_as_default=False) as client:
            return list(client.run(os.getpid).values())

    def until(self, true):
        """Wait until something is true."""
        waited_for(true, self.processes.values())


def waited_for(true, processes=()):
    """Wait until something is true, while processes live."""
    end = time.monotonic() + SURE
    while not true():
        assert time.monotonic() < end, "it never came"
        assert all(process.poll() is None for process in processes)
        time.sleep(0.02)


@contextmanager
def cluster(folder, count=2):
    """Start a cluster, and end all of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = DaskCluster(folder, f"tcp://127.0.0.1:{port}")
    try:
        made.start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", str(port))
        made.workers("workers", count)
        with Client(made.address, timeout=SURE, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=SURE)
        yield made
    finally:
        for name in list(made.processes):
            made.end(name)
