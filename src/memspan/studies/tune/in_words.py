"""A tuning in words: settings, the front, the winners, and what was found in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memspan.studies.in_words import aligned, count
from memspan.studies.tune.confirm import Winner
from memspan.studies.tune.questions import QUESTIONS
from memspan.studies.tune.result import Tuned

__all__ = ["findings", "front_lines", "settings_in_words", "winner_lines"]

SHOWN = 0.5  # of the front, trials of which fewer runs than this share succeed are left to JSON


def settings_in_words(settings: Mapping[str, Any]) -> str:
    """Return settings in one line, without those that are left out.

    Example:
        >>> settings_in_words({"model.units": 3, "model.chrono": {}, "rule": {"name": "SnAp", "n": 1}, "epochs": 40})
        'units 3, rule SnAp(n=1), epochs 40'
    """
    return ", ".join(f"{name.split('.')[-1]} {_value(value)}" for name, value in settings.items() if value != {})


def front_lines(found: Tuned) -> list[str]:
    """Return the trials that no other beats, as a table."""
    rows = [("weights", "updates", "runs that solve it", "", "  settings")]
    for one in found.front:
        if one.rate >= SHOWN:
            held = "holds" if one.holds(found.plan.target) else "given up" if one.given_up else "falls short"
            words = "  " + settings_in_words(one.settings)
            rows.append((f"{one.weights:,}", f"{one.updates:,}", count(one), held, words))
    return _table(rows)


def winner_lines(found: Tuned) -> list[str]:
    """Return the winners as a table: what they cost, and how many of the fresh runs succeed."""
    rows = [("", "weights", "updates", "fresh runs that solve it", "  settings")]
    for question, one in found.winners.items():
        if one is not None:
            words = "  " + settings_in_words(one.fresh.settings)
            rows.append((question, f"{one.fresh.weights:,}", f"{one.fresh.updates:,}", count(one.fresh), words))
    return _table(rows, left=1)


def findings(found: Tuned) -> str:
    """Return one sentence: what wins, and what its fresh runs show.

    Args:
        found: what was found, whole.
    """
    wanted = f"{100 * found.plan.target:g} % of the runs"
    parts = [_found(question, found.winners.get(question)) for question in QUESTIONS]
    doubts = [question for question, one in found.winners.items() if one is not None and not one.shown]
    sentence = f"To solve it in at least {wanted}, {'; '.join(parts)}"
    if doubts:
        return f"{sentence}; the interval of {' and '.join(doubts)} reaches below {wanted}, so it is not shown."
    return f"{sentence}."


def _found(question: str, one: Winner | None) -> str:
    if one is None:
        return f"for {question} nothing that was tried is good enough"
    trial = one.fresh
    return (
        f"the {question} found are {trial.weights:,} weights with {trial.updates:,} updates "
        f"({settings_in_words(trial.settings)}): {count(trial)} with fresh seeds"
    )


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        given: Mapping[str, Any] = value
        inner = ", ".join(f"{key}={_value(each)}" for key, each in given.items() if key != "name")
        return f"{given.get('name', '')}({inner})" if inner else str(given.get("name", ""))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _table(rows: list[tuple[str, ...]], left: int = 0) -> list[str]:
    """Return a table whose last column begins at the left."""
    *_, last = zip(*rows, strict=True)
    lines = aligned([row[:-1] for row in rows], left)
    width = max(map(len, lines))
    return [f"{line.ljust(width)}{words}".rstrip() for line, words in zip(lines, last, strict=True)]
