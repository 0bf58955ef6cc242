"""What `memspan check` says: a line for each check, the gradient against delay, and how many are broken."""

from __future__ import annotations

import math
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from memspan.core.bars import BARS

__all__ = ["line_of", "picture_of", "summary"]

MARKS = {"pass": "pass", "broken": "BROKEN", "does not apply": "-"}
DECADES = 6.0  # below the largest gradient; what is smaller is drawn as the smallest bar


def line_of(finding: Any) -> str:
    """Return one line: how a check went, what it is about, and what to do.

    Example:
        >>> from memspan.testing import Finding
        >>> line_of(Finding("reads_only_the_past", "no look ahead", "pass"))
        'pass    no look ahead'
        >>> line_of(Finding("reads_only_the_past", "no look ahead", "broken", "it looks ahead; mask it"))
        'BROKEN  no look ahead: it looks ahead; mask it'
    """
    said = f": {finding.sentence}" if finding.sentence else ""
    if finding.status == "does not apply":
        said = f": does not apply, for {finding.sentence.removeprefix('not tried, for ')}"
    return f"{MARKS[finding.status]:8}{finding.words}{said}"


def summary(found: tuple[Any, ...], picture: Path | None) -> list[str]:
    """Return the last lines: the gradient where it was followed, and how many checks went how."""
    lines = [_bars(one.norms) for one in found if one.norms]
    counts = Counter(one.status for one in found)
    lines.append(
        f"{counts['pass']} of {len(found)} checks pass, {counts['broken']} broken, "
        f"{counts['does not apply']} do not apply"
    )
    return lines + ([f"picture: {picture}"] if picture else [])


def picture_of(found: tuple[Any, ...], name: str) -> dict[str, Any]:
    """Return the picture of the gradient's norm against delay.

    Args:
        found: the findings, one of them with norms.
        name: of the model.
    """
    from memspan.core.estimate import Estimate
    from memspan.plots import credit

    norms = next(one.norms for one in found if one.norms)
    # One model with its first weights: there is nothing to make an interval of.
    points = [(back, Estimate(norm, norm, math.inf, 1, "first weights")) for back, norm in enumerate(norms)]
    title = f"Gradient of the last output at every input: {name}"
    return credit.draw(credit.facts({name: points}, rule="the gradient", title=title))


def _bars(norms: tuple[float, ...]) -> str:
    """Return the gradient against delay as one line, the last input first, its logarithm as the bars' heights."""
    bars = BARS["utf" not in (sys.stdout.encoding or "utf-8").lower()]
    largest = max(norms)

    def bar(norm: float) -> str:
        if not norm > 0:
            return " "
        height = 1 + math.log10(norm / largest) / DECADES
        return bars[min(len(bars) - 1, max(0, int(height * len(bars))))]

    back = len(norms) - 1
    return f"gradient from 0 to {back} steps back: {norms[0]:.2g} {''.join(map(bar, norms))} {norms[-1]:.2g}"
