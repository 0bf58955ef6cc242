"""A store as one plain table: one row a run, one column a setting or score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from memspan.store.identity import Plain, canonical, dotted
from memspan.store.run import LARGEST, StoredRun
from memspan.store.specs import StoredSpec
from memspan.store.store import Store

__all__ = ["Column", "Kind", "Table", "table"]

Kind = Literal["text", "whole", "real", "truth"]

RUN: dict[str, Kind] = {
    "spec": "text",
    "seed": "whole",
    "status": "text",
    "solved": "truth",
    "updates": "whole",
    "updates_until_solved": "whole",
    "reason": "text",
}
# Where and how fast a run was computed comes last: all before it is the same wherever it was.
PLACE: dict[str, Kind] = {"seconds": "real", "environment": "text"}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: of the column.
        kind: what is in it, besides None for nothing: "text", "whole" (fits in 64 bits), "real" or "truth".
    """

    name: str
    kind: Kind


@dataclass(frozen=True)
class Table:
    """One row a run, in the order of spec and seed, whatever the order they were stored in.

    Attributes:
        columns: names and kinds.
        store: what the rows are read from.
        specs: those whose runs are in it.
    """

    columns: tuple[Column, ...]
    store: Store
    specs: tuple[StoredSpec, ...]

    def rows(self) -> Iterator[tuple[Plain, ...]]:
        """Yield the rows, a page of them in memory at a time."""
        for spec in self.specs:
            settings = dotted(spec.settings, "spec")
            for run in self.store.runs(spec.hash, curves=False):
                cells = _cells(spec.hash, settings, run)
                yield tuple(_as(column.kind, cells.get(column.name)) for column in self.columns)


def table(store: Store, specs: Iterable[StoredSpec] | None = None) -> Table:
    """Return a store as a table.

    Settings stand under dotted names such as `spec.model.units`, scores under such as `score.train.accuracy`.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from memspan.store import Environment
        >>> run = StoredRun(0, "finished", True, 500, 120, Environment({}, "cpu", ""), {"train": {"accuracy": 1.0}})
        >>> with Store.open(Path(tempfile.mkdtemp()) / "runs.db") as store, store.writer() as writer:
        ...     _ = writer.add('{"epochs":250}', [run])
        ...     [column.name for column in table(store).columns][-6:]
        ['score.train.accuracy', 'spec.epochs', 'seconds', 'environment', 'environment.device', 'environment.code']

    Args:
        store: what to show.
        specs: those whose runs are wanted; all by default.
    """
    chosen = store.specs() if specs is None else tuple(specs)
    columns = [Column(name, kind) for name, kind in RUN.items()]
    columns += [Column(f"score.{split}.{name}", "real") for split, name in store.score_names()]
    settings: dict[str, set[Kind]] = {}
    for spec in chosen:
        for name, value in dotted(spec.settings, "spec").items():
            settings.setdefault(name, set()).update(_kind(value))
    columns += [Column(name, _common(settings[name])) for name in sorted(settings)]
    columns += [Column(name, kind) for name, kind in PLACE.items()]
    versions = sorted({name for environment in store.environments().values() for name in environment.versions})
    columns += [Column(f"environment.{name}", "text") for name in ("device", "code")]
    columns += [Column(f"environment.versions.{name}", "text") for name in versions]
    return Table(tuple(columns), store, chosen)


def _cells(spec: str, settings: Mapping[str, Plain], run: StoredRun) -> dict[str, Plain]:
    return {
        **settings,
        "spec": spec,
        **{name: getattr(run, name) for name in RUN if name != "spec"},
        **{f"score.{split}.{name}": value for split, named in run.scores.items() for name, value in named.items()},
        "seconds": run.seconds,
        **dotted(run.environment.to_json(), "environment"),
        "environment": run.environment.hash,
    }


def _kind(value: Plain) -> set[Kind]:
    if value is None:
        return set()
    if isinstance(value, bool):
        return {"truth"}
    if isinstance(value, int):
        return {"whole"} if -LARGEST <= value <= LARGEST else {"text"}
    return {"real"} if isinstance(value, float) else {"text"}


def _common(kinds: set[Kind]) -> Kind:
    """Return the kind that holds values of all these kinds."""
    if kinds == {"whole", "real"}:
        return "real"
    return next(iter(kinds)) if len(kinds) == 1 else "text"


def _as(kind: Kind, value: Any) -> Plain:
    if value is None or (kind == "text" and isinstance(value, str)):
        return value
    if kind == "text":
        return canonical(value)
    return float(value) if kind == "real" else value
