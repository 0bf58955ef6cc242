"""What happens on a worker of a Dask cluster: a unit is run there, and its beginning and its progress are told."""

from __future__ import annotations

import functools
import pickle
import time
from concurrent.futures import CancelledError
from typing import Any

from memspan.cluster.place import Job
from memspan.core.errors import ClusterError
from memspan.store.environment import code_version, this_environment

__all__ = ["introduce", "perform"]

EVERY = 1.0  # seconds between two words about a unit


def introduce() -> dict[str, Any]:
    """Return what a worker's results may depend on."""
    return this_environment().to_json()


def perform(packed: bytes, seeds: tuple[int, ...], topic: str, code: str) -> Any:
    """Run a unit on the worker that this is called on.

    Args:
        packed: its job, pickled.
        seeds: its seeds.
        topic: where words about it go.
        code: the hash of the library's source that is expected.

    Raises:
        ClusterError: the worker has another memspan, or cannot import what the job is made of.
        CancelledError: nobody waits for the unit any more.
    """
    from distributed import get_worker
    from distributed.utils import sync

    worker: Any = get_worker()
    name = worker.get_current_task()
    if code_version() != code:
        raise ClusterError(
            f"worker {worker.address} must have the memspan of this machine, but its source is {code_version()} and "
            f"not {code}; install the same on all workers"
        )
    # This word is waited for: if the worker dies of the unit, it must be known that the unit had begun.
    sync(worker.loop, worker.scheduler.log_event, topic=topic, msg={"unit": name, "began": worker.address})
    job = _unpacked(packed, worker.address)
    spoke = time.monotonic()

    def report(epochs: int, loss: float) -> None:
        nonlocal spoke
        if time.monotonic() - spoke < EVERY:
            return
        spoke = time.monotonic()
        task = worker.state.tasks.get(name)
        if task is None or task.state == "cancelled":
            raise CancelledError
        worker.log_event(topic, {"unit": name, "epochs": int(epochs), "loss": float(loss)})

    return job(seeds, report)


@functools.lru_cache(maxsize=256)
def _unpacked(packed: bytes, worker: str) -> Job[Any]:
    """Return the job; the same object for the same bytes, so that it is compiled once."""
    try:
        return pickle.loads(packed)
    except (ImportError, AttributeError) as reason:
        raise ClusterError(
            f"worker {worker} must be able to import what a study is made of, but cannot ({reason}); install it there, "
            "or start the workers with its folder in PYTHONPATH"
        ) from reason
