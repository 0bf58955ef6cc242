"""Units on a real cluster: each has its result, whatever dies; what kills its workers is told from what stood by."""

from __future__ import annotations

import itertools
import os
import sys
import textwrap
import time
from concurrent.futures import CancelledError, wait
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from distributed import Client
from tests.cluster.dask_cluster import waited_for
from tests.cluster.jobs import Squares

from memspan.cluster import UnitKilled, reach
from memspan.cluster.on_worker import perform
from memspan.core.errors import ClusterError, InvalidInput


@contextmanager
def reached(address):
    place, notes = reach(address)
    try:
        yield place, notes
    finally:
        place.close()


def nothing(epochs, loss):
    """Listens to nothing."""


def test_every_unit_comes_back_and_few_are_handed_out_at_a_time(workers):
    told = []
    with reached(workers.address) as (place, notes), Client(workers.address, set_as_default=False) as client:
        assert (notes, place.workers, place.slots, place.patience) == ([], 2, 4, 1.0)
        units = {
            place.submit(Squares(seconds=0.02), (n, n + 1), lambda *words: told.append(words)): n for n in range(60)
        }
        most = 0
        while not all(unit.done() for unit in units):
            most = max(most, client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))
        assert {n: unit.result() for unit, n in units.items()} == {n: [n * n, (n + 1) ** 2] for n in range(60)}
        assert 2 <= most <= 4
        waited_for(lambda: client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0)


def test_the_job_that_came_first_goes_first(workers):
    done = []
    with reached(workers.address) as (place, _):
        units = []
        for seconds, n in itertools.product((0.02, 0.021), range(12)):
            units.append(place.submit(Squares(seconds=seconds), (n,), nothing))
            units[-1].add_done_callback(lambda _, seconds=seconds: done.append(seconds))
        units.append(place.submit(Squares(seconds=0.02), (99,), nothing))
        units[-1].add_done_callback(lambda _: done.append("first job, last unit"))
        wait(units)
        time.sleep(0.1)
    assert done.index("first job, last unit") <= 12 + 4


def test_a_unit_that_kills_its_worker_three_times_is_told_from_those_beside_it(workers):
    with Client(workers.address, set_as_default=False) as client, reached(workers.address) as (place, _):
        before = len(deaths(client))
        units = {n: place.submit(Squares(deadly=(3,), seconds=0.05), (n,), nothing) for n in range(30)}
        wait(units.values())
        with pytest.raises(
            UnitKilled, match=r"3 workers died while they ran these seeds, the last at tcp://127.0.0.1:"
        ):
            units.pop(3).result()
        assert {n: unit.result() for n, unit in units.items()} == {n: [n * n] for n in units}
        assert len(deaths(client)) - before == 3
        client.wait_for_workers(2, timeout=60)


def deaths(client):
    """The workers that were lost while they held something."""
    return [
        word for _, word in client.get_events("all") if word["action"] == "remove-worker" and word["processing-tasks"]
    ]


def test_a_unit_that_nobody_waits_for_is_let_go(workers):
    with Client(workers.address, set_as_default=False) as client:
        with reached(workers.address) as (place, _):
            units = [place.submit(Counting(), (n,), nothing) for n in range(9)]
            waited_for(lambda: sum(client.run(executing).values()) == 2)
            units[-1].cancel()
        assert all(unit.cancelled() or unit.exception(timeout=5) for unit in units)
        waited_for(lambda: sum(client.run(executing).values()) == 0)
        assert client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0


@dataclass(frozen=True)
class Counting:
    """Goes on for as long as anybody listens."""

    def __call__(self, seeds, report):
        for epochs in range(10_000):
            time.sleep(0.01)
            report(epochs, 0.5)


def executing(dask_worker):
    """How many tasks a worker executes."""
    return len(dask_worker.active_threads)


def test_progress_is_told_while_a_unit_runs(workers):
    told = []
    with reached(workers.address) as (place, _):
        unit = place.submit(Counting(), (0,), lambda *words: told.append(words))
        waited_for(lambda: len(told) >= 2)
        unit.cancel()
    assert told[0][0] < told[1][0]
    assert told[0][1] == 0.5


def test_what_a_worker_cannot_import_is_named(workers, tmp_path, monkeypatch):
    (tmp_path / "only_here_module.py").write_text(
        textwrap.dedent("""
            from dataclasses import dataclass
            @dataclass(frozen=True)
            class Mine:
                def __call__(self, seeds, report):
                    return seeds
        """)
    )
    monkeypatch.syspath_prepend(tmp_path)
    import only_here_module  # pyright: ignore

    with reached(workers.address) as (place, _):
        with pytest.raises(ClusterError, match=r"able to import what .*No module named 'only_here_module'"):
            place.submit(only_here_module.Mine(), (0,), nothing).result(timeout=60)
        with pytest.raises(InvalidInput, match="must be something that can be sent to workers"):
            place.submit(Unsendable(sys.stdout.buffer), (0,), nothing)


@dataclass(frozen=True)
class Unsendable:
    """Holds what no other process can have."""

    file: object

    def __call__(self, seeds, report):
        return seeds


def test_what_a_unit_raises_is_raised_here(workers):
    with reached(workers.address) as (place, _), pytest.raises(InvalidInput, match="no good"):
        place.submit(Refusing(), (0,), nothing).result(timeout=60)


@dataclass(frozen=True)
class Refusing:
    """Refuses."""

    def __call__(self, seeds, report):
        raise InvalidInput("no good")


def test_a_worker_with_another_memspan_is_refused(workers, tmp_path):
    """At the start where it is there already; at its first unit where it comes later."""
    with Client(workers.address, set_as_default=False) as client:
        late = client.submit(perform, b"", (0,), "topic", "another hash", pure=False)
        with pytest.raises(
            ClusterError, match=r"must have the memspan of this machine, but its source is .* another h"
        ):
            late.result(timeout=60)
        changed = tmp_path / "changed.py"
        changed.write_text("import memspan.store.environment as one\none.code_version = lambda: 'fedcba9876543210'\n")
        workers.workers("another", 1, "--preload", str(changed))
        try:
            client.wait_for_workers(3, timeout=60)
            with pytest.raises(ClusterError, match="its source is fedcba9876543210 and not"):
                reach(workers.address)
        finally:
            workers.end("another")
            waited_for(lambda: len(client.nthreads()) == 2)


def test_nobody_there():
    began = time.monotonic()
    with pytest.raises(ClusterError, match=r"no scheduler answers at tcp://127.0.0.1:9 \(.*start one with `dask sch"):
        reach("tcp://127.0.0.1:9")
    assert time.monotonic() - began < 20
    assert not isinstance(CancelledError(), ClusterError)


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://somewhere", "http://a:1", ""])
def test_no_address(address):
    with pytest.raises(InvalidInput, match=r"cluster must be the address of a Dask scheduler such as tcp://"):
        reach(address)


def test_the_workers_are_processes_of_their_own(workers):
    pids = workers.pids()
    assert len(set(pids)) == 2
    assert os.getpid() not in pids
