"""The search: batches of trials, and shorter forms of those that hold."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.spec import Spec
from memspan.studies.tune.descend import neighbours
from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.questions import QUESTIONS
from memspan.studies.tune.sampler import Sampler
from memspan.studies.tune.shorten import EPOCHS, epochs_within, solved_by
from memspan.studies.tune.trial import Runner, Trial, given_up, tried

__all__ = ["Judge", "judging", "search", "spec_at"]

CLOSE = 0.95  # fewer epochs than this share of those that hold are worth a trial
MOST = 6  # of those in a row

Judge = Callable[[Mapping[str, Any]], Trial]


def spec_at(plan: Tuning, settings: Mapping[str, Any]) -> Spec:
    """Return what is trained at some settings.

    Raises:
        InvalidInput: they do not go together; the sentence says which they are.
    """
    with _naming(settings):
        return plan.spec(settings)


def judging(plan: Tuning, run: Runner) -> Judge:
    """Return what runs a trial as the search does.

    Args:
        plan: the tuning.
        run: makes runs, or finds them where they are kept.
    """

    def judge(settings: Mapping[str, Any]) -> Trial:
        spec = spec_at(plan, settings)
        with _naming(settings):  # that a rule cannot teach a model shows when it is compiled
            runs = tried(spec, plan.validation, plan.looks, plan.target, run)
        hopeless = given_up(sum(one.solved for one in runs), len(runs), plan.looks, plan.target)
        return Trial(-1, settings, spec, runs, hopeless)

    return judge


def search(plan: Tuning, judge: Judge, pool: Executor) -> Iterator[Trial]:
    """Yield trials as their batch is done. What is yielded depends on the plan and on what runs say, on nothing else.

    Args:
        plan: the tuning.
        judge: runs a trial.
        pool: where the trials of a batch are run, side by side where it has several threads.

    Yields:
        The trials, numbered. Each batch is followed by shorter forms of those of it that hold; when the sampler has
        asked for all, neighbours of the best are tried for every question, until none that is better holds.

    Raises:
        InvalidInput: settings do not go together, or Optuna is not installed.
    """
    sampler = Sampler(plan)
    done: list[Trial] = []

    def numbered(trial: Trial, of: int | None = None) -> Trial:
        done.append(Trial(len(done), trial.settings, trial.spec, trial.runs, trial.given_up, of))
        return done[-1]

    def alone(settings: Mapping[str, Any]) -> Trial:
        return pool.submit(judge, settings).result()

    for first in range(0, plan.trials, plan.batch):
        asked = sampler.ask(min(plan.batch, plan.trials - first))
        found: list[Trial] = []
        for trial in _side_by_side(judge, [plan.settings(params) for params in asked], pool):
            found.append(numbered(trial))
            yield found[-1]
        others: list[tuple[dict[str, Any], Trial]] = []
        for params, trial in zip(asked, found, strict=True):
            for shorter in _shorter(trial, plan, done, alone):
                others.append(({**params, EPOCHS: shorter.spec.epochs}, numbered(shorter, trial.number)))
                yield others[-1][1]
        sampler.tell(found, others)
    for question in QUESTIONS:
        for trial in _better(question, plan, done, judge, pool):
            origin = numbered(trial)
            yield origin
            for shorter in _shorter(origin, plan, done, alone):
                yield numbered(shorter, origin.number)


def _better(question: str, plan: Tuning, done: list[Trial], judge: Judge, pool: Executor) -> Iterator[Trial]:
    """Yield neighbours of the best trial that would be better than it, and of what is then the best."""
    key = QUESTIONS[question]
    best = None
    while True:
        holding = [one for one in done if one.holds(plan.target)]
        first = min(holding, key=lambda one: (*key(one.weights, one.updates), one.number), default=None)
        if first is None or first is best:
            return
        best = first
        known = {one.spec.hash for one in done}
        asked = [one for one in neighbours(question, best.settings, plan) if spec_at(plan, one).hash not in known]
        yield from _side_by_side(judge, asked, pool)


def _shorter(trial: Trial, plan: Tuning, done: list[Trial], judge: Judge) -> Iterator[Trial]:
    """Yield the trial with fewer and fewer epochs, as long as that may be better than all there is."""
    within = epochs_within(plan)
    if within is None or not trial.holds(plan.target):
        return
    best, too_few = trial, int(within.low) - 1
    for _ in range(MOST):
        epochs = max(solved_by(best, plan.target), int(within.low))
        if epochs <= too_few:
            epochs = (too_few + best.spec.epochs) // 2
        if epochs <= too_few or epochs > CLOSE * best.spec.epochs:
            return
        updates = best.updates * epochs / best.spec.epochs
        holding = (one for one in done if one.holds(plan.target))
        if any(one.weights <= best.weights and one.updates <= updates for one in holding):
            return
        shorter = judge({**trial.settings, EPOCHS: epochs})
        yield shorter
        best, too_few = (shorter, too_few) if shorter.holds(plan.target) else (best, epochs)


def _side_by_side(judge: Judge, asked: Sequence[Mapping[str, Any]], pool: Executor) -> list[Trial]:
    """Run trials, each of those that are alike once."""
    distinct = {repr(settings): settings for settings in asked}
    found = dict(zip(distinct, pool.map(judge, distinct.values()), strict=True))
    return [found[repr(settings)] for settings in asked]


@contextmanager
def _naming(settings: Mapping[str, Any]) -> Generator[None, None, None]:
    """Say in a refusal which settings were tried."""
    try:
        yield
    except InvalidInput as refusal:
        named = ", ".join(f"{name} = {value}" for name, value in settings.items())
        raise InvalidInput(f"settings of a trial must go together, but at {named}: {refusal}") from refusal
