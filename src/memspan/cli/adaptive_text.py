"""What `memspan span --adaptive` says while it looks for lags and measures them, and when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memspan.cli.span_text import LONGER, NOTES, failed_line, longer_rows
from memspan.cli.span_ways import Ways
from memspan.cli.told_blocks import ToldBlocks
from memspan.cli.voice import Voice
from memspan.studies.compared_in_words import answer_line, pair_lines
from memspan.studies.in_words import aligned, count
from memspan.studies.longer import longer_lines
from memspan.studies.span import Cell, Span, Step, Study, findings
from memspan.studies.span.searched import at_most
from memspan.studies.span.table import RateLines, details, spans

if TYPE_CHECKING:
    from memspan.engine.train import Progress as Done

__all__ = ["Narrator", "spent"]

PILOT_NOTE = (
    "runs spent: those of the pilot looked for the lags, and are no part of what is measured; the measured ones are of "
    "seeds that the pilot has not seen. The span's interval allows for stopping when a rate is known."
)
COMPARED_NOTE = (
    "compared (exploratory): over the seeds that both ran; how many, the runs themselves decided. So each interval "
    "(Newcombe for pairs) and p (McNemar, mid-p; log-rank) allows for all {looks:,} numbers of runs at which one could "
    "have stopped (Pocock): the intervals of all these differences hold together in 95 % of studies (Bonferroni), p is "
    "corrected for {tests:,} tests (Holm). A primary question is of all seeds, fixed before, and needs none of it."
)


class Narrator:
    """Tells an adaptive study: progress on standard error, results on standard output.

    Args:
        name: of the study.
        study: what will be measured.
        silent: say nothing on standard output (another format is printed at the end).
        quiet: say nothing on standard error.
        kept: where runs are kept.
        blocks: the runs as they come.
    """

    def __init__(
        self, name: str, study: Study, silent: bool, quiet: bool, kept: Path | None, blocks: ToldBlocks
    ) -> None:
        self._name, self._study, self._kept, self._blocks = name, study, kept, blocks
        self._voice = Voice("compiling", None, silent, quiet)
        self._runs: dict[tuple[str, int, bool], int] = {}

    def begin(self, notes: Sequence[str] = ()) -> None:
        """Say what will be looked for.

        Args:
            notes: what a person should know about where.
        """
        study, adaptive = self._study, self._study.adaptive
        if self._voice.quiet or adaptive is None:
            return
        most = sum(at_most(study, recipe) for recipe in study.listed)
        kept = f"; kept in {self._kept}" if self._kept else ""
        self._voice.line(
            f"looking for the lag where fewer than {100 * adaptive.level:g} % of the runs succeed, from "
            f"{study.tested[0]:,} to {study.tested[-1]:,}: a pilot of {adaptive.pilot} runs a lag (seeds from "
            f"{study.seed}), then up to {study.seeds:,} others at each lag it came to; at most {most:,} runs{kept}"
        )
        self._voice.notes(notes)
        self._voice.resume()

    def progress(self, cell: Cell, done: Done) -> None:
        """Say where a cell is: with a bar, or now and then in a line."""
        if self._voice.waits:
            return
        where, told = f"{cell.recipe} at lag {cell.lag:,}", f"{sum(self._runs.values()):,} runs so far"
        told += self._blocks.so_far(cell.spec)
        line = f"training: {where}, loss {done.loss:.4f}; {told}"
        self._voice.moved(line, description=where, completed=done.epochs, total=done.of, told=told)

    def step(self, step: Step) -> None:
        """Say what the pilot found at a lag, or that a lag is measured."""
        cell = step.measured.cell
        self._runs[cell.recipe, cell.lag, step.pilot] = len(step.measured.runs)
        for reason in step.measured.reasons if step.enough else ():  # whatever was asked to be quiet
            self._voice.line(failed_line(step.measured, reason))
        if self._voice.quiet or not step.enough:
            return
        self._voice.spoke()
        what = "pilot" if step.pilot else "measured"
        told = f"{step.measured.solved}/{len(step.measured.runs)}" if step.pilot else count(step.measured)
        self._voice.line(f"{what}: {cell.recipe}, lag {cell.lag:,}: {told}")

    def stop(self) -> None:
        """Take the bar away."""
        self._voice.pause()

    def end(self, found: Span, ways: Ways, again: str | None) -> None:
        """Show what was found.

        Args:
            found: all of it.
            ways: what became of it.
            again: the command that tries runs without a result again; None where nothing is kept.
        """
        self.stop()
        if found.failed and again:
            self._voice.line(f"memspan: runs that failed are tried again with: {again}")
        if self._voice.silent:
            return
        rates, longer, pairs = RateLines(found.study, self._voice.width), longer_rows(found), found.comparisons
        tables = [spans(found), spent(found, self._study), details(found), longer_lines(longer), pair_lines(pairs)]
        self._voice.table(
            [
                f"{self._name}: {found.study.subject}",
                *rates.bounds(),
                "",
                *rates.header(),
                *(line for name in found.names for line in rates.row(name, found.row(name))),
                *(line for table in tables if table for line in ("", *table)),
                "",
            ]
        )
        compared = COMPARED_NOTE.format(looks=len(pairs.looks), tests=pairs.family) if tables[-1] else None
        self._voice.say([*NOTES, *filter(None, [PILOT_NOTE, LONGER if tables[-2] else None, compared]), ""])
        self._voice.say([*filter(None, [answer_line(pairs)]), findings(found, found.levels[0])])
        if ways.picture is not None:
            self._voice.say([f"picture: {ways.picture}"])
        if ways.target is not None and ways.target.path is not None:
            self._voice.say([f"json: {ways.target.path}"])


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
