"""Success against lag: what was measured, and the memory span of every recipe."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.foreign import Foreign
from memspan.core.model import Model
from memspan.core.problem import Problem
from memspan.engine.train import Progress
from memspan.stats import MemorySpan, memory_span
from memspan.studies.adaptive import Adaptive
from memspan.studies.comparisons import Comparisons, compare
from memspan.studies.kept import keeping, working
from memspan.studies.primary import Primary
from memspan.studies.span.measure import MeasuredCell, measure
from memspan.studies.span.plan import Cell, Study, problem_at
from memspan.studies.span.recipe import Recipe
from memspan.studies.span.searched import Step, searched
from memspan.studies.span.stretch import Lags, check_longer

__all__ = ["LEVELS", "Span", "span"]

LEVELS = (0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Span:
    """Success rate against lag, recipe by recipe.

    Attributes:
        study: what was asked for.
        cells: what was measured, in the order in which it was done; of an interrupted study, what there is.
        pilots: of an adaptive study, the pilot's cells, which are no part of what was measured.
    """

    study: Study
    cells: tuple[MeasuredCell, ...]
    pilots: tuple[MeasuredCell, ...] = field(default=())

    @classmethod
    def of_steps(cls, study: Study, steps: Sequence[Step]) -> Span:
        """Return what an adaptive study has shown so far; its lags are those that were measured.

        Args:
            study: what was asked for.
            steps: what was done, one lag or more that had enough fresh runs among it.
        """
        done = [step for step in steps if step.enough]
        fresh = (step.measured for step in done if not step.pilot)
        cells = tuple(sorted(fresh, key=lambda one: one.cell.lag))
        lags = {
            recipe.name: [one.cell.lag for one in cells if one.cell.recipe == recipe.name] for recipe in study.listed
        }
        recipes = [replace(recipe, lags=lags[recipe.name]) for recipe in study.listed if lags[recipe.name]]
        part = replace(study, recipes=recipes, lags={one.cell.lag for one in cells}, primary=None)
        asked = study.primary if study.primary is not None and study.primary.among(lags) else None
        return cls(replace(part, primary=asked), cells, tuple(step.measured for step in done if step.pilot))

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels that memory spans are given for."""
        return LEVELS if self.study.adaptive is None else (self.study.adaptive.level,)

    @property
    def failed(self) -> int:
        """How many runs, those of a pilot among them, have no result; they count as failures."""
        return sum(one.failed for one in (*self.pilots, *self.cells))

    def runs(self, name: str) -> tuple[int, int]:
        """Return how many runs of a recipe the pilot took, and how many were measured."""
        pilot = sum(len(one.runs) for one in self.pilots if one.cell.recipe == name)
        return pilot, sum(len(one.runs) for one in self.row(name).values())

    @property
    def names(self) -> tuple[str, ...]:
        """The recipes of which something was measured, in the study's order."""
        done = {measured.cell.recipe for measured in self.cells}
        return tuple(recipe.name for recipe in self.study.listed if recipe.name in done)

    def row(self, name: str) -> dict[int, MeasuredCell]:
        """Return the cells of a recipe by lag, the shortest first."""
        return {measured.cell.lag: measured for measured in self.cells if measured.cell.recipe == name}

    def not_tried(self, name: str) -> tuple[int, ...]:
        """Return the study's lags at which a recipe was not measured."""
        return tuple(lag for lag in self.study.tested if lag not in self.row(name))

    def memory_span(self, name: str, level: float = 0.5) -> MemorySpan:
        """Return the longest lag, of those a recipe was measured at, up to which enough of its runs succeed.

        Args:
            name: of the recipe.
            level: the least rate of success.

        Raises:
            InvalidInput: nothing was measured of such a recipe, or the level is no rate.
        """
        row = self.row(name)
        if not row:
            raise InvalidInput(f"name must be one of {', '.join(self.names)}, but got '{name}'; choose one of these")
        solved, runs = [one.solved for one in row.values()], [len(one.runs) for one in row.values()]
        adaptive = self.study.adaptive
        if adaptive is None:
            return memory_span(list(row), solved, runs, level)
        looks = adaptive.looks(self.study.seeds)
        return memory_span(list(row), solved, runs, level, looks=looks, width=adaptive.width)

    @functools.cached_property
    def comparisons(self) -> Comparisons:
        """Every recipe compared with every other at every lag that both were measured at."""
        adaptive = self.study.adaptive
        looks = () if adaptive is None else adaptive.looks(self.study.seeds)
        return compare({name: self.row(name) for name in self.names}, self.study.primary, looks)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "comparisons": self.comparisons.to_json(),
            **({} if self.study.adaptive is None else {"adaptive": self._searched()}),
            "lags": list(self.study.tested),
            "recipes": [
                {
                    "name": name,
                    "cells": [one.to_json() for one in self.row(name).values()],
                    "not_tried": list(self.not_tried(name)),
                    "spans": [self.memory_span(name, level).to_json() for level in self.levels],
                }
                for name in self.names
            ],
        }

    def _searched(self) -> dict[str, Any]:
        """Return how the lags were looked for, and what that took, as plain data."""
        adaptive: Any = self.study.adaptive
        recipes = [
            {
                "name": name,
                "runs": dict(zip(("pilot", "measured"), self.runs(name), strict=True)),
                "pilot": [
                    {"lag": one.cell.lag, "runs": len(one.runs), "solved": one.solved}
                    for one in self.pilots
                    if one.cell.recipe == name
                ],
            }
            for name in self.names
        ]
        return {**adaptive.to_json(), "most_seeds": self.study.seeds, "recipes": recipes}


def span(
    recipes: Model | Foreign | Recipe | Iterable[Model | Foreign | Recipe] | Study,
    problem: Problem | Callable[[int], Problem] | None = None,
    *,
    lags: Iterable[int] = (3, 10, 30, 100),
    seeds: int = 20,
    seed: int = 0,
    primary: Primary | None = None,
    generalise: Lags = (),
    adaptive: Adaptive | None = None,
    store: str | Path | None = None,
    weights: bool = False,
    cluster: str | None = None,
    on_progress: Callable[[Cell, Progress], None] | None = None,
    **settings: Any,
) -> Span:
    """Measure in how many runs a problem is solved, lag by lag, and how long a memory each recipe learns.

    Example:
        >>> from memspan.models import LSTM
        >>> from memspan.problems import Conflict
        >>> from memspan.rules import BPTT
        >>> found = span(LSTM(units=4), Conflict(), lags=[1, 2], seeds=2, rule=BPTT(), epochs=2)
        >>> found.names, list(found.row("LSTM"))
        (('LSTM',), [1, 2])
        >>> print(found.memory_span("LSTM", level=0.5))
        < 1 [< 1, >= 2]

    Args:
        recipes: models, of memspan or in `memspan.adapters`, recipes, or both; or a whole study, such as `read_study`
            returns.
        problem: one that has `with_lag`, or a function of the lag that returns a problem.
        lags: steps between a cue and the step that needs it.
        seeds: runs of each recipe at each lag.
        seed: the first seed.
        primary: the one question that is tested alone.
        generalise: longer lags that runs which solve their problem are judged at, or functions of the lag.
        adaptive: how lags are looked for among those given; `seeds` is then the most runs at each, such as 400.
        store: a file that keeps every run as soon as its block is done, made if there is none; runs that it holds are
            not run again. None keeps nothing.
        weights: whether the store keeps the final weights of every run too; `load_trained` reads them.
        cluster: address of a Dask scheduler, on whose workers the runs are made; None for this process.
        on_progress: called after every block of epochs.
        **settings: of the recipes made of plain models: rule, optimizer, protocol, epochs and others of `Recipe`.

    Returns:
        What was measured.

    Raises:
        InvalidInput: an argument is not what it should be.
        StoreError: runs could not be kept; those before them are.
        ClusterError: no scheduler answers, or it is gone; runs that came back are kept.
    """
    if isinstance(recipes, Study):
        study = recipes
    elif problem is None:
        raise InvalidInput("problem must be given, but got None; pass memspan.problems.Conflict()")
    else:
        listed = [recipes] if isinstance(recipes, Recipe | Model | Foreign) else list(recipes)
        made = [one if isinstance(one, Recipe) else Recipe(_name(one, listed), one, **settings) for one in listed]
        study = Study(problem_at(problem), made, lags, seeds, seed, primary, generalise, adaptive=adaptive)
        check_longer(study.generalise, study.tested)
    study = replace(study, weights=weights or study.weights)
    if study.weights and store is None:
        raise InvalidInput("weights=True must come with a store that keeps them, but got none; pass store='runs.db'")
    with working(cluster) as (place, _), keeping(store) as keeper:
        if study.adaptive is not None:
            return Span.of_steps(study, list(searched(study, on_progress, keeper, place=place)))
        return Span(study, tuple(measure(study, on_progress, keeper, place=place)))


def _name(model: Model | Foreign, listed: list[Any]) -> str:
    """Return the name of a model's class, or all its settings where two share a class; the user's own is in `str`."""
    if isinstance(model, Foreign):
        return str(model)
    same = [one for one in listed if type(one) is type(model)]
    return type(model).__name__ if len(same) == 1 else repr(model)
