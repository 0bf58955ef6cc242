"""Pictures of a tuning, each with its table: the front, the confirmation, the course of the search."""

from __future__ import annotations

from memspan.plots import against_target, pareto_front, search_course
from memspan.report.contents import Figure, Table, View
from memspan.report.tuning import KeptTrial, KeptTuning
from memspan.studies.in_words import count
from memspan.studies.tune.front import unbeaten

__all__ = ["confirmation", "course", "pareto"]


def pareto(tuning: KeptTuning) -> Figure:
    """Return what was tried, weights against updates, and a table of what no other beats."""
    target = tuning.plan.target
    tried = [pareto_front.Tried(one.weights, one.updates, one.success, one.kind) for one in tuning.trials]
    tried += [
        pareto_front.Tried(one.weights, one.updates, one.success, "winner", name)
        for name, one in tuning.winners.items()
    ]
    facts = pareto_front.facts(tried, target, f"What solves it in {100 * target:g} % of the runs")
    points = [(one.weights, one.updates, -one.success.point) for one in tuning.trials]
    rows = tuple(
        (tuning.trials[at].words, tuning.trials[at].kind, *_sizes(tuning.trials[at]), count(tuning.trials[at]))
        for at in unbeaten(points)
    )
    held = sum(one.kind == "holds" for one in tuning.trials)
    finding = (
        f"Of {len(tuning.trials):,} configurations {held:,} hold; {len(facts.front):,} of them, winners included, are "
        "beaten by no other in weights and updates."
    )
    return Figure(
        "front",
        "What was tried, and what it cost",
        (View("", pareto_front.draw(facts), finding),),
        Table(
            "The front: configurations that no other beats in weights, updates and rate at once, with the runs that "
            "chose",
            ("settings", "what became of it", "weights", "updates", "solve it [95 %]"),
            rows,
            words=2,
        ),
        "A mark is a configuration, the darker the more of its runs succeed. It holds where as many of the runs that "
        "chose succeeded as asked, and is given up where few runs showed that fewer do. The line is the edge of what "
        "holds. Rates of runs that chose flatter; outlined marks are the winners, with their fresh runs.",
    )


def confirmation(tuning: KeptTuning) -> Figure | None:
    """Return the winners' rates with the seeds that chose and with fresh ones; None where nothing won yet."""
    if not tuning.winners:
        return None
    pairs = [
        (f"{name}, {seeds}", one)
        for name, fresh in tuning.winners.items()
        for seeds, one in (("as chosen", tuning.chosen(name)), ("fresh", fresh))
    ]
    facts = against_target.facts([(name, one.success) for name, one in pairs], tuning.plan.target)
    shown = [name for name in tuning.winners if tuning.shown(name)]
    asked = f"{100 * tuning.plan.target:g} %"
    finding = (
        f"The fresh runs show at least {asked} for {' and for '.join(shown)}."
        if shown
        else f"The fresh runs of no winner show {asked}."
    )
    finals = [(f"{name}, final", one) for name, ones in tuning.finals.items() for one in ones]
    fresh = [(f"{name}, fresh", one) for name, one in tuning.winners.items()]
    rows = tuple(
        (name, one.words, *_sizes(one), count(one), f"{one.runs[0].seed:,} to {one.runs[-1].seed:,}")
        for name, one in [*fresh, *finals]
    )
    return Figure(
        "confirmation",
        "Whether the winners hold with fresh seeds",
        (View("", against_target.draw(facts), finding),),
        Table(
            "Confirmation, and the finals before it: runs that solve it [exact 95 % interval]",
            ("runs", "settings", "weights", "updates", "solve it [95 %]", "seeds"),
            rows,
            words=2,
        ),
        "A winner was chosen by the runs above, which flatter for having chosen; the fresh runs below it were made "
        "once, with seeds that no choice has seen, and are the result.",
    )


def course(tuning: KeptTuning) -> Figure:
    """Return the trials in order, and a table of all of them."""
    views: list[View] = []
    for measure in ("weights", "updates"):
        listed = [search_course.Trial(getattr(one, measure), one.success, one.kind, one.words) for one in tuning.trials]
        facts = search_course.facts(listed, measure)
        views.append(View(measure, search_course.draw(facts), f"{facts.title}."))
    rows = tuple(
        (one.name.removeprefix("trial "), one.words, one.kind, *_sizes(one), count(one)) for one in tuning.trials
    )
    return Figure(
        "course",
        "How the search went",
        tuple(views),
        Table(
            "All trials of the search, with the runs that chose",
            ("trial", "settings", "what became of it", "weights", "updates", "solve it [95 %]"),
            rows,
            words=3,
        ),
        "Each mark is a trial, in the order in which they were tried; the line is the fewest that held so far.",
        choice="fewest",
    )


def _sizes(one: KeptTrial) -> tuple[str, str]:
    return f"{one.weights:,}", f"{one.updates:,}"
