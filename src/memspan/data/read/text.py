"""Plain text: each line, each paragraph, or the whole file is a sequence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from memspan.core.errors import check_choice
from memspan.data.read.kinds import from_text
from memspan.data.read.lines import bare, read_lines
from memspan.data.read.refusal import Bad
from memspan.data.read.tables import Item, Items

__all__ = ["open_text"]

Lines = Iterator[tuple[int, str | Bad]]


def open_text(path: Path, sequence: str | None, max_line: int) -> Items:
    """Open a text file.

    Args:
        path: the file.
        sequence: what is one sequence: "line" (also if None), "paragraph" (lines between blank ones) or "file".
        max_line: bytes of the longest line allowed.

    Returns:
        The sequences as text; lines within one are joined by a line feed.

    Raises:
        InvalidInput: `sequence` is none of these.
    """
    cut = CUTS[check_choice("sequence of a text file", sequence or "line", CUTS)]
    lines = ((n, line if isinstance(line, Bad) else bare(line)) for n, line in read_lines(path, max_line))
    return Items(cut(lines), from_text)


def _each_line(lines: Lines) -> Iterator[Item]:
    for number, line in lines:
        yield Item(number, 1, line)


def _paragraphs(lines: Lines) -> Iterator[Item]:
    # A paragraph takes the blank lines around it, so that every line of the file is counted once.
    block, rows, ended = list[tuple[int, str | Bad]](), 0, False
    for number, line in lines:
        blank = isinstance(line, str) and not line.strip()
        if ended and not blank:
            yield _joined(block, rows)
            block, rows, ended = [], 0, False
        rows += 1
        if blank:
            ended = bool(block)
        else:
            block.append((number, line))
    if rows:
        yield _joined(block, rows)


def _whole(lines: Lines) -> Iterator[Item]:
    block = list(lines)
    if block:
        yield _joined(block, len(block))


def _joined(block: list[tuple[int, str | Bad]], rows: int) -> Item:
    for place, line in block:
        if isinstance(line, Bad):
            return Item(place, rows, line)
    place = block[0][0] if block else 1
    return Item(place, rows, "\n".join(str(line) for _, line in block))


CUTS = {"line": _each_line, "paragraph": _paragraphs, "file": _whole}
