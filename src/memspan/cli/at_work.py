"""Where a command has its runs made: here, or on the workers of a cluster."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memspan.cluster import Place

__all__ = ["at_work"]


def at_work(cluster: str | None) -> AbstractContextManager[tuple[Place, list[str]]]:
    """Return the place where runs are made, and what a person should know about it.

    Args:
        cluster: address of a Dask scheduler; None for this process.
    """
    from memspan.studies.kept import working

    if cluster is not None:
        logging.disable()  # what Dask says of a scheduler that is gone; a command says it in one sentence
    return working(cluster)
