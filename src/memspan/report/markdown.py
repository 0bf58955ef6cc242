"""A report as Markdown: the same words and tables; a picture is its finding."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memspan.report.contents import Report, Table

__all__ = ["markdown"]

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")


def markdown(report: Report, version: str) -> str:
    """Return a report as Markdown (tables as GitHub has them).

    Args:
        report: what it says.
        version: of memspan.
    """
    blocks = [f"# {plain(report.title)}", plain(report.question), "## Answer"]
    blocks += [f"**{plain(line)}**" if place == 0 else plain(line) for place, line in enumerate(report.answer)]
    blocks += _table(report.spans)
    blocks += [f"Not shown: {plain(line)}" for line in report.left_out]
    for figure in report.figures:
        blocks += [f"## {plain(figure.title)}", *(plain(view.finding) for view in figure.views)]
        blocks += _table(figure.table)
    blocks += ["## Methods", _listed(report.methods), *_table(report.settings), "## Failures"]
    none = "No run diverged, and every run that was begun has a result."
    blocks += _table(report.failures) if report.failures.rows else [none]
    blocks += ["## Sources", _listed(report.references)] if report.references else ["## Sources"]
    blocks.append(_fenced("\n\n".join(source.entry for source in report.sources), "bibtex"))
    blocks.append("## Do it again")
    blocks += [f"{plain(says)}:\n\n{_fenced(words, 'sh')}" for says, words in report.commands]
    blocks.append(f"Made by memspan {version}.")
    return "\n\n".join(blocks) + "\n"


def plain(text: str) -> str:
    r"""Return text that Markdown shows as it is.

    Example:
        >>> plain("a_b <b> | c")
        'a\\_b \\<b\\> \\| c'
    """
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _table(table: Table) -> list[str]:
    if not table.rows:
        return []
    marks = ["---" if place < table.words else "---:" for place in range(len(table.columns))]
    lines = [_row(list(map(plain, table.columns))), _row(marks), *(_row(list(map(plain, row))) for row in table.rows)]
    return [f"*{plain(table.caption)}*", "\n".join(lines)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _listed(pairs: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- **{plain(name)}**: {plain(words)}" for name, words in pairs)


def _fenced(text: str, language: str) -> str:
    """Return text as a block of code, fenced by more backticks than it has."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
