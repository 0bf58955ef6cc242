"""A recipe: a way to train, with settings that may depend on the lag."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from memspan.core.errors import InvalidInput, check_range
from memspan.core.foreign import Foreign
from memspan.core.model import Model
from memspan.core.optimizer import Optimizer
from memspan.core.problem import Problem
from memspan.core.protocol import Protocol
from memspan.core.rule import Rule
from memspan.core.spec import Spec
from memspan.engine import Adam
from memspan.rules import Online

__all__ = ["Recipe", "ascending"]

T = TypeVar("T")


@dataclass(frozen=True)
class Recipe:
    """A way to train. Each part is an object, or a function of the lag that returns one.

    Example:
        >>> from memspan.models import LSTM
        >>> from memspan.problems import Conflict
        >>> recipe = Recipe("chrono", lambda lag: LSTM(32, chrono=10 * lag), epochs=1000)
        >>> recipe.spec(Conflict().with_lag, 50).model.chrono
        500

    Attributes:
        name: how results call it.
        model: what learns.
        rule: how credit reaches the weights; the tutorial's online rule by default.
        optimizer: how a gradient changes the weights; Adam as in Keras by default.
        protocol: order, reset and batch; the tutorial's by default.
        epochs: presentations of all sequences, those of easier stages included.
        evaluate_every: epochs between two evaluations.
        curriculum: lags of easier stages, ascending; at each lag those below it are gone through first.
        lags: those it is tried at; None for all of the study's.
        seeds: runs at each lag, or at one as a function of it; None for as many as the study's.
    """

    name: str
    model: Model | Foreign | Callable[[int], Model | Foreign]
    rule: Rule | Callable[[int], Rule] = field(default_factory=Online)
    optimizer: Optimizer | Callable[[int], Optimizer] = field(default_factory=Adam)
    protocol: Protocol | Callable[[int], Protocol] = field(default_factory=Protocol)
    epochs: int | Callable[[int], int] = 250
    evaluate_every: int | Callable[[int], int] = 1
    curriculum: Iterable[int] = ()
    lags: Iterable[int] | None = None
    seeds: int | Callable[[int], int] | None = None

    def __post_init__(self) -> None:
        stages = tuple(self.curriculum)
        object.__setattr__(self, "curriculum", ascending("curriculum", stages) if stages else ())
        if self.lags is not None:
            object.__setattr__(self, "lags", ascending("lags", self.lags))

    def runs_at(self, lag: int, otherwise: int) -> int:
        """Return the number of runs at one lag.

        Args:
            lag: the lag.
            otherwise: the study's number.

        Raises:
            InvalidInput: it is not a whole number from 1 to 1,000,000.
        """
        return check_range("seeds", otherwise if self.seeds is None else _at(self.seeds, lag), 1, 1_000_000)

    def spec(self, problem_at: Callable[[int], Problem], lag: int) -> Spec:
        """Return what is trained at one lag.

        Args:
            problem_at: the problem at any lag.
            lag: the lag.

        Returns:
            The spec.

        Raises:
            InvalidInput: a part is not what it should be, or the problem has no easier stages.
        """
        problem = problem_at(lag)
        return Spec(
            problem=problem,
            model=_at(self.model, lag),
            rule=_at(self.rule, lag),
            optimizer=_at(self.optimizer, lag),
            protocol=_at(self.protocol, lag),
            epochs=check_range("epochs", _at(self.epochs, lag), 1),
            evaluate_every=_at(self.evaluate_every, lag),
            curriculum=tuple(_shorter(problem, stage) for stage in self.curriculum if stage < lag),
        )


def ascending(argument: str, lags: Iterable[int]) -> tuple[int, ...]:
    """Return lags in ascending order.

    Example:
        >>> ascending("lags", [100, 3])
        (3, 100)

    Args:
        argument: the argument's name, as the user wrote it.
        lags: distinct whole numbers of at least 1, one or more.

    Raises:
        InvalidInput: they are something else.
    """
    given = list(lags)
    for lag in given:
        check_range(argument, lag, 1)
    if not given or len(set(given)) < len(given):
        raise InvalidInput(f"{argument} must be distinct, one or more, but got {given}; give each once")
    return tuple(sorted(given))


def _at(value: T | Callable[[int], T], lag: int) -> Any:
    """Return a part at one lag; only plain functions depend on it, for a model may be callable for its own reasons."""
    if inspect.isfunction(value) or inspect.ismethod(value) or isinstance(value, functools.partial):
        return value(lag)
    return value


def _shorter(problem: Any, stage: int) -> Problem:
    if not hasattr(problem, "shorter"):
        raise InvalidInput(
            f"curriculum must be left out, for {type(problem).__name__} has no easier stages of the same alphabet; "
            "use memspan.problems.Conflict"
        )
    return problem.shorter(stage)
