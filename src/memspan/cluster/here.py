"""Units in this process, one after the other, each on all cores."""

from __future__ import annotations

import os
from concurrent.futures import Future
from typing import TypeVar

from memspan.cluster.place import Job, Report

__all__ = ["Here"]

T = TypeVar("T")


class Here:
    """This process.

    Example:
        >>> Here().submit(lambda seeds, report: sum(seeds), (1, 2), print).result()
        3
    """

    slots = 1
    jobs = 1
    patience = 1.0  # seconds; each unit is written to the disk by itself

    @property
    def threads(self) -> int:
        """As many as there are cores."""
        return os.cpu_count() or 1

    def submit(self, job: Job[T], seeds: tuple[int, ...], report: Report) -> Future[T]:
        """Run a unit in the thread that asks for it; what is returned is done."""
        done: Future[T] = Future()
        try:
            done.set_result(job(seeds, report))
        except BaseException as reason:  # whoever reads the result is told, an interrupt too
            done.set_exception(reason)
        return done

    def close(self) -> None:
        """Nothing is under way."""
