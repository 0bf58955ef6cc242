"""Units on the workers of a Dask cluster; this process hands them out and takes their results."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import uuid
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import cloudpickle
from distributed.comm.core import CommClosedError
from distributed.scheduler import KilledWorker

from memspan.cluster.on_worker import perform
from memspan.cluster.place import Job, Report, UnitKilled
from memspan.cluster.turns import Turns
from memspan.core.errors import ClusterError, InvalidInput
from memspan.store.environment import code_version

__all__ = ["DEATHS", "OnDask"]

T = TypeVar("T")

DEATHS = 3  # of workers that had begun a unit, after which it is not tried again
TRIES = 20  # of a unit that stood by when workers died
AHEAD = 2  # units handed out for each thread, so that none waits for its next one
RATE = 100.0  # units a second that this process is asked to take back; see `python -m benchmarks.coordinator`
AGAIN = 2.0  # seconds between two looks at how many workers there are
GONE = 10.0  # seconds in which a scheduler must answer when it is asked to let go


@dataclass(eq=False)
class _UnderWay:
    """A unit that was handed out.

    Attributes:
        report: told what is done of it.
        began: the workers that began it, one after the other.
    """

    report: Report
    began: list[str] = field(default_factory=list[str])


class OnDask:
    """The workers of a Dask cluster. Use `reach` to make it.

    Args:
        client: connected to the scheduler.
        address: of the scheduler, as the user calls it.
        workers: how many threads each has.
    """

    threads = 1  # of a worker's; the others have units of their own
    jobs = 256

    def __init__(self, client: Any, address: str, workers: dict[str, int]) -> None:
        self._client, self._address, self._loop = client, address, client.loop.asyncio_loop
        self._workers = workers
        self._turns = Turns(self.slots)
        self._ranks: dict[Any, int] = {}
        self._packed: dict[Any, bytes] = {}
        self._topic = f"memspan-{uuid.uuid4().hex[:12]}"
        self._numbers = itertools.count()
        self._under_way: dict[str, _UnderWay] = {}
        self._waited_for: set[Future[Any]] = set()
        client.subscribe_topic(self._topic, self._heard)
        self._watching = asyncio.run_coroutine_threadsafe(self._watch(), self._loop)

    @property
    def workers(self) -> int:
        """How many workers there are."""
        return len(self._workers)

    @property
    def all_threads(self) -> int:
        """How many threads they have together."""
        return sum(self._workers.values())

    @property
    def slots(self) -> int:
        """Two units for each thread of a worker; where there is none yet, two."""
        return AHEAD * max(1, sum(self._workers.values()))

    @property
    def patience(self) -> float:
        """A second, or more where there are so many workers that results would come too fast."""
        return max(1.0, sum(self._workers.values()) / RATE)

    def submit(self, job: Job[T], seeds: tuple[int, ...], report: Report) -> Future[T]:
        """Run a unit when it is its turn; units of the job that was seen first go first."""
        rank = self._ranks.setdefault(job, len(self._ranks))
        unit = asyncio.run_coroutine_threadsafe(self._one(rank, self._pack(job), seeds, report), self._loop)
        self._waited_for.add(unit)
        unit.add_done_callback(self._waited_for.discard)
        return unit

    def close(self) -> None:
        """Let go of all units: workers stop at those they run, the scheduler forgets the others."""
        self._watching.cancel()
        for unit in list(self._waited_for):  # whoever waits must not wait for ever, for the loop ends with the client
            unit.cancel()
        self._client.close(timeout=GONE)

    async def _one(self, rank: int, packed: bytes, seeds: tuple[int, ...], report: Report) -> Any:
        """Hand a unit out until it has a result, or has killed so many workers that it has none."""
        unit = _UnderWay(report)
        async with self._turns.turn(rank):
            for tries in itertools.count(1):
                try:
                    return await self._tried(unit, packed, seeds)
                except KilledWorker as why:
                    # Dask blames all units that a worker held; those that had not begun are tried again.
                    if len(unit.began) >= DEATHS or tries >= TRIES:
                        raise UnitKilled(_sentence(unit, why)) from why

    async def _tried(self, unit: _UnderWay, packed: bytes, seeds: tuple[int, ...]) -> Any:
        name = f"{self._topic}-{next(self._numbers)}"  # a new one each time: Dask remembers what became of the last
        self._under_way[name] = unit
        future: Any = None
        try:
            future = self._client.submit(perform, packed, seeds, self._topic, code_version(), key=name, pure=False)
            return await future
        except ModuleNotFoundError as reason:
            raise ClusterError(
                f"every worker must have memspan, but one cannot import it ({reason}); install it on all of them"
            ) from reason
        except Exception as reason:
            # The end of the scheduler is met wherever a unit stands: waiting, being handed out or fetched.
            lost = isinstance(reason, CancelledError | CommClosedError) or self._client.status != "running"
            if not lost:
                raise
            raise ClusterError(
                f"the scheduler at {self._address} is gone, and what it had not handed back is to be run again"
            ) from reason
        finally:
            del self._under_way[name]
            if future is not None:
                future.release()

    def _heard(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take a word about a unit from a worker."""
        word = event[1]
        unit = self._under_way.get(word["unit"])
        if unit is None:
            return
        if "began" in word:
            unit.began.append(word["began"])
            return
        # Where nobody listens any more, the unit is let go by who waits for it.
        with contextlib.suppress(CancelledError):
            unit.report(word["epochs"], word["loss"])

    async def _watch(self) -> None:
        """See how many workers there are, from time to time."""
        while True:
            # Where nobody answers, those who wait for units are told.
            with contextlib.suppress(OSError):
                self._workers = dict(await self._client.scheduler.ncores())
            self._turns.resize(self.slots)
            await asyncio.sleep(AGAIN)

    def _pack(self, job: Any) -> bytes:
        """Return a job as bytes, made once: a job has many units."""
        if job not in self._packed:
            try:
                self._packed[job] = cloudpickle.dumps(job)
            except Exception as reason:  # whatever its parts raise
                raise InvalidInput(
                    f"what a study is made of must be something that can be sent to workers, but {job!r} is not "
                    f"({reason}); run it without a cluster"
                ) from reason
        return self._packed[job]


def _sentence(unit: _UnderWay, why: KilledWorker) -> str:
    return (
        f"{len(unit.began)} workers died while they ran these seeds, the last at {why.last_worker.address}; it may "
        "have been out of memory"
    )
