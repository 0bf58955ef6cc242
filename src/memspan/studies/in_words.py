"""Counts, rates and times as a person reads them, and tables of such words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from memspan.core.estimate import Estimate
from memspan.studies.outcomes import AbstractOutcomes

__all__ = ["about", "aligned", "count", "counted", "percent", "times"]

GAP = "  "


def about(seconds: float) -> str:
    """Return a time in one unit: an estimate is no more exact than that.

    Example:
        >>> about(4.2), about(200.0), about(7200.0)
        ('about 4 s', 'about 3 min', 'about 2 h')
    """
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"about {seconds / size:.0f} {unit}"
    return f"about {seconds:.0f} s"


def aligned(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Return a table as lines.

    Example:
        >>> aligned([("", "runs"), ("LSTM", "9")])
        ['      runs', 'LSTM     9']

    Args:
        rows: words, as many in each row.
        left: the first columns, which begin at the left; all others end at the right.
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        GAP.join(
            text.ljust(width) if column < left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def count(outcomes: AbstractOutcomes) -> str:
    """Return how many runs succeeded of how many, with the rate's interval: "97/100 [92, 99] %"; or that all failed."""
    return "failed" if outcomes.failed == len(outcomes.runs) else counted(outcomes.solved, outcomes.success)


def counted(solved: int, rate: Estimate) -> str:
    """Return a count of how many, with the rate's interval.

    Example:
        >>> counted(5, Estimate(1.0, 0.566, 1.0, 5, "wilson 95 %"))
        '5/5 [57, 100] %'
    """
    return f"{solved}/{rate.n} [{percent(rate.low)}, {percent(rate.high)}] %"


def times(estimate: Estimate) -> str:
    """Return a median with its interval; infinity means that the budget ended first.

    Example:
        >>> times(Estimate(1200.0, 900.0, math.inf, 20, "Kaplan-Meier"))
        '1,200 [900, -]'
    """
    if math.isinf(estimate.point):
        return "not reached"
    high = "-" if math.isinf(estimate.high) else f"{estimate.high:,.0f}"
    return f"{estimate.point:,.0f} [{estimate.low:,.0f}, {high}]"


def percent(share: float) -> str:
    """Return a share as a percentage, never rounded to 0 or 100 where it is neither.

    Example:
        >>> percent(0.5), percent(0.9999), percent(1.0)
        ('50', '99.99', '100')
    """
    texts = [f"{100 * share:.{digits}f}" for digits in range(5)]
    return next((text for text in texts if share in (0, 1) or float(text) not in (0, 100)), texts[-1])
