"""How a long command speaks: results on standard output, progress on standard error, with a bar at a terminal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn

from memspan.cli.console import err, out

__all__ = ["Voice"]

SILENCE = 30.0  # seconds after which long work says where it is, where no bar can show it


class Voice:
    """Says what narrators have to say, each thing where it belongs.

    Args:
        doing: what the bar says first.
        of: how much there is to do; None where nobody knows.
        silent: say nothing on standard output (another format is printed at the end).
        quiet: say nothing on standard error but what must be known.

    Attributes:
        quiet: as given.
        silent: as given.
        live: whether a bar is shown.
        ascii_only: whether standard output takes no other letters.
        width: how many letters a line has at a terminal; None elsewhere.
    """

    def __init__(self, doing: str, of: int | float | None, silent: bool, quiet: bool) -> None:
        self.quiet, self.silent = quiet, silent
        self._out, console = out(), err()
        self.live = console.is_terminal and not quiet
        self.ascii_only = self._out.options.ascii_only
        self.width = self._out.width if self._out.is_terminal else None
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[told]}", markup=False),
            console=console,
            transient=True,
        )
        self._bar = self._bars.add_task(doing, total=of, told="")
        self._spoke = time.monotonic()

    @property
    def waits(self) -> bool:
        """Whether progress need not be said now: nobody wants it, or it was said just before."""
        return self.quiet or (not self.live and time.monotonic() - self._spoke < SILENCE)

    def moved(self, line: str, **bar: Any) -> None:
        """Say where the work is: with the bar, or in a line where there is none."""
        if self.live:
            self._bars.update(self._bar, **bar)
        else:
            self.spoke()
            self.line(line)

    def spoke(self) -> None:
        """Let some time pass before progress is said again."""
        self._spoke = time.monotonic()

    def line(self, line: str) -> None:
        """Print a line on standard error, above the bar where there is one."""
        self._bars.console.print(line, markup=False, soft_wrap=not self.live)

    def notes(self, sentences: Sequence[str]) -> None:
        """Print what a person should know beforehand, unless nobody wants it."""
        for sentence in () if self.quiet else sentences:
            self.line(f"note: {sentence}")

    def pause(self) -> None:
        """Take the bar away, so that text and bar do not write over each other."""
        if self.live:
            self._bars.stop()

    def resume(self) -> None:
        """Show the bar, where there is one."""
        if self.live:
            self._bars.start()

    def table(self, lines: Sequence[str]) -> None:
        """Print lines of a table, unbroken, now: a reader of a pipe gets each when it is known."""
        for line in () if self.silent else lines:
            self._out.print(line, markup=False, soft_wrap=True)
        self._out.file.flush()

    def say(self, sentences: Sequence[str]) -> None:
        """Print sentences: broken between words on a terminal, whole for a program that reads them."""
        for sentence in () if self.silent else sentences:
            self._out.print(sentence, markup=False, soft_wrap=not self._out.is_terminal)
