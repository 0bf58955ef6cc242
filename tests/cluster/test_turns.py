"""Turns: never more at once than there is room for, none lost, the lowest rank first."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from memspan.cluster.turns import Turns

visits = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=12)


@given(visits, st.integers(1, 3), st.integers(1, 3))
def test_never_too_many_and_no_place_is_lost(asked, room, later):
    """Each visit has a rank, stays for so many moments, and may be broken off at some moment."""

    async def all_of_them():
        turns, inside, most, done = Turns(room), 0, 0, 0

        async def visit(rank, moments):
            nonlocal inside, most, done
            async with turns.turn(rank):
                inside += 1
                most = max(most, inside)
                try:
                    for _ in range(moments):
                        await asyncio.sleep(0)
                finally:
                    inside -= 1
                done += 1

        tasks = [asyncio.create_task(visit(rank, moments)) for rank, moments, _ in asked]
        for number, (task, (_, moments, broken_off)) in enumerate(zip(tasks, asked, strict=True)):
            for _ in range(moments * (number % 2)):
                await asyncio.sleep(0)
            if broken_off:
                task.cancel()
        turns.resize(later)
        ends = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        assert done >= len([end for end in ends if end is None])
        assert most <= max(room, later)
        # All places have been given back: as many as there is room for get in at once.
        turns.resize(room)
        async with asyncio.timeout(5):
            for _ in range(room):
                await turns.turn(0).__aenter__()

    asyncio.run(all_of_them())


@given(st.lists(st.integers(0, 5), min_size=1, max_size=10))
def test_the_lowest_rank_goes_first(ranks):
    async def all_of_them():
        turns, order = Turns(1), []

        async def visit(rank, number):
            async with turns.turn(rank):
                order.append((rank, number))

        async with turns.turn(0):
            tasks = [asyncio.create_task(visit(rank, number)) for number, rank in enumerate(ranks)]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(all_of_them()) == sorted((rank, number) for number, rank in enumerate(ranks))
