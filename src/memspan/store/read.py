"""Rows of a store as runs, a page at a time: nobody's snapshot stays open while a caller thinks."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from memspan.store.curve import unpack
from memspan.store.environment import Environment
from memspan.store.run import StoredRun
from memspan.store.transaction import transaction

__all__ = ["PAGE", "page_of_runs", "read_environments", "run_of", "seeds_of"]

PAGE = 256  # runs


def seeds_of(connection: sqlite3.Connection, spec: str, statuses: Iterable[str]) -> set[int]:
    """Return the seeds of a spec that ended in one of these ways."""
    wanted = tuple(statuses)
    marks = ", ".join("?" * len(wanted))
    rows = connection.execute(f"SELECT seed FROM runs WHERE spec = ? AND status IN ({marks})", (spec, *wanted))
    return {seed for (seed,) in rows}


def read_environments(connection: sqlite3.Connection) -> dict[str, Environment]:
    """Return the environments of a store by their hash."""
    rows = connection.execute("SELECT hash, content FROM environments ORDER BY hash")
    return {hash: Environment(**json.loads(content)) for hash, content in rows}


def run_of(connection: sqlite3.Connection, spec: str, seed: int) -> StoredRun:
    """Return one run that is there, within whatever transaction there is."""
    return next(_runs(connection, spec, seed, seed, True))


def page_of_runs(connection: sqlite3.Connection, spec: str, after: int, curves: bool = True) -> list[StoredRun]:
    """Return the next runs of a spec, by their seeds.

    Args:
        connection: to a store.
        spec: the spec's hash.
        after: the seed of the run before them; -1 for the first ones.
        curves: whether to read them; without, runs have none.

    Returns:
        At most `PAGE` runs.
    """
    with transaction(connection, "DEFERRED"):
        chosen = connection.execute(
            "SELECT max(seed) FROM (SELECT seed FROM runs WHERE spec = ? AND seed > ? ORDER BY seed LIMIT ?)",
            (spec, after, PAGE),
        )
        last: int | None = chosen.fetchone()[0]
        return [] if last is None else list(_runs(connection, spec, after + 1, last, curves))


def _runs(connection: sqlite3.Connection, spec: str, first: int, last: int, with_curves: bool) -> Iterator[StoredRun]:
    """Yield the runs of a spec between two seeds."""
    these = "JOIN runs ON runs.id = run WHERE spec = ? AND seed BETWEEN ? AND ?"
    where = (spec, first, last)
    scores: defaultdict[int, dict[str, dict[str, float]]] = defaultdict(dict)
    for run, split, name, value in connection.execute(f"SELECT run, split, name, value FROM scores {these}", where):
        scores[run].setdefault(split, {})[name] = math.nan if value is None else value
    curves: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    if with_curves:
        for run, name, points in connection.execute(f"SELECT run, name, points FROM curves {these}", where):
            curves[run][name] = unpack(points)
    environments = read_environments(connection)
    rows = connection.execute(
        "SELECT id, seed, status, solved, updates, updates_until_solved, environment, seconds, reason FROM runs "
        "WHERE spec = ? AND seed BETWEEN ? AND ? ORDER BY seed",
        where,
    )
    for run, seed, status, solved, updates, until, environment, seconds, reason in rows:
        yield StoredRun(
            seed=seed,
            status=status,
            solved=bool(solved),
            updates=updates,
            updates_until_solved=until,
            environment=environments[environment],
            scores=scores[run],
            curves=curves[run],
            seconds=seconds,
            reason=reason,
        )
