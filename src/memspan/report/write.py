"""Writing a report: its format, and the file as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from memspan.core.errors import InvalidInput, check_choice
from memspan.plots.save import replace
from memspan.report.contents import Report
from memspan.report.html import html
from memspan.report.markdown import markdown
from memspan.report.pdf import pdf

__all__ = ["FORMATS", "Format", "format_of", "rendered", "write"]

Format = Literal["html", "md", "pdf"]
FORMATS: tuple[Format, ...] = ("html", "md", "pdf")
ENDINGS: dict[str, Format] = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md", ".pdf": "pdf"}


def format_of(path: Path | None, asked: str | None = None) -> Format:
    """Return the format that was asked for, or that a file's ending says; HTML where nothing says it.

    Example:
        >>> format_of(Path("report.pdf")), format_of(None)
        ('pdf', 'html')
        >>> format_of(Path("report.doc"))
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: --output must be a file named *.html, *.htm, *.md, *.markdown, *.pdf, but got
        'report.doc'; the ending decides the format, or give --format

    Args:
        path: the file; None for none.
        asked: the format, where it was named.

    Raises:
        InvalidInput: neither says it.
    """
    if asked is not None:
        check_choice("format", asked, FORMATS)
        return asked  # pyright: ignore[reportReturnType]
    if path is None:
        return "html"
    if path.suffix.lower() not in ENDINGS:
        allowed = ", ".join(f"*{ending}" for ending in ENDINGS)
        raise InvalidInput(
            f"--output must be a file named {allowed}, but got '{path}'; the ending decides the format, or "
            "give --format"
        )
    return ENDINGS[path.suffix.lower()]


def rendered(report: Report, format: Format, version: str) -> bytes:
    """Return a report as the bytes of a file.

    Args:
        report: what it says.
        format: "html", "md" or "pdf".
        version: of memspan.
    """
    makers: dict[Format, Callable[[], bytes]] = {
        "html": lambda: html(report, version).encode(),
        "md": lambda: markdown(report, version).encode(),
        "pdf": lambda: pdf(report, version),
    }
    return makers[format]()


def write(report: Report, path: Path, format: Format, version: str) -> Path:
    """Write a report; a file that is there is replaced in one step.

    Args:
        report: what it says.
        path: the file.
        format: "html", "md" or "pdf".
        version: of memspan.

    Raises:
        InvalidInput: the file cannot be written.
    """
    return replace(path, rendered(report, format, version))
