"""The picture of success against lag."""

from __future__ import annotations

from pathlib import Path

from memspan.plots import save, success_by_lag
from memspan.studies.span.result import Span

__all__ = ["picture"]


def picture(span: Span, path: Path) -> Path:
    """Draw success against lag.

    Args:
        span: what was measured.
        path: where the picture goes; its suffix decides the format.

    Returns:
        The file written.

    Raises:
        InvalidInput: the file cannot be written.
    """
    lines = {name: [(lag, measured.success) for lag, measured in span.row(name).items()] for name in span.names}
    title = f"Runs that solve it, by lag: {span.study.subject}"
    return save(success_by_lag.draw(success_by_lag.facts(lines, title, span.levels)), path)
