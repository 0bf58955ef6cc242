"""A study: which recipes are tried on which problem, at which lags, from how many seeds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from memspan.core.errors import InvalidInput, check_range
from memspan.core.problem import Problem
from memspan.core.spec import Spec
from memspan.studies.adaptive import Adaptive
from memspan.studies.kept.beside import NOTHING, Beside, Longer
from memspan.studies.primary import Primary
from memspan.studies.span.recipe import Recipe, ascending
from memspan.studies.span.stretch import Lags, longer_lags, stretched

__all__ = ["Cell", "Study", "problem_at"]


@dataclass(frozen=True)
class Cell:
    """One recipe at one lag.

    Attributes:
        recipe: its name.
        lag: the lag.
        spec: what is trained.
        seeds: from which seeds.
        beside: what is kept of each run besides its record.
    """

    recipe: str
    lag: int
    spec: Spec
    seeds: range
    beside: Beside = NOTHING

    @property
    def longer(self) -> tuple[int, ...]:
        """The longer lags that runs which solve it are judged at, ascending."""
        return tuple(one.lag for one in self.beside.longer)


@dataclass(frozen=True)
class Study:
    """What is to be measured. It is checked as a whole before anything is trained.

    Example:
        >>> from memspan.models import LSTM
        >>> from memspan.problems import Conflict
        >>> study = Study(Conflict().with_lag, [Recipe("tutorial", LSTM(20))], lags=[3, 10], seeds=20)
        >>> [(cell.recipe, cell.lag, len(cell.seeds)) for cell in study.cells()]
        [('tutorial', 3, 20), ('tutorial', 10, 20)]

    Attributes:
        problem: the problem at any lag.
        recipes: the ways to train, which bear different names.
        lags: steps between a cue and the step that needs it; ascending.
        seeds: runs of each recipe at each lag, where the recipe does not say.
        seed: the first seed; all recipes start from the same ones.
        primary: the one question that is tested alone; None where all comparisons are exploratory.
        generalise: longer lags that runs which solve their problem are judged at, without learning anything more; each
            a lag, or a function of the lag that was trained, such as `lambda lag: 2 * lag`.
        weights: whether a store keeps the final weights of every run too.
        adaptive: how lags are looked for among those given, and when each has had runs enough; `seeds` is then the
            most of them, and what the primary question is about has them all. None runs all seeds at all lags.
    """

    problem: Callable[[int], Problem]
    recipes: Iterable[Recipe]
    lags: Iterable[int]
    seeds: int = 100
    seed: int = 0
    primary: Primary | None = None
    generalise: Lags = ()
    weights: bool = False
    adaptive: Adaptive | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "recipes", tuple(self.recipes))
        object.__setattr__(self, "lags", ascending("lags", self.lags))
        object.__setattr__(self, "generalise", tuple(self.generalise))
        check_range("seeds", self.seeds, 1, 1_000_000)
        check_range("seed", self.seed, 0)
        names = [recipe.name for recipe in self.listed]
        if not names or len(set(names)) < len(names):
            raise InvalidInput(f"recipes must bear names that differ, one or more, but got {names}; name each recipe")
        for recipe in self.listed:
            others = [lag for lag in recipe.lags or () if lag not in self.tested]
            if others:
                raise InvalidInput(
                    f"lags of recipe '{recipe.name}' must be among the study's, {_words(self.tested)}, but got "
                    f"{others[0]}; add it to the study's lags"
                )
        if self.primary is not None:
            self.primary.check({recipe.name: self.lags_of(recipe) for recipe in self.listed})
        if self.adaptive is not None:
            self._check_adaptive(self.adaptive)

    def _check_adaptive(self, adaptive: Adaptive) -> None:
        adaptive.looks(self.seeds)
        for recipe in self.listed:
            if recipe.seeds is not None:
                raise InvalidInput(
                    f"seeds of recipe '{recipe.name}' must be left out of an adaptive study, in which every lag has as "
                    "many as it needs; give the study its seeds, the most at each lag (--seeds)"
                )

    @property
    def listed(self) -> tuple[Recipe, ...]:
        """The recipes, in the order given."""
        recipes: Any = self.recipes
        return recipes

    @property
    def tested(self) -> tuple[int, ...]:
        """The lags, ascending."""
        lags: Any = self.lags
        return lags

    @property
    def subject(self) -> str:
        """The problem's name, without its lag where nothing else differs from lag to lag."""
        names = [(self.problem(lag).variant, lag) for lag in self.tested]
        bare = {re.sub(rf",? ?\blag {lag}\b", "", name) for name, lag in names}
        return bare.pop() if len(bare) == 1 else f"{names[0][0]} to {names[-1][0]}"

    def lags_of(self, recipe: Recipe) -> tuple[int, ...]:
        """Return the lags that a recipe is tried at."""
        return self.tested if recipe.lags is None else tuple(recipe.lags)

    def asks_about(self, recipe: Recipe) -> tuple[int, ...]:
        """Return the lag at which the primary question is about a recipe, or none."""
        asked = self.primary
        return () if asked is None or recipe.name not in asked.compare else (asked.lag,)

    def cell(self, recipe: Recipe, lag: int, seeds: range) -> Cell:
        """Return one recipe at one lag, from some seeds.

        Raises:
            InvalidInput: a part of the recipe is not what it should be; the sentence says which recipe and lag.
        """
        return replace(self._cell(recipe, lag), seeds=seeds)

    def cells(self) -> list[Cell]:
        """Return what is to be run, recipe by recipe and the shortest lag first.

        Raises:
            InvalidInput: a recipe's part is not what it should be; the sentence says which recipe and lag.
        """
        return [self._cell(recipe, lag) for recipe in self.listed for lag in self.lags_of(recipe)]

    def _beside(self, spec: Spec, lag: int) -> Beside:
        longer = [Longer(each, stretched(self.problem, spec, each)) for each in longer_lags(self.generalise, lag)]
        return Beside(self.weights, tuple(longer))

    def _cell(self, recipe: Recipe, lag: int) -> Cell:
        try:
            spec, runs = recipe.spec(self.problem, lag), recipe.runs_at(lag, self.seeds)
            beside = self._beside(spec, lag)
        except InvalidInput as refusal:
            raise InvalidInput(f"recipe '{recipe.name}' at lag {lag}: {refusal}") from refusal
        return Cell(recipe.name, lag, spec, range(self.seed, self.seed + runs), beside)


def problem_at(problem: Problem | Callable[[int], Problem]) -> Callable[[int], Problem]:
    """Return a problem as a function of the lag.

    Example:
        >>> from memspan.problems import Conflict, CopyMemory
        >>> problem_at(Conflict(middle="random"))(10).variant
        'conflict (tutorial), lag 10, random middle'
        >>> problem_at(lambda lag: CopyMemory(lag=lag, n_items=1))(10).lag
        10

    Args:
        problem: one that has `with_lag`, or a function of the lag that returns a problem.

    Raises:
        InvalidInput: it is neither.
    """
    with_lag = getattr(problem, "with_lag", None)
    if with_lag is not None:
        return with_lag
    if isinstance(problem, Problem):
        kind = type(problem).__name__
        raise InvalidInput(
            f"problem must have with_lag or be a function of the lag, but got {kind}; pass lambda lag: {kind}(...)"
        )
    return problem


def _words(lags: Iterable[int]) -> str:
    return ", ".join(f"{lag:,}" for lag in lags)
