"""Reach the cluster that an address names, and see that its workers are fit for the study."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memspan.cluster.on_worker import introduce
from memspan.core.errors import ClusterError, InvalidInput

if TYPE_CHECKING:
    from memspan.cluster.dask import OnDask

__all__ = ["reach", "strange"]

ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^\s/]+:\d+")
ANSWERS_WITHIN = 5.0  # seconds


def reach(address: str) -> tuple[OnDask, list[str]]:
    """Return the workers that a scheduler has, and what a person should know about them.

    Example:
        >>> reach("localhost")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: cluster must be the address of a Dask scheduler such as
        tcp://127.0.0.1:8786, but got 'localhost'; `dask scheduler` prints it

    Args:
        address: of the scheduler, as it prints it.

    Returns:
        The workers, and sentences: that there are none yet, or in what they differ from this machine.

    Raises:
        InvalidInput: it is no address, or Dask is not installed here.
        ClusterError: nobody answers there, or a worker has another memspan than this process.
    """
    if not ADDRESS.fullmatch(address):
        raise InvalidInput(
            f"cluster must be the address of a Dask scheduler such as tcp://127.0.0.1:8786, but got '{address}'; "
            "`dask scheduler` prints it"
        )
    try:
        from distributed import Client
    except ImportError as error:
        raise InvalidInput(
            f"cluster must be left out, for Dask is not installed here ({error}); pip install 'memspan[cluster]'"
        ) from error
    from memspan.cluster.dask import OnDask

    try:
        client: Any = Client(address, timeout=ANSWERS_WITHIN, set_as_default=False, name="memspan")
    except (OSError, ValueError, ImportError) as error:
        why = " ".join(str(error).split())
        raise ClusterError(
            f"no scheduler answers at {address} ({why}); start one with `dask scheduler`, or see whether a firewall "
            "lies between"
        ) from error
    try:
        workers: dict[str, int] = dict(client.nthreads())
        answers: dict[str, Any] = client.run(introduce, on_error="return")
        notes = strange(introduce(), answers) if workers else [f"no worker has come to {address} yet; waiting for one"]
        return OnDask(client, address, workers), notes
    except BaseException:
        client.close()
        raise


def strange(here: Mapping[str, Any], answers: Mapping[str, Any]) -> list[str]:
    """Return in what workers differ from this machine, one sentence a difference.

    Example:
        >>> mine = {"versions": {"jax": "0.10.2", "python": "3.11.7"}, "device": "a CPU", "code": "1234"}
        >>> other = mine | {"versions": {"jax": "0.9.0", "python": "3.11.7"}}
        >>> strange(mine, {"tcp://a:1": mine, "tcp://b:1": other})
        ['1 of 2 workers has jax 0.9.0, here it is 0.10.2, so that rounding may differ']
        >>> strange(mine, {"tcp://a:1": mine | {"code": "5678"}})
        Traceback (most recent call last):
        memspan.core.errors.ClusterError: worker tcp://a:1 must have the memspan of this machine, but its source is
        5678 and not 1234; install the same on all workers

    Args:
        here: this machine, as `introduce` says it.
        answers: what each worker said: the same, or why it could not.

    Raises:
        ClusterError: a worker has no memspan, or another: what it would send back is not what was asked for.
    """
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, BaseException):
            raise ClusterError(
                f"worker {worker} must have memspan, but cannot say which ({type(answer).__name__}: {answer}); install "
                "it there"
            )
        if answer["code"] != here["code"]:
            raise ClusterError(
                f"worker {worker} must have the memspan of this machine, but its source is {answer['code']} and not "
                f"{here['code']}; install the same on all workers"
            )
    apart: Counter[tuple[str, str, str]] = Counter()
    for answer in answers.values():
        facts, others = [{**one["versions"], "processor": one["device"]} for one in (here, answer)]
        apart.update((name, facts[name], others[name]) for name in facts if facts[name] != others.get(name))
    return [
        f"{count} of {len(answers)} workers {'has' if count == 1 else 'have'} {name} {other}, here it is {mine}, so "
        "that rounding may differ"
        for (name, mine, other), count in sorted(apart.items())
    ]
