"""A tuning in words: the question, the answer, how it was searched, and how its report comes about again."""

from __future__ import annotations

from memspan.report.contents import Table
from memspan.report.methods import methods
from memspan.report.tuning import KeptTuning
from memspan.studies.in_words import count
from memspan.studies.tune import QUESTIONS, Range
from memspan.studies.tune.in_words import settings_in_words

__all__ = ["answer", "methods_of_search", "question", "winners"]


def question(tuning: KeptTuning) -> str:
    """Return what was asked."""
    runs = sum(len(cell.runs) for cell in tuning.once.cells)
    return (
        f"What are the fewest weights, and what the fewest updates, that solve {tuning.variant} in at least "
        f"{_target(tuning)} of the runs? Searched: {_space(tuning)}; {len(tuning.trials):,} configurations were tried, "
        f"in {runs:,} runs, confirmation included."
    )


def answer(tuning: KeptTuning) -> tuple[str, ...]:
    """Return what was found, the most important first."""
    lines = [_found(tuning, name) for name in QUESTIONS]
    if not tuning.study.noted.ended:
        return ("The search is not done: this is how far it is.", *lines)
    lines.append(
        "The rates are of fresh seeds, which no choice has seen, all of them counted once. Nothing says that nothing "
        "smaller exists: the search tries what it tries."
    )
    return tuple(lines)


def winners(tuning: KeptTuning) -> Table:
    """Return a table of the winners and how often they succeed with fresh seeds."""
    rows = tuple(
        (f"{name}: {one.words}", f"{one.weights:,}", f"{one.updates:,}", count(one))
        for name, one in tuning.winners.items()
    )
    caption = "The winners, and how many of their fresh runs solve it [exact 95 % interval]"
    return Table(caption, ("winner", "weights", "updates", "fresh runs"), rows)


def methods_of_search(tuning: KeptTuning) -> list[tuple[str, str]]:
    """Return names and words."""
    plan = tuning.plan
    choosing, fresh = plan.validation, plan.confirming
    told = {
        "Search": (
            f"Optuna's tree-structured Parzen estimator asked for {plan.trials:,} configurations, {plan.batch:,} at a "
            f"time; the others are shorter forms and neighbours of what held. Each was run with up to {plan.seeds:,} "
            "seeds and given up as soon as its runs showed that its rate lies below the target (mid-p binomial test "
            "at Pocock's level over all looks: at most 5 % of configurations at the target are given up)."
        ),
        "Finals": (
            f"What held was run with {len(choosing):,} seeds, the best first; the first whose exact interval lies "
            f"above the target won. All {plan.finalists:,} intervals together have 99 % (Bonferroni)."
        ),
        "Confirmation": (
            f"The winner was run once with seeds {fresh.start:,} to {fresh[-1]:,}, which nothing before had seen. It "
            "is shown to reach the target where its whole interval does."
        ),
        "Choosing seeds": f"{choosing.start:,} to {choosing[-1]:,}; of these the search saw the first {plan.seeds:,}",
        "Intervals": (
            "95 % throughout. Rates: exact (Clopper and Pearson). Medians of updates until solved: Kaplan and Meier, "
            "runs that never solved it censored at the end of their budget, with the interval of Brookmeyer and "
            "Crowley."
        ),
    }
    common = [(name, words) for name, words in methods(tuning.once) if name not in told]
    place = next(number for number, (name, _) in enumerate(common) if name == "Success")
    return [*common[:place], *told.items(), *common[place:]]


def _found(tuning: KeptTuning, name: str) -> str:
    one = tuning.winners.get(name)
    if one is None and not tuning.study.noted.ended:
        held = [trial for trial in tuning.trials if trial.kind == "holds"]
        key = QUESTIONS[name]
        best = min(held, key=lambda trial: key(trial.weights, trial.updates), default=None)
        if best is None:
            return f"{name.capitalize()}: not known yet; no trial holds so far."
        return (
            f"{name.capitalize()}: not known yet; of the trials so far {best.weights:,} weights with {best.updates:,} "
            f"updates hold ({best.words}; {count(best)} of the runs that choose)."
        )
    if one is None:
        return f"{name.capitalize()}: nothing that was tried is good enough."
    size = {
        "fewest weights": f"{one.weights:,}, with {one.updates:,} updates",
        "fewest updates": f"{one.updates:,}, with {one.weights:,} weights",
    }[name]
    verdict = "is shown" if tuning.shown(name) else "is not shown"
    return (
        f"{name.capitalize()}: {size} ({one.words}). Of the fresh runs {count(one)} solve it; at least "
        f"{_target(tuning)} {verdict}."
    )


def _target(tuning: KeptTuning) -> str:
    return f"{100 * tuning.plan.target:g} %"


def _space(tuning: KeptTuning) -> str:
    """Return what was searched, setting by setting."""
    told: list[str] = []
    for name, within in tuning.plan.space.items():
        if isinstance(within, Range):
            told.append(f"{name} from {within.low:g} to {within.high:g}")
        else:
            values = [settings_in_words({name: value}).partition(" ")[2] or "left out" for value in within.values]
            told.append(f"{name} {' or '.join(values)}")
    return ", ".join(told)
