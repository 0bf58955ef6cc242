"""A place where units run, and the little that a study asks of one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar, runtime_checkable

__all__ = ["Job", "Place", "Report", "UnitKilled"]

T = TypeVar("T")

Report = Callable[[int, float], None]
"""Told what is done of a unit so far: epochs, summed over its seeds, and the loss."""

Job = Callable[[tuple[int, ...], Report], T]
"""What is done with seeds. It is pure: of the same seeds it makes the same, wherever and however often it is called."""


class UnitKilled(RuntimeError):
    """A unit has no result, for the processes that ran it died; the message says so in one sentence.

    Example:
        >>> raise UnitKilled("3 workers died while they ran it")
        Traceback (most recent call last):
        memspan.cluster.place.UnitKilled: 3 workers died while they ran it
    """


@runtime_checkable
class Place(Protocol):
    """Somewhere that units run. A unit is a job and some seeds. Any thread may use a place."""

    @property
    def threads(self) -> int:
        """How many threads a unit may use."""
        ...

    @property
    def slots(self) -> int:
        """How many units at once keep the place busy; it may grow and shrink."""
        ...

    @property
    def jobs(self) -> int:
        """How many jobs are worth having under way at once, where each has few units."""
        ...

    @property
    def patience(self) -> float:
        """Seconds that a unit should take at least; shorter ones cost more to hand out than to run."""
        ...

    def submit(self, job: Job[T], seeds: tuple[int, ...], report: Report) -> Future[T]:
        """Run a unit, now or when it is its turn.

        Args:
            job: what is done; one that can be pickled.
            seeds: with these.
            report: called now and then while it runs, from any thread.

        Returns:
            What becomes of it. It may be waited for and cancelled; it ends with `UnitKilled` where whatever ran the
            unit died each time, with `ClusterError` where the place is no more.
        """
        ...

    def close(self) -> None:
        """Let go of all units that are not done."""
        ...
