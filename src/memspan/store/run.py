"""A run as the store keeps it: one seed of one spec, in plain numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Shaped

from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.store.curve import check_curve
from memspan.store.environment import Environment

__all__ = ["STATUSES", "StoredRun", "difference"]

STATUSES = ("finished", "diverged", "failed")
LARGEST = 2**63 - 1  # of SQLite's integers
NAME = re.compile(r"[^.\x00-\x1f\ud800-\udfff]+")  # they become names of columns, joined by dots


@dataclass(frozen=True, eq=False)
class StoredRun:
    """What one seed of one spec left behind.

    Example:
        >>> here = Environment({}, "cpu", "")
        >>> StoredRun(seed=0, status="finished", solved=True, updates=500, updates_until_solved=None, environment=here)
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: a solved run must have finished and say after how many updates, but got
        status 'finished' and updates_until_solved None; see what made it

    Attributes:
        seed: which one.
        status: "finished", "diverged" (the loss stopped being finite) or "failed" (no result: its process died, say).
        solved: whether the criterion holds at the end.
        updates: weight updates made; where it was not solved, that is when observation ended (censoring).
        updates_until_solved: until the criterion first held; None where it never did.
        environment: where it was computed.
        scores: by split and name, such as `{"train": {"accuracy": 1.0}}`; names without dots.
        curves: by name, one value a point; float32, float64, int32, int64 or bool.
        seconds: on the wall, as measured. Nothing is ever ordered by it.
        reason: why it failed, for a person.
    """

    seed: int
    status: str
    solved: bool
    updates: int
    updates_until_solved: int | None
    environment: Environment
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    curves: Mapping[str, Shaped[np.ndarray, "..."]] = field(default_factory=dict[str, np.ndarray])
    seconds: float = 0.0
    reason: str = ""

    def __post_init__(self) -> None:
        check_range("seed", self.seed, 0, LARGEST)
        check_choice("status", self.status, STATUSES)
        check_range("updates", self.updates, 0, LARGEST)
        if self.updates_until_solved is not None:
            check_range("updates_until_solved", self.updates_until_solved, 0, self.updates)
        if self.solved and (self.status != "finished" or self.updates_until_solved is None):
            raise InvalidInput(
                "a solved run must have finished and say after how many updates, but got status "
                f"'{self.status}' and updates_until_solved {self.updates_until_solved}; see what made it"
            )
        if not math.isfinite(self.seconds):
            raise InvalidInput(f"seconds must be a finite number, but got {self.seconds}; measure it again")
        for name in [*self.scores, *self.curves, *(name for split in self.scores.values() for name in split)]:
            if not NAME.fullmatch(name):
                raise InvalidInput(
                    f"names of scores and curves must be words without dots, but got {name!r}; call it otherwise"
                )
        curves = {name: check_curve(name, curve) for name, curve in sorted(self.curves.items())}
        # Zero has one sign, for SQLite keeps one.
        scores = {
            split: {name: float(value) + 0.0 for name, value in sorted(named.items())}
            for split, named in sorted(self.scores.items())
            if named
        }
        object.__setattr__(self, "curves", curves)
        object.__setattr__(self, "scores", scores)
        # What a failure says may hold bytes of a path that are no text.
        object.__setattr__(self, "reason", self.reason.encode("utf-8", "backslashreplace").decode())


def difference(first: StoredRun, second: StoredRun) -> str | None:
    """Return where two runs of the same seed and spec differ, or None; wall time and environment may.

    Example:
        >>> here = Environment({}, "cpu", "")
        >>> first = StoredRun(0, "finished", False, 500, None, here, {"train": {"accuracy": 0.5}})
        >>> second = StoredRun(0, "finished", False, 500, None, here, {"train": {"accuracy": 0.75}})
        >>> difference(first, second)
        'train accuracy was 0.5 and is now 0.75'
    """
    for name in ("status", "solved", "updates", "updates_until_solved"):
        was, now = getattr(first, name), getattr(second, name)
        if was != now:
            return f"{name} was {was} and is now {now}"
    for split in sorted({*first.scores, *second.scores}):
        was, now = first.scores.get(split, {}), second.scores.get(split, {})
        for name in sorted({*was, *now}):
            if repr(was.get(name)) != repr(now.get(name)):  # a NaN is like another
                return f"{split} {name} was {was.get(name)} and is now {now.get(name)}"
    for name in sorted({*first.curves, *second.curves}):
        if found := _curves_differ(first.curves.get(name), second.curves.get(name)):
            return f"curve '{name}' {found}"
    return None


def _curves_differ(was: Shaped[np.ndarray, " before"] | None, now: Shaped[np.ndarray, " after"] | None) -> str | None:
    if was is None or now is None:
        return "was " + ("not there and is now" if was is None else "there and is not now")
    if was.shape != now.shape or was.dtype != now.dtype:
        return f"was {len(was)} of {was.dtype} and is now {len(now)} of {now.dtype}"
    bits = f"u{was.itemsize}"
    apart = np.flatnonzero(was.view(bits) != now.view(bits))
    return f"was {was[apart[0]]} at point {apart[0]} and is now {now[apart[0]]}" if len(apart) else None
