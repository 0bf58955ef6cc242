"""Comparisons of recipes as a person reads them: the answer to the primary question, and a table of all others."""

from __future__ import annotations

from memspan.core.estimate import Estimate
from memspan.studies.comparisons import Compared, Comparisons, Evidence
from memspan.studies.in_words import aligned, times

__all__ = ["answer_line", "chance", "pair_lines"]

MOST = 15  # lines of a table that a person still reads


def chance(p_value: float) -> str:
    """Return a p-value with its sign, never rounded to 0.

    Example:
        >>> chance(0.0312), chance(0.00001)
        ('= 0.031', '< 0.001')
    """
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"


def answer_line(found: Comparisons) -> str | None:
    """Return what the runs say to the primary question, in one sentence; None where none was declared.

    Args:
        found: the comparisons, as far as the study is measured.
    """
    asked, one = found.primary, found.answer
    if asked is None:
        return None
    about = f"primary question, at lag {asked.lag:,}, tested alone:"
    if one is None:
        return f"{about} '{asked.first}' and '{asked.second}' are not both measured yet."
    if asked.on == "updates":
        medians = (times(median) for median in one.medians)
        each = ", ".join(f"'{name}' {median}" for name, median in zip(asked.compare, medians, strict=True))
        return f"{about} updates until solved of {each} (median); {_verdict(one.updates)}"
    if one.runs[0] == one.runs[1]:
        of = f"{one.solved[0]} and '{one.second}' in {one.solved[1]} of the same {one.runs[0]} seeds"
    else:
        of = f"{one.solved[0]} of {one.runs[0]} and '{one.second}' in {one.solved[1]} of {one.runs[1]} seeds"
    return (
        f"{about} '{one.first}' solves it in {of}, a difference in rates of {_difference(one.difference)} "
        f"({one.difference.method}); {_verdict(one.success)}"
    )


def pair_lines(found: Comparisons, most: int = MOST) -> list[str]:
    """Return a table of the exploratory comparisons, one line a lag and pair; none where there is one recipe.

    Args:
        found: the comparisons.
        most: lines; of more pairs those are shown that differ most surely.

    Returns:
        The lines.
    """
    pairs = [one for one in found.pairs if one.success.adjusted is not None or one.updates.adjusted is not None]
    if not pairs:
        return []
    surest = sorted(pairs, key=_surest)[:most]
    shown = [one for one in pairs if one in surest]
    head = ("compared (exploratory)", "lag", "solved", "difference in rates", "p, success", "p, updates")
    rows = [head, *(_row(one) for one in shown)]
    left = len(pairs) - len(shown)
    rest = [f"... and {left:,} other pairs that differ less surely; --json FILE has them all"] if left else []
    return [*aligned(rows), *rest]


def _surest(one: Compared) -> tuple[float, float]:
    smallest = sorted(evidence.adjusted for evidence in (one.success, one.updates) if evidence.adjusted is not None)
    return smallest[0], smallest[-1]


def _row(one: Compared) -> tuple[str, ...]:
    solved = ", ".join(f"{k}/{n}" for k, n in zip(one.solved, one.runs, strict=True))
    # What the primary question is about stands in its sentence, and uncorrected: not in this table.
    success = ("above", "above") if one.success.adjusted is None else (_difference(one.difference), _p(one.success))
    return (f"{one.first} - {one.second}", f"{one.lag:,}", solved, *success, _p(one.updates))


def _p(evidence: Evidence) -> str:
    if evidence.adjusted is None:
        return "above"
    return chance(evidence.adjusted).removeprefix("= ")


def _difference(rates: Estimate) -> str:
    return f"{rates.point:+.2f} [{rates.low:+.2f}, {rates.high:+.2f}]"


def _verdict(evidence: Evidence) -> str:
    says = "they differ" if evidence.differs else "these runs do not show that they differ"
    return f"p {chance(evidence.p_value)} ({evidence.method}): {says}."
