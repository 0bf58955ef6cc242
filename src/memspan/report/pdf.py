"""A report as one page to print: question, answer, success against lag, memory spans, and how it was measured."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from html import escape

from memspan.plots.render import svg, writable
from memspan.plots.style import INK, MUTED
from memspan.report.contents import Report, Table

__all__ = ["page", "pdf"]

WIDTH, HEIGHT, MARGIN = 595, 842, 42  # A4 in points
LETTER = 0.49  # of the size of the type: the mean width of a letter, rather too wide than too narrow
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
MOST_ROWS = 12
TALLEST = 300  # points, of the picture
VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def pdf(report: Report, version: str) -> bytes:
    """Return a report as a PDF of one page.

    Args:
        report: what it says.
        version: of memspan.
    """
    import vl_convert

    return vl_convert.svg_to_pdf(page(report, version))


def page(report: Report, version: str) -> str:
    """Return the page as SVG, as vl-convert makes a PDF of it; drawings and letters stay lines, not pixels.

    Args:
        report: what it says.
        version: of memspan.
    """
    sheet = _Sheet()
    sheet.text("memspan report", 8.0, MUTED)
    sheet.text(report.title, 17.0, INK, bold=True, most=2)
    sheet.text(report.question, 9.0, MUTED, most=4)
    sheet.gap(4.0)
    sheet.text(report.answer[0], 12.0, INK, bold=True, most=4)
    for line in report.answer[1:]:
        sheet.text(line, 9.0, INK, most=6)
    sheet.gap(4.0)
    if report.figures:
        sheet.picture(report.figures[0].views[0].spec)
    sheet.table(report.spans)
    shown = dict(report.methods)
    for name in ("Problem", "Runs", "Intervals", "Environment"):
        if name in shown:
            sheet.text(f"{name}: {shown[name]}", 7.5, MUTED, most=4)
    if report.commands:
        says, words = report.commands[0]
        sheet.text(f"{says}: {words}", 7.5, INK, most=4)
    sheet.text(f"memspan {version}, study {report.study or 'of the whole store'}", 7.5, MUTED)
    parts = "".join(sheet.parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}"><rect width="100%" height="100%" fill="white"/>{parts}</svg>'
    )


@dataclass
class _Sheet:
    """A page that is filled from above."""

    parts: list[str] = field(default_factory=list[str])
    y: float = float(MARGIN)

    def gap(self, points: float) -> None:
        self.y += points

    def text(self, text: str, size: float, colour: str, bold: bool = False, most: int = 1) -> None:
        """Put lines of text, the last of them cut where there are more than `most`."""
        letters = int((WIDTH - 2 * MARGIN) / (size * LETTER * (1.08 if bold else 1)))
        lines = textwrap.wrap(" ".join(text.split()), letters, max_lines=most, placeholder=" ...") or [""]
        for line in lines:
            self.y += size * 1.3
            if self.y > HEIGHT - MARGIN / 2:
                return
            self.parts.append(_line(line, float(MARGIN), self.y, size, colour, bold))
        self.y += size * 0.35

    def picture(self, spec: dict[str, object]) -> None:
        """Put a drawing, as wide as the page."""
        drawn = svg(spec)
        found = VIEW_BOX.search(drawn)
        assert found is not None
        wide, tall = float(found[1]), float(found[2])
        scale = min((WIDTH - 2 * MARGIN) / wide, TALLEST / tall)
        inner = drawn[drawn.index("<svg") :]
        self.parts.append(f'<g transform="translate({MARGIN} {self.y:.2f}) scale({scale:.4f})">{inner}</g>')
        self.y += tall * scale + 8

    def table(self, table: Table) -> None:
        """Put a table, cut after some rows."""
        size, wide = 8.0, WIDTH - 2 * MARGIN
        first = wide * 0.55
        each = (wide - first) / max(len(table.columns) - 1, 1)
        for number, row in enumerate([table.columns, *table.rows[:MOST_ROWS]]):
            self.y += size * 1.5
            if self.y > HEIGHT - 4 * MARGIN:
                return
            for place, cell in enumerate(row):
                room = int((first if place == 0 else each) / (size * LETTER))
                shown = textwrap.shorten(cell, room, placeholder="...") or cell[:room]
                x = float(MARGIN) if place == 0 else MARGIN + first + each * place
                self.parts.append(_line(shown, x, self.y, size, INK, number == 0, end=place > 0))
        left = len(table.rows) - MOST_ROWS
        self.y += size
        if left > 0:
            self.text(f"... and {left:,} more", size, MUTED)


def _line(text: str, x: float, y: float, size: float, colour: str, bold: bool = False, end: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    anchor = ' text-anchor="end"' if end else ""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-family="{FONT}" font-size="{size:g}" fill="{colour}"{weight}{anchor}>'
        f"{escape(writable(text))}</text>"
    )
