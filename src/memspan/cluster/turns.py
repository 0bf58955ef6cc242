"""Turns: so many at once and no more, those of the lowest rank first."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

__all__ = ["Turns"]


class Turns:
    """Lets so many in at once. All of it belongs to one event loop.

    Example:
        >>> async def told(turns, rank):
        ...     async with turns.turn(rank):
        ...         print(rank)
        ...         await asyncio.sleep(0)
        >>> async def all_of_them():
        ...     turns = Turns(1)
        ...     await asyncio.gather(*(told(turns, rank) for rank in (0, 2, 1)))
        >>> asyncio.run(all_of_them())
        0
        1
        2

    Args:
        room: how many at once.
    """

    def __init__(self, room: int) -> None:
        self._room, self._inside = room, 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def resize(self, room: int) -> None:
        """Let more in from now on, or fewer; nobody inside is sent away."""
        self._room = room
        self._admit()

    @asynccontextmanager
    async def turn(self, rank: int) -> AsyncGenerator[None, None]:
        """Wait until there is room, and take it.

        Args:
            rank: the lower, the sooner; those of one rank in the order in which they came.
        """
        asked = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._numbers), asked))
        self._admit()
        try:
            await asked
            yield
        finally:
            # Somebody who was let in and gave up in the same moment has a place to give back, too.
            if asked.done() and not asked.cancelled():
                self._inside -= 1
                self._admit()

    def _admit(self) -> None:
        while self._waiting and self._inside < self._room:
            _, _, asked = heapq.heappop(self._waiting)
            if not asked.done():
                asked.set_result(None)
                self._inside += 1
