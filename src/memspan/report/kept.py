"""A study as a store keeps it: its cells with their runs, and what each was a run of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.core.spec import Spec
from memspan.stats import MemorySpan, memory_span
from memspan.store import Store, StoredRun, StoredSpec
from memspan.studies.kept.rebuilt import spec_of
from memspan.studies.noted import PILOT, NotedCell, NotedStudy, noted, the_study
from memspan.studies.outcomes import AbstractOutcomes

__all__ = ["KeptCell", "KeptStudy", "kept_study"]


@dataclass(frozen=True, eq=False)
class KeptCell(AbstractOutcomes):
    """One recipe at one lag, with its runs.

    Attributes:
        noted: which runs belong to it.
        stored: what they are runs of, as the store says.
        runs: in the order of the seeds, without curves; one that has no result is a failure, as in the study itself.
    """

    noted: NotedCell
    stored: StoredSpec
    runs: tuple[StoredRun, ...]

    @cached_property
    def spec(self) -> Spec | None:
        """The spec itself; None where parts of it are not this library's, or another version's."""
        try:
            return spec_of(self.stored.settings, self.stored.hash)
        except InvalidInput:
            return None

    @property
    def scores(self) -> tuple[str, Float[np.ndarray, " run"]]:
        """The name of the score, and its last value of each run; NaN where a run has none."""
        names = [name for run in self.runs for name in run.scores.get("evaluation", {})]
        name = names[0] if names else "score"
        values = [run.scores.get("evaluation", {}).get(name, np.nan) for run in self.runs]
        return name, np.array(values, float)


@dataclass(frozen=True, eq=False)
class KeptStudy:
    """A study, as far as it is done.

    Attributes:
        noted: what was asked for.
        cells: those that have runs, in the study's order.
        empty: those that have none.
        store: where they are.
        path: how the user calls it.
    """

    noted: NotedStudy
    cells: tuple[KeptCell, ...]
    empty: tuple[NotedCell, ...]
    store: Store
    path: Path

    @property
    def names(self) -> tuple[str, ...]:
        """The recipes that have runs."""
        return tuple(dict.fromkeys(cell.noted.recipe for cell in self.cells))

    @property
    def lags(self) -> tuple[int, ...]:
        """The lags that have runs, ascending."""
        return tuple(sorted({cell.noted.lag for cell in self.cells}))

    def row(self, name: str) -> dict[int, KeptCell]:
        """Return the cells of a recipe by lag, the shortest first."""
        cells = {cell.noted.lag: cell for cell in self.cells if cell.noted.recipe == name}
        return dict(sorted(cells.items()))

    def memory_span(self, name: str, level: float = 0.5) -> MemorySpan:
        """Return the longest lag, of those a recipe was measured at, up to which enough of its runs succeed."""
        row = self.row(name)
        solved, runs = [one.solved for one in row.values()], [len(one.runs) for one in row.values()]
        return memory_span(list(row), solved, runs, level, **_stopping(self.noted))

    def curves(self, cell: KeptCell) -> tuple[StoredRun, ...]:
        """Return the runs of a cell with their curves."""
        seeds = {run.seed for run in cell.runs}
        return tuple(run for run in self.store.runs(cell.stored.hash) if run.seed in seeds)


def kept_study(store: Store, path: Path, beginning: str | None) -> KeptStudy:
    """Return a study of a store.

    A store in which no study was noted, as `memspan.span` with a store leaves it, is shown as one: its specs.

    Args:
        store: where it is.
        path: how the user calls it.
        beginning: of the study's hash; None where there is only one.

    Raises:
        InvalidInput: there is no such study, more than one, or it has no run.
    """
    known = noted(store)
    if known or beginning is not None:
        if beginning is None and len(known) > 1:
            names = ", ".join(f"{one.hash} ({one.name})" for one in known[:5])
            raise InvalidInput(f"study must be named where {path} holds {len(known)}, but got none; there are {names}")
        chosen = the_study(known, beginning, store, path)
    else:
        chosen = _all_of(store, path)
    chosen = replace(chosen, cells=_measured(chosen))
    if not chosen.cells:
        raise InvalidInput(f"study must have cells to report on, but {chosen.hash} has none; name another")
    specs = {spec.hash: spec for spec in store.specs()}
    cells = [_cell(store, specs[one.spec], one) for one in chosen.cells if one.spec in specs]
    full = tuple(cell for cell in cells if cell.runs)
    there = {(cell.noted.recipe, cell.noted.lag) for cell in full}
    empty = tuple(one for one in chosen.cells if (one.recipe, one.lag) not in there)
    if not full:
        raise InvalidInput(
            f"study must have runs to report on, but {chosen.hash} has none yet; go on with memspan resume {path}"
        )
    return KeptStudy(chosen, full, empty, store, path)


def _measured(study: NotedStudy) -> tuple[NotedCell, ...]:
    """Return the cells that are reported on: none of those that only looked for lags."""
    return tuple(cell for cell in study.cells if not (study.searches and cell.recipe.endswith(PILOT)))


def _stopping(study: NotedStudy) -> dict[str, Any]:
    """Return how the runs of a lag came to an end, where that was not fixed before."""
    return {} if study.adaptive is None else {"looks": study.looks, "width": study.adaptive.width}


def _cell(store: Store, spec: StoredSpec, cell: NotedCell) -> KeptCell:
    return KeptCell(cell, spec, tuple(run for run in store.runs(spec.hash, curves=False) if run.seed in cell.seeds))


def _all_of(store: Store, path: Path) -> NotedStudy:
    """Return the specs of a store as a study: what differs between them but the lag is the recipe's name."""
    cells: list[NotedCell] = []
    taken: set[tuple[str, int]] = set()
    for spec in store.specs():
        seeds = [run.seed for run in store.runs(spec.hash, curves=False)]
        if not seeds:
            continue
        lag = spec.settings.get("problem", {}).get("lag", 1)
        name = ", ".join(_named(spec.settings.get(part)) for part in ("model", "rule"))
        if (name, lag) in taken:
            name = f"{name} ({spec.hash[:6]})"
        taken.add((name, lag))
        cells.append(NotedCell(name, lag, spec.hash, min(seeds), max(seeds) - min(seeds) + 1))
    if not cells:
        raise InvalidInput(f"store must hold runs to report on, but {path} holds none; run memspan span --store {path}")
    return NotedStudy("", "store", f"all runs of {path.name}", {}, {}, tuple(sorted(cells, key=lambda c: c.recipe)))


def _named(part: Mapping[str, Any] | None) -> str:
    """Return a part's type, with its settings that are numbers."""
    if not isinstance(part, Mapping):
        return json.dumps(part)
    numbers = {name: each for name, each in part.items() if isinstance(each, int) and not isinstance(each, bool)}
    inner = ", ".join(f"{name}={each}" for name, each in numbers.items())
    return f"{part.get('type', '?')}({inner})" if inner else str(part.get("type", "?"))
