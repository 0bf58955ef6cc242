"""Optuna asks what to try and is told what came out. It keeps nothing: the same answers make it ask the same again."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.space import Range
from memspan.studies.tune.trial import Trial

__all__ = ["Sampler", "optuna_version"]

FIRST = 24  # trials drawn at random before any is modelled
SHORT = "short"  # by how much a trial's rate lies below the target


class Sampler:
    """Asks in batches: for fewer weights and fewer updates, among what succeeds often enough.

    The tree-structured Parzen estimator for two objectives, with the rate of success as its constraint; trials of a
    batch are kept apart by taking those that are out as bad (constant liar).

    Args:
        plan: what is searched.

    Raises:
        InvalidInput: Optuna is not installed.

    References:
        Bergstra, Bardenet, Bengio and Kegl 2011; several objectives: Ozaki, Tanigaki, Watanabe and Onishi 2020.
    """

    def __init__(self, plan: Tuning) -> None:
        optuna = _optuna()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._create, self._target = optuna.trial.create_trial, plan.target
        self._kinds = {name: _distribution(optuna.distributions, plan, name) for name in plan.space}
        with warnings.catch_warnings():  # the settings below are called experimental
            warnings.simplefilter("ignore")
            sampler = optuna.samplers.TPESampler(
                seed=plan.seed,
                multivariate=True,
                constant_liar=True,
                n_startup_trials=FIRST,
                constraints_func=lambda trial: trial.user_attrs[SHORT],  # pyright: ignore
            )
            self._study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
        self._out: list[Any] = []

    def ask(self, n: int) -> list[dict[str, Any]]:
        """Return what to try next: by name a number, or a choice's place."""
        self._out = [self._study.ask(self._kinds) for _ in range(n)]
        return [dict(trial.params) for trial in self._out]

    def tell(self, asked: Sequence[Trial], others: Sequence[tuple[dict[str, Any], Trial]] = ()) -> None:
        """Tell what came out of all that was asked for last, in the same order, and of what it did not ask for."""
        for trial, found in zip(self._out, asked, strict=True):
            trial.set_user_attr(SHORT, self._short(found))
            self._study.tell(trial, [found.weights, found.updates])
        for params, found in others:
            made = self._create(
                params=params,
                distributions=self._kinds,
                values=[found.weights, found.updates],
                user_attrs={SHORT: self._short(found)},
            )
            self._study.add_trial(made)
        self._out = []

    def _short(self, found: Trial) -> list[float]:
        return [self._target - found.rate if not found.holds(self._target) else 0.0]


def optuna_version() -> str:
    """Return which Optuna asks: another one may ask otherwise.

    Raises:
        InvalidInput: none is installed.
    """
    return _optuna().__version__


def _optuna() -> Any:
    try:
        return importlib.import_module("optuna")
    except ImportError:
        raise InvalidInput("tuning needs Optuna, but it is not installed; pip install 'memspan[tune]'") from None


def _distribution(kinds: Any, plan: Tuning, name: str) -> Any:
    within = plan.space[name]
    if not isinstance(within, Range):
        return kinds.CategoricalDistribution(tuple(range(len(within.values))))
    kind = kinds.IntDistribution if within.whole else kinds.FloatDistribution
    return kind(within.low, within.high, log=within.log)
