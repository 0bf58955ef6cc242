"""What `memspan hold` is to probe: runs of a store, or runs that it trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memspan.cli.span_target import Asked
from memspan.core.errors import InvalidInput, check_range

if TYPE_CHECKING:
    from memspan.core.spec import Spec
    from memspan.store import Store, StoredRun
    from memspan.studies.hold import Subject

__all__ = ["Found", "Wanted"]

LOOKED_AT = 8  # seeds that are trained to find one that solves the problem: as many as one program trains at once
ONLY_OTHERS = ("problem", "models", "rules", "optimizer", "batch", "epochs", "recipes", "lags")
Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Found:
    """The runs to probe.

    Attributes:
        name: what they are, in a few words.
        spec: what was trained.
        subjects: the runs.
        solved: how many of those looked at solve the problem.
        of: how many were looked at.
        weights: where they come from: "stored", "trained again" or "trained".
    """

    name: str
    spec: Spec
    subjects: Sequence[Subject]
    solved: int
    of: int
    weights: str


@dataclass(frozen=True)
class Wanted:
    """The words that say which runs.

    Attributes:
        asked: of a study, or of a store by its path.
        spec: the beginning of a hash.
        seed: the one seed to probe.
        seeds: how many seeds to look at.
    """

    asked: Asked
    spec: str | None
    seed: int | None
    seeds: int | None

    def found(self, say: Say) -> Found:
        """Return the runs, trained where their weights are not kept.

        Args:
            say: told what is being done.

        Raises:
            InvalidInput: there are no such runs.
        """
        if self.seed is not None:
            check_range("--seed", self.seed, 0)
            if self.seeds is not None:
                raise InvalidInput("--seed and --seeds must not both be given; --seed is one run, --seeds several")
        if self.seeds is not None:
            check_range("--seeds", self.seeds, 1)
        target = self.asked.target
        if target is not None and _is_store(Path(target)):
            return self._stored(Path(target), say)
        if self.spec is not None:
            raise InvalidInput(f"a hash must follow a store, but got '{self.spec}' after '{target}'; leave it out")
        return self._trained(say)

    def _stored(self, path: Path, say: Say) -> Found:
        from memspan.store import Store
        from memspan.studies.hold import Subject
        from memspan.studies.kept import load_trained, spec_of

        for word in ONLY_OTHERS:
            if getattr(self.asked, word):
                raise InvalidInput(
                    f"options that describe a study must be left out where a store is named, but got {word}"
                )
        with Store.open(path, create=False) as store:
            known = store.spec(self.spec) if self.spec is not None else self._first_solved(store, path)
            spec = spec_of(known.settings, known.hash)
            runs = [run for run in store.runs(known.hash, curves=False) if run.status == "finished"]
            chosen = self._chosen(runs, path, known.hash)
            kept = store.with_weights(known.hash)
            if all(run.seed in kept for run in chosen):
                subjects = [
                    Subject.of(load_trained(store, spec, run.seed), spec, run.seed, run.solved) for run in chosen
                ]
                weights = "stored"
            else:
                subjects, weights = _again(spec, chosen, say), "trained again"
        looked = [run for run in runs if self.seeds is None or run.seed < self.seeds]
        name = f"{path}, spec {known.hash}"
        return Found(name, spec, subjects, sum(run.solved for run in looked), len(looked), weights)

    def _first_solved(self, store: Store, path: Path) -> Any:
        specs = [one for one in store.specs() if one.runs > one.failed]
        if not specs:
            raise InvalidInput(f"{path} must hold a run to probe, but has none; begin with memspan span --store {path}")
        return next((one for one in specs if one.solved), specs[0])

    def _chosen(self, runs: Sequence[StoredRun], path: Path, hash: str) -> list[StoredRun]:
        """Return the run of the seed, or those among some seeds that solve the problem, or the first that does."""
        if not runs:
            raise InvalidInput(f"spec must be one with finished runs, but {hash} in {path} has none; name another")
        if self.seed is not None:
            named = [run for run in runs if run.seed == self.seed]
            if not named:
                seeds = ", ".join(str(run.seed) for run in runs[:8]) + (", ..." if len(runs) > 8 else "")
                raise InvalidInput(f"--seed must be one that was run, but got {self.seed}; {path} has {seeds}")
            return named
        solved = [run for run in runs if run.solved]
        if self.seeds is not None:
            among = [run for run in solved if run.seed < self.seeds]
            if not among:
                raise InvalidInput(
                    f"--seeds must reach a run that solves the problem, but none of {path}, {hash} below "
                    f"{self.seeds} does; ask for more, or for one with --seed"
                )
            return among
        return (solved or list(runs))[:1]

    def _trained(self, say: Say) -> Found:
        from memspan.studies.hold import of_runs

        cell, others = self._cell()
        if others:
            say(f"probing recipe '{cell.recipe}'; --recipe names another: {', '.join(others[:4])}")
        seeds: list[int] = list(range(self.seeds or LOOKED_AT)) if self.seed is None else [self.seed]
        runs = _train(cell.spec, seeds, say)
        solved = [row for row in range(len(runs)) if runs.solved[row]]
        rows = solved if self.seeds is not None else (solved or [0])[:1]
        if not rows:
            raise InvalidInput(
                f"--seeds must reach a run that solves the problem, but none of {len(runs)} does; give more epochs, or "
                "ask for one run with --seed"
            )
        name = f"{self.asked.name}, {cell.recipe}, lag {cell.lag:,}"
        return Found(name, cell.spec, of_runs(runs, rows), len(solved), len(runs), "trained")

    def _cell(self) -> tuple[Any, list[str]]:
        """Return the recipe at the lag that is asked for, by default the first at its shortest, and other recipes."""
        asked = self.asked
        if asked.target is None and not asked.models and asked.problem is None:
            raise InvalidInput(
                "a run must be named or described, but got none; try memspan hold runs.db, memspan hold "
                "recipes/tutorial, or memspan hold --model LSTM --rule BPTT"
            )
        cells = asked.study(asked.table()).cells()
        first = cells[0]
        names = list(dict.fromkeys(cell.recipe for cell in cells))
        return first, [name for name in names if name != first.recipe]


def _is_store(path: Path) -> bool:
    """Return whether a path is that of a store: a file of SQLite, or one that is named like one."""
    if path.is_file():
        with path.open("rb") as file:
            return file.read(15) == b"SQLite format 3"
    return path.suffix in (".db", ".sqlite", ".sqlite3")


def _train(spec: Spec, seeds: Sequence[int], say: Say) -> Any:
    """Train seeds of a spec."""
    from memspan.cli.hold_progress import training
    from memspan.engine.train import run

    with training(spec, seeds, say) as on_progress:
        return run(spec, seeds, on_progress)


def _again(spec: Spec, chosen: Sequence[StoredRun], say: Say) -> Sequence[Subject]:
    """Train runs again whose weights are not kept, and see that they come out as they are in the store."""
    from memspan.studies.hold import of_runs

    say(
        "weights are not kept there (memspan span --weights keeps them): the same spec and seed train the same bits "
        "again"
    )
    runs = _train(spec, [run.seed for run in chosen], say)
    for row, stored in enumerate(chosen):
        until = runs.updates_until_solved[row]
        if bool(runs.solved[row]) != stored.solved or (stored.updates_until_solved or float("inf")) != until:
            say(
                f"seed {stored.seed} came out otherwise than it is stored, on another machine or by another version: "
                "what is probed is the one trained now"
            )
    return of_runs(runs)
