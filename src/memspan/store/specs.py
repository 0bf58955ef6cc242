"""The specs of a store, and how their runs ended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.store.identity import dotted

__all__ = ["StoredSpec", "read_specs", "the_one"]


@dataclass(frozen=True)
class StoredSpec:
    """A spec of a store, and how its runs ended.

    Attributes:
        hash: its identity.
        json: its canonical JSON.
        runs: how many there are, whatever became of them.
        solved: those that hold the criterion at the end.
        diverged: those whose loss stopped being finite.
        failed: those that have no result.
    """

    hash: str
    json: str
    runs: int
    solved: int
    diverged: int
    failed: int

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The spec as plain data."""
        return json.loads(self.json)


def read_specs(connection: sqlite3.Connection, where: Mapping[str, Any]) -> tuple[StoredSpec, ...]:
    """Return the specs whose settings are such, in the order of their hashes.

    Args:
        connection: to a store.
        where: settings under dotted names, and what they must be.
    """
    rows = connection.execute(
        "SELECT hash, settings, count(seed), ifnull(sum(solved), 0), ifnull(sum(status = 'diverged'), 0), "
        "ifnull(sum(status = 'failed'), 0) FROM specs LEFT JOIN runs ON spec = hash GROUP BY hash ORDER BY hash"
    )
    specs = (StoredSpec(*row) for row in rows)
    return tuple(spec for spec in specs if where.items() <= dotted(spec.settings, "spec").items())


def the_one(specs: Sequence[StoredSpec], beginning: str, path: Path) -> StoredSpec:
    """Return the one spec whose hash begins so.

    Example:
        >>> the_one([], "3f", Path("runs.db"))
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: spec must be the beginning of one hash in runs.db, but got '3f', which 0 begin
        with; there are none

    Args:
        specs: those there are.
        beginning: of a hash.
        path: the store.

    Raises:
        InvalidInput: there is none or more than one.
    """
    found = [spec for spec in specs if spec.hash.startswith(beginning)]
    if len(found) != 1:
        some = ", ".join(spec.hash for spec in (found or specs)[:5]) or "none"
        raise InvalidInput(
            f"spec must be the beginning of one hash in {path}, but got '{beginning}', which {len(found)} begin with; "
            f"there are {some}"
        )
    return found[0]
