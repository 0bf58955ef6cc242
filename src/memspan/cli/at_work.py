"""Where a command has its runs made: here, or on the workers of a cluster."""

from __future__ import annotations

import logging
import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memspan.cluster import Place

__all__ = ["at_work", "there", "there_in_words"]


def at_work(cluster: str | None) -> AbstractContextManager[tuple[Place, list[str]]]:
    """Return the place where runs are made, and what a person should know about it.

    Args:
        cluster: address of a Dask scheduler; None for this process.
    """
    from memspan.studies.kept import working

    if cluster is not None:
        logging.disable()  # what Dask says of a scheduler that is gone; a command says it in one sentence
    return working(cluster)


def there(cluster: str | None, seconds: float) -> dict[str, Any] | None:
    """Return what a cluster makes of a time that was estimated here, as far as that can be known; None without one.

    Args:
        cluster: address of a Dask scheduler, which must answer; None for this process.
        seconds: what the work takes on all cores of this machine.

    Raises:
        InvalidInput: it is no address, or Dask is not installed here.
        ClusterError: nobody answers there, or a worker is not fit.
    """
    if cluster is None:
        return None
    from memspan.cluster import reach

    logging.disable()
    place, notes = reach(cluster)
    workers, threads = place.workers, place.all_threads
    place.close()
    return {
        "cluster": cluster,
        "workers": workers,
        "threads": threads,
        "seconds": seconds * (os.cpu_count() or 1) / threads if threads else None,
        "notes": notes,
    }


def there_in_words(told: dict[str, Any] | None) -> list[str]:
    """Return the same in a sentence, or none.

    Example:
        >>> there_in_words({"cluster": "tcp://a:1", "workers": 2, "threads": 4, "seconds": 8.0, "notes": []})
        ['on the workers of tcp://a:1, 2 now with 4 threads: about 8 s, if each is as fast as a core here and never \
idle; each worker compiles for itself']

    Args:
        told: what `there` returns.
    """
    from memspan.studies.in_words import about

    if told is None:
        return []
    if told["seconds"] is None:
        return [f"no worker has come to {told['cluster']} yet, so how long it takes there is not known"]
    return [
        f"on the workers of {told['cluster']}, {told['workers']:,} now with {told['threads']:,} threads: "
        f"{about(told['seconds'])}, if each is as fast as a core here and never idle; each worker compiles for itself",
        *(f"note: {note}" for note in told["notes"]),
    ]
