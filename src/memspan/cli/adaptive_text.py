"""What `memspan span --adaptive` says while it looks for lags and measures them, and when it is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn

from memspan.cli.console import err, out
from memspan.cli.span_text import NOTES
from memspan.cli.span_ways import Ways
from memspan.studies.in_words import aligned, count
from memspan.studies.span import Cell, Span, Step, Study, findings
from memspan.studies.span.searched import at_most
from memspan.studies.span.table import RateLines, details, spans

if TYPE_CHECKING:
    from memspan.engine.train import Progress as Done

__all__ = ["Narrator", "spent"]

SILENCE = 30.0  # seconds after which a long cell says where it is, where no bar can show it

PILOT_NOTE = (
    "runs spent: those of the pilot looked for the lags, and are no part of what is measured; the measured ones are of "
    "seeds that the pilot has not seen. The span's interval allows for stopping when a rate is known."
)


class Narrator:
    """Tells an adaptive study: progress on standard error, results on standard output.

    Args:
        name: of the study.
        study: what will be measured.
        silent: say nothing on standard output (another format is printed at the end).
        quiet: say nothing on standard error.
        kept: where runs are kept.
    """

    def __init__(self, name: str, study: Study, silent: bool, quiet: bool, kept: Path | None) -> None:
        self._name, self._study, self._silent, self._quiet, self._kept = name, study, silent, quiet, kept
        self._out, self._err = out(), err()
        self._live = self._err.is_terminal and not quiet
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[told]}", markup=False),
            console=self._err,
            transient=True,
        )
        self._bar = self._bars.add_task("compiling", total=None, told="")
        self._runs: dict[tuple[str, int, bool], int] = {}
        self._spoke = time.monotonic()

    def begin(self, notes: Sequence[str] = ()) -> None:
        """Say what will be looked for.

        Args:
            notes: what a person should know about where.
        """
        study, adaptive = self._study, self._study.adaptive
        if self._quiet or adaptive is None:
            return
        most = sum(at_most(study, recipe) for recipe in study.listed)
        kept = f"; kept in {self._kept}" if self._kept else ""
        self._line(
            f"looking for the lag where fewer than {100 * adaptive.level:g} % of the runs succeed, from "
            f"{study.tested[0]:,} to {study.tested[-1]:,}: a pilot of {adaptive.pilot} runs a lag (seeds from "
            f"{study.seed}), then up to {study.seeds:,} others at each lag it came to; at most {most:,} runs{kept}"
        )
        for note in notes:
            self._line(f"note: {note}")
        if self._live:
            self._bars.start()

    def progress(self, cell: Cell, done: Done) -> None:
        """Say where a cell is: with a bar, or now and then in a line."""
        if self._quiet or (not self._live and time.monotonic() - self._spoke < SILENCE):
            return
        where, told = f"{cell.recipe} at lag {cell.lag:,}", f"{sum(self._runs.values()):,} runs so far"
        if self._live:
            self._bars.update(self._bar, description=where, completed=done.epochs, total=done.of, told=told)
        else:
            self._spoke = time.monotonic()
            self._line(f"training: {where}, loss {done.loss:.4f}; {told}")

    def step(self, step: Step) -> None:
        """Say what the pilot found at a lag, or that a lag is measured."""
        cell = step.measured.cell
        self._runs[cell.recipe, cell.lag, step.pilot] = len(step.measured.runs)
        if self._quiet or not step.enough:
            return
        self._spoke = time.monotonic()
        what = "pilot" if step.pilot else "measured"
        told = f"{step.measured.solved}/{len(step.measured.runs)}" if step.pilot else count(step.measured)
        self._line(f"{what}: {cell.recipe}, lag {cell.lag:,}: {told}")

    def stop(self) -> None:
        """Take the bar away."""
        if self._live:
            self._bars.stop()

    def end(self, found: Span, ways: Ways) -> None:
        """Show what was found."""
        self.stop()
        if self._silent:
            return
        rates = RateLines(found.study, self._out.width if self._out.is_terminal else None)
        self._print(
            [
                f"{self._name}: {found.study.subject}",
                *rates.bounds(),
                "",
                *rates.header(),
                *(line for name in found.names for line in rates.row(name, found.row(name))),
                "",
                *spans(found),
                "",
                *spent(found, self._study),
                "",
                *details(found),
                "",
            ]
        )
        self._say([*NOTES, PILOT_NOTE, "", findings(found, found.levels[0])])
        if ways.picture is not None:
            self._say([f"picture: {ways.picture}"])
        if ways.target is not None and ways.target.path is not None:
            self._say([f"json: {ways.target.path}"])

    def _line(self, line: str) -> None:
        self._bars.console.print(line, markup=False, soft_wrap=not self._live)

    def _print(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._out.print(line, markup=False, soft_wrap=True)
        self._out.file.flush()

    def _say(self, sentences: Sequence[str]) -> None:
        for sentence in sentences:
            self._out.print(sentence, markup=False, soft_wrap=not self._out.is_terminal)


def spent(found: Span, asked: Study) -> list[str]:
    """Return a table of the runs that were made, one line a recipe.

    Args:
        found: what was measured.
        asked: the study that was asked for, with all of its lags.
    """
    rows: list[tuple[str, ...]] = [("runs spent", "pilot", "measured", "together", "at most")]
    for recipe in asked.listed:
        pilot, measured = found.runs(recipe.name)
        numbers = (pilot, measured, pilot + measured, at_most(asked, recipe))
        rows.append((recipe.name, *(f"{number:,}" for number in numbers)))
    return aligned(rows)
