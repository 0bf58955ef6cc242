"""A report from a store: nothing that the store holds is computed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from memspan.core.errors import InvalidInput, RunFailed
from memspan.report.comparisons import comparisons, primary_answer
from memspan.report.contents import Figure, Report, Table
from memspan.report.kept import KeptCell, KeptStudy, kept_study
from memspan.report.losses import losses
from memspan.report.methods import commands, failures, methods, settings
from memspan.report.rates import scores, success
from memspan.report.sources import references, sources
from memspan.report.states import choose, states
from memspan.report.tuning import kept_tuning
from memspan.report.tuning_figures import confirmation, course, pareto
from memspan.report.tuning_words import answer, methods_of_search, question, winners
from memspan.report.updates import updates
from memspan.store import Store
from memspan.studies.in_words import percent
from memspan.studies.span import LEVELS, findings

__all__ = ["make"]

COUNTS = "it counts as a failure."
PATIENCE = 30.0  # seconds that training one run again may take where nobody asked for it


def make(
    store: Store,
    path: Path,
    study: str | None = None,
    *,
    state: bool | None = None,
    on_step: Callable[[str], None] | None = None,
) -> Report:
    """Gather a report.

    Args:
        store: where the study is.
        path: how the user calls it.
        study: the beginning of the study's hash; None where there is only one.
        state: whether to show the state of one network, which is trained again for it; None shows it where that takes
            less than half a minute.
        on_step: called with what is being done.

    Returns:
        The report.

    Raises:
        InvalidInput: there is no such study, or it has no run; or a state is asked for that cannot be shown.
        StoreError: the store cannot be read.
    """
    say = on_step or (lambda _: None)
    say("reading the store")
    kept = kept_study(store, path, study)
    if kept.noted.command == "tune":
        return _of_tuning(kept, state, say)
    figures = [success(kept), scores(kept), updates(kept), losses(kept), comparisons(kept)]
    shown = [figure for figure in figures if figure is not None]
    more, told, left_out = _states(kept, state, say)
    shown += more
    notes = [*methods(kept), *([("State", told)] if told else [])]
    compared = any(figure.key == "differences" for figure in shown)
    return Report(
        title=kept.noted.name,
        study=kept.noted.hash,
        question=_question(kept),
        answer=_answer(kept),
        spans=_spans(kept),
        figures=tuple(shown),
        left_out=left_out,
        methods=tuple(notes),
        settings=settings(kept),
        failures=failures(kept),
        sources=sources(kept, compared),
        references=references(kept),
        commands=commands(kept),
        recipes=kept.names,
    )


def _of_tuning(study: KeptStudy, state: bool | None, say: Callable[[str], None]) -> Report:
    """Gather the report of a tuning: the search, and the winners' fresh runs as a study of their own."""
    tuning = kept_tuning(study)
    fresh = tuning.fresh
    figures = [pareto(tuning), confirmation(tuning), course(tuning)]
    if fresh is None and state:
        raise InvalidInput("a state must be that of a winner, but nothing has won; leave out --state")
    more, told, left_out = [], "", ("The runs of winners, for there are none.",)
    if fresh is not None:
        curves = [figure for figure in (updates(fresh), losses(fresh)) if figure is not None]
        figures += [replace(figure, recipes={}) for figure in curves]  # two winners: nothing to pick among
        more, told, left_out = _states(fresh, state, say)
    return Report(
        title=study.noted.name,
        study=study.noted.hash,
        question=question(tuning),
        answer=answer(tuning),
        spans=winners(tuning),
        figures=(*(figure for figure in figures if figure is not None), *more),
        left_out=left_out,
        methods=(*methods_of_search(tuning), *([("State", told)] if told else [])),
        settings=settings(fresh or study),
        failures=failures(tuning.once),
        sources=sources(study, compared=False),
        references=references(fresh or study),
        commands=commands(study),
        recipes=(),
    )


def _states(
    study: KeptStudy, state: bool | None, say: Callable[[str], None]
) -> tuple[list[Figure], str, tuple[str, ...]]:
    if state is False:
        return [], "", ("The state of a trained network: it was not asked for.",)
    try:
        chosen = choose(study)
        if state is None and chosen.seconds > PATIENCE:
            raise InvalidInput(f"training one run again would take about {chosen.seconds:.0f} seconds; --state does it")
        if not chosen.kept:
            say(f"training seed {chosen.run.seed} of '{chosen.cell.noted.recipe}' again, to show its state")
        figures, told = states(study, chosen)
    except (InvalidInput, RunFailed) as reason:
        if state:
            raise
        return [], "", (f"The state of a trained network: {reason}.",)
    return figures, told, ()


def _question(study: KeptStudy) -> str:
    n = sum(len(cell.runs) for cell in study.cells)
    recipes, lags = len(study.names), len(study.lags)
    ways = f"{recipes:,} ways to train" if recipes > 1 else f"'{study.names[0]}'"
    at = f"{lags:,} lags from {study.lags[0]:,} to {study.lags[-1]:,}" if lags > 1 else f"lag {study.lags[0]:,}"
    return (
        "How far back is it learned to remember? The lag is the number of steps between a cue and the step that needs "
        f"it. Measured for {ways}, at {at}, in {n:,} runs."
    )


def _answer(study: KeptStudy) -> tuple[str, ...]:
    primary = primary_answer(study)
    lines = [_best(study), *([primary] if primary else []), findings(study)]
    missing = study.noted.runs - sum(len(cell.runs) - cell.failed for cell in study.cells)
    if missing > 0:
        lines.append(f"The study is not done: {missing:,} of {study.noted.runs:,} runs have no result yet.")
    lost = sum(cell.diverged for cell in study.cells)
    if lost:
        lines.append(f"{lost:,} runs diverged; they count as failures." if lost > 1 else f"1 run diverged; {COUNTS}")
    failed = sum(cell.failed for cell in study.cells)
    if failed:
        several = f"{failed:,} runs have no result, for the reasons below; they count as failures."
        lines.append(several if failed > 1 else f"1 run has no result, for the reason below; {COUNTS}")
    return tuple(lines)


def _best(study: KeptStudy) -> str:
    """Return what reached furthest, and how surely."""

    def rank(name: str) -> tuple[float, ...]:
        rates = [cell.success.point for cell in study.row(name).values()]
        return (float(study.memory_span(name).point or 0), *reversed(rates))

    name = max(study.names, key=rank)
    reached = study.memory_span(name).point
    if reached is None:
        lag, cell = next(iter(study.row(name).items()))
        return f"Not even at lag {lag:,} do half of the runs learn it: with '{name}' {_in_runs(cell)}."
    cell = study.row(name)[reached]
    longest = ", the longest lag tried" if reached == study.lags[-1] else ""
    alike = [
        f"'{other}'"
        for other in study.names
        if rank(other) == rank(name) and _in_runs(study.row(other)[reached]) == _in_runs(cell)
    ]
    if len(alike) == 1:
        return f"Furthest comes {alike[0]}: lag {reached:,}{longest}, in {_in_runs(cell)}."
    return f"Furthest come {' and '.join(alike)} alike: lag {reached:,}{longest}, each in {_in_runs(cell)}."


def _in_runs(cell: KeptCell) -> str:
    rate = cell.success
    return (
        f"{cell.solved:,} of {rate.n:,} runs (95 % interval of the rate: {percent(rate.low)} to {percent(rate.high)} %)"
    )


def _spans(study: KeptStudy) -> Table:
    columns = ("memory span, in steps [95 %]", *(f"at {100 * level:.0f} % of the runs" for level in LEVELS))
    rows = [(name, *(str(study.memory_span(name, level)) for level in LEVELS)) for name in study.names]
    caption = (
        "Memory span: the longest tested lag up to which that share of the runs succeeds, at every shorter one too"
    )
    return Table(caption, columns, tuple(rows))
