"""How many runs have not solved a problem yet, over updates: as text and as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from memspan.core.bars import bars
from memspan.plots import save
from memspan.plots import survival as plot
from memspan.studies.in_words import aligned
from memspan.studies.span.result import Span

__all__ = ["survival_lines", "survival_picture"]

COLUMNS = 24
SHARES = (0.25, 0.5, 0.75, 0.9)


def survival_lines(span: Span, ascii_only: bool = False) -> list[str]:
    """Return a table, one line a recipe and lag at which any run ever solved it: after how many updates how many had.

    Args:
        span: what was measured.
        ascii_only: whether the terminal knows no block characters.

    Returns:
        The lines; none where no run ever solved it.
    """
    head = ("not solved yet, from 0 updates to the budget", "lag", "", "budget")
    rows: list[tuple[str, ...]] = [(*head, *(f"{100 * share:.0f} % by" for share in SHARES))]
    for name in span.names:
        shown = [(lag, one) for lag, one in span.row(name).items() if one.ever_solved.point]
        for number, (lag, one) in enumerate(shown):
            curve = one.survival
            line = bars(_at(curve.times, curve.survival, one.updates), ascii_only)
            by = [_by(curve.times, curve.survival, share) for share in SHARES]
            rows.append((name if number == 0 else "", f"{lag:,}", line, f"{one.updates:,}", *by))
    return aligned(rows) if len(rows) > 1 else []


def survival_picture(span: Span, path: Path) -> Path:
    """Draw how many runs have not solved it yet, over updates, one panel a lag.

    Args:
        span: what was measured.
        path: where the picture goes; its suffix decides the format.

    Returns:
        The file written.

    Raises:
        InvalidInput: the file cannot be written.
    """
    curves = {name: {lag: one.survival for lag, one in span.row(name).items()} for name in span.names}
    return save(plot.draw(plot.facts(curves, f"Runs that have not solved it yet: {span.study.subject}")), path)


def _at(
    times: Float[np.ndarray, " length"], share: Float[np.ndarray, " length"], budget: int
) -> Float[np.ndarray, " column"]:
    """Return the share at evenly spread times from 0 to the budget."""
    wanted = np.linspace(0, budget, COLUMNS)
    return share[np.searchsorted(times, wanted, side="right") - 1]


def _by(times: Float[np.ndarray, " length"], share: Float[np.ndarray, " length"], solved: float) -> str:
    """Return the updates by which a share of the runs had solved it; a dash where that was not reached."""
    reached = share <= 1 - solved + 1e-12
    return f"{times[reached.argmax()]:,.0f}" if reached.any() else "-"
