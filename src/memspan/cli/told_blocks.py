"""Blocks of runs counted as they are kept; with `-v` each is a line on standard error."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memspan.cli.console import err
from memspan.stats import wilson
from memspan.studies.in_words import counted

if TYPE_CHECKING:
    from memspan.core.spec import Spec
    from memspan.store import StoredRun, Tensors
    from memspan.studies.kept.beside import Beside
    from memspan.studies.kept.keeper import Keeper

__all__ = ["ToldBlocks"]


@dataclass
class ToldBlocks:
    """A keeper that counts the blocks that another one keeps, and may tell of each.

    Attributes:
        keeper: keeps the runs.
        aloud: whether each block is told.
        solved: runs that solved it, of how many, of each spec since this began.
    """

    keeper: Keeper
    aloud: bool = True
    solved: dict[Spec, tuple[int, int]] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def missing(self, spec: Spec, seeds: Iterable[int], beside: Beside | None = None) -> list[int]:
        """Return those seeds of a spec that are still to be run."""
        return self.keeper.missing(spec, seeds) if beside is None else self.keeper.missing(spec, seeds, beside)

    def add(self, spec: Spec, runs: Iterable[StoredRun], weights: Mapping[int, Tensors] | None = None) -> None:
        """Keep a block of runs, then tell of it."""
        block = list(runs)
        self.keeper.add(spec, block, weights)
        with self._lock:
            before, of = self.solved.get(spec, (0, 0))
            solved, n = before + sum(run.solved for run in block), of + len(block)
            self.solved[spec] = solved, n
            if self.aloud:
                err().print(_line(spec, block, counted(solved, wilson(solved, n))), markup=False, soft_wrap=True)

    def so_far(self, spec: Spec) -> str:
        """Return in words how many runs come in a second, and how many of a spec's solve it; nothing before any."""
        made = sum(n for _, n in self.solved.copy().values())
        words = f"; {made / (time.monotonic() - self._began):.2g} a second" if made else ""
        solved, n = self.solved.get(spec, (0, 0))
        return f"{words}; here {counted(solved, wilson(solved, n))} solve it" if n else words

    def runs(self, spec: Spec, seeds: Iterable[int]) -> tuple[StoredRun, ...]:
        """Return the runs of these seeds."""
        return self.keeper.runs(spec, seeds)


def _line(spec: Spec, block: list[StoredRun], so_far: str) -> str:
    """Return what a block came to: "spec 0123..., lag 3: seeds 0 to 15, 8 solved, 2.1 s; so far 8/16 [28, 72] %"."""
    lag = getattr(spec.problem, "lag", None)
    seeds = f"seed {block[0].seed}" if len(block) == 1 else f"seeds {block[0].seed} to {block[-1].seed}"
    ended = [f"{sum(run.solved for run in block):,} solved"]
    ended += [
        f"{n:,} {status}" for status in ("diverged", "failed") if (n := sum(run.status == status for run in block))
    ]
    seconds = sum(run.seconds or 0.0 for run in block)
    where = f"spec {spec.hash}" + ("" if lag is None else f", lag {lag:,}")
    return f"{where}: {seeds}, {', '.join(ended)}, {seconds:,.1f} s; so far {so_far}"
