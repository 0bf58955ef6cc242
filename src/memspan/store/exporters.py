"""Plug-ins that send a store's runs to other programs: ours, and those of installed packages."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from memspan.core.errors import InvalidInput, check_choice
from memspan.store.identity import Plain, dotted
from memspan.store.run import StoredRun
from memspan.store.specs import StoredSpec
from memspan.store.store import Store

__all__ = ["GROUP", "ExportedRun", "Exporter", "exported", "exporter", "exporters", "library"]

GROUP = "memspan.exporters"  # the group of entry points in which a package names its own
OURS = tuple(EntryPoint(name, f"memspan.store.to_{name}:send", GROUP) for name in ("mlflow", "tensorboard", "wandb"))


@dataclass(frozen=True, eq=False)
class ExportedRun:
    """A run with all that another program may want of it.

    Attributes:
        spec: the hash of what was trained.
        settings: all that decides the run but its seed, under dotted names such as `spec.model.units`.
        run: the record, with its curves.
    """

    spec: str
    settings: Mapping[str, Plain]
    run: StoredRun

    @property
    def key(self) -> str:
        """What identifies it: the same wherever and whenever it was computed."""
        return f"{self.spec}-{self.run.seed}"

    @property
    def numbers(self) -> dict[str, float]:
        """What came out, by name: whether it was solved, updates, seconds and scores; what is not known is left out."""
        run = self.run
        named: dict[str, float | None] = {
            "solved": float(run.solved),
            "updates": float(run.updates),
            "updates_until_solved": None if run.updates_until_solved is None else float(run.updates_until_solved),
            "seconds": run.seconds,
            **{
                f"score.{split}.{name}": value for split, scores in run.scores.items() for name, value in scores.items()
            },
        }
        return {name: value for name, value in named.items() if value is not None and math.isfinite(value)}

    @property
    def curves(self) -> dict[str, list[tuple[int, float]]]:
        """Epoch and value of every curve, by name; what is not finite is left out."""
        return {
            name: [(epoch, float(value)) for epoch, value in enumerate(curve.tolist(), 1) if math.isfinite(value)]
            for name, curve in self.run.curves.items()
        }

    @property
    def words(self) -> dict[str, str]:
        """What is no number: seed, status, why it failed, and where it was computed."""
        return {
            "spec": self.spec,
            "seed": str(self.run.seed),
            "status": self.run.status,
            **({"reason": self.run.reason} if self.run.reason else {}),
            **{name: str(value) for name, value in dotted(self.run.environment.to_json(), "environment").items()},
        }


Exporter = Callable[[Iterable[ExportedRun], str | None], str]


def exporters() -> dict[str, Any]:  # another package may stand in for importlib.metadata
    """Return the plug-ins that there are, by name. A package adds its own as an entry point of the group.

    Example:
        >>> sorted(exporters())[:3]
        ['mlflow', 'tensorboard', 'wandb']
    """
    return {found.name: found for found in (*entry_points(group=GROUP), *OURS)}


def exporter(name: str) -> Exporter:
    """Return a plug-in: a function of runs and a target, which sends them and returns what to tell a person.

    Example:
        >>> exporter("mlfow")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: --to must be one of ..., but got 'mlfow'; did you mean 'mlflow'?

    Args:
        name: its name.

    Raises:
        InvalidInput: there is none of that name, or it cannot be loaded.
    """
    known = exporters()
    found = known[check_choice("--to", name, known)]
    try:
        return found.load()
    except (ImportError, AttributeError) as error:
        raise InvalidInput(
            f"--to {name} must be a plug-in that can be loaded, but {found.value} cannot: {error}; repair or remove it"
        ) from error


def exported(store: Store, specs: Iterable[StoredSpec]) -> Iterator[ExportedRun]:
    """Yield runs one after the other, in the order of spec and seed; a page of them is in memory at a time.

    Args:
        store: where they are.
        specs: those whose runs are wanted.
    """
    for spec in specs:
        settings = dotted(spec.settings, "spec")
        for run in store.runs(spec.hash):
            yield ExportedRun(spec.hash, settings, run)


def library(module: str, name: str) -> Any:
    """Return a library that a plug-in needs.

    Example:
        >>> library("no_such_library", "mlflow")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: --to mlflow must have its library, but No module named 'no_such_library';
        install it with pip install 'memspan[mlflow]'

    Args:
        module: the module's name.
        name: of the plug-in and of the extra.

    Raises:
        InvalidInput: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InvalidInput(
            f"--to {name} must have its library, but {error}; install it with pip install 'memspan[{name}]'"
        ) from error
