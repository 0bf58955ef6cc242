"""What `memspan span` says while it runs and when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memspan.cli.json_target import JsonTarget
from memspan.cli.span_answer import Answer
from memspan.cli.span_kept import Kept
from memspan.cli.time_left import AtOnce, OneByOne
from memspan.cli.told_blocks import ToldBlocks
from memspan.cli.voice import Voice
from memspan.studies.compared_in_words import answer_line, pair_lines
from memspan.studies.in_words import about, count
from memspan.studies.longer import AtLonger, at_longer, longer_lines
from memspan.studies.span import Cell, MeasuredCell, Span, Study, survival_lines
from memspan.studies.span.table import RateLines, details, spans

if TYPE_CHECKING:
    from memspan.engine.train import Progress as Done

__all__ = ["LONGER", "NOTES", "Narrator", "failed_line", "longer_rows"]

NOTES = (
    "runs that solve it: those that hold the problem's criterion at the end of the budget, with the rate's 95 % "
    "interval (Wilson). solved once: those that held it after any evaluation.",
    "memory span: the longest tested lag such that there and at every shorter one at least this share of the runs "
    "solves it; its interval is of 95 %.",
    "updates until solved: the median over all runs, those that never solved it included, with its 95 % interval "
    "(Kaplan-Meier), where - is no bound; seconds: on the wall, for all runs of a lag, compiling included.",
)

LONGER = (
    "judged at longer lags: the final weights of the runs that solve it, on the same problem at a longer lag, without "
    "learning anything more; their rate of success there with its 95 % interval (Wilson), and their median accuracy "
    "with its own (sign test)."
)
COMPARED = (
    "compared (exploratory): over the seeds that both ran; the intervals of all these differences hold together in "
    "95 % of studies (Newcombe for pairs, Bonferroni). p: of no difference, in success (McNemar, mid-p) and in updates "
    "until solved (log-rank), corrected for {tests:,} tests (Holm)."
)


class Narrator:
    """Tells a study: progress on standard error, results on standard output.

    Args:
        name: of the study.
        study: what will be measured.
        silent: say nothing on standard output (another format is printed at the end).
        quiet: say nothing on standard error.
        kept: where runs are kept, and which were not there before.
        blocks: the runs as they come.
        cluster: address of the Dask scheduler on whose workers they are made; None for this process.
    """

    def __init__(
        self,
        name: str,
        study: Study,
        silent: bool,
        quiet: bool,
        kept: Kept,
        blocks: ToldBlocks,
        cluster: str | None = None,
    ) -> None:
        self._name, self._study, self._blocks = name, study, blocks
        self._cells = study.cells()
        self._kept, self._missing = kept, kept.missing
        self._work = {
            key: _work(cell) * self._missing[key] for cell in self._cells for key in [(cell.recipe, cell.lag)]
        }
        self._done: set[tuple[str, int]] = set()
        self._shown: set[str] = set()
        self._cluster = cluster
        self._shares: dict[tuple[str, int], float] = {}  # of cells under way, of which a cluster has several
        self._left = OneByOne(sum(map(bool, self._missing.values()))) if cluster is None else AtOnce()
        self._voice = Voice("compiling", sum(self._work.values()), silent, quiet)
        self._rates = RateLines(study, self._voice.width)

    def begin(self, notes: Sequence[str] = ()) -> None:
        """Say what will be measured, and what is known before.

        Args:
            notes: what a person should know about where it is measured.
        """
        study, runs = self._study, sum(len(cell.seeds) for cell in self._cells)
        self._voice.table([f"{self._name}: {study.subject}", *self._rates.bounds(), "", *self._rates.header()])
        if not self._voice.quiet and not self._voice.live:
            self._voice.line(
                f"training: {_plural(len(study.listed), 'recipe')}, {_plural(len(self._cells), 'cell')} (a recipe at a "
                f"lag), {_plural(runs, 'run')}, seeds from {study.seed}{self._before(runs)}{self._where()}"
            )
        self._voice.notes(notes)
        self._left.begin()
        self._voice.resume()

    def progress(self, cell: Cell, done: Done) -> None:
        """Say where a cell is: with a bar, or now and then in a line."""
        self._shares[cell.recipe, cell.lag] = done.epochs / done.of
        under_way = {key: part for key, part in self._shares.copy().items() if key not in self._done}
        worked = sum(self._work[key] for key in self._done) + sum(self._work[key] * under_way[key] for key in under_way)
        share = worked / sum(self._work.values())
        left = self._left.at(share, cell)
        if self._voice.waits:
            return
        total = sum(len(one.seeds) for one in self._cells)
        before = total - sum(self._missing.values()) + sum(self._missing[key] for key in self._done)
        runs_done = before + int(sum(self._missing[key] * part for key, part in under_way.items()))
        where = f"{cell.recipe} at lag {cell.lag:,}"
        told = f"{runs_done:,}/{total:,} runs, {about(left)} left{self._blocks.so_far(cell.spec)}"
        line = f"training: {where}, loss {done.loss:.4f}; {told}"
        self._voice.moved(line, completed=worked, description=where, told=told)

    def finished(self, measured: MeasuredCell, span: Span) -> None:
        """Say that a cell is done, and show its recipe's line once that is complete."""
        cell = measured.cell
        self._done.add((cell.recipe, cell.lag))
        self._left.begin()
        for reason in measured.reasons:  # whatever was asked to be quiet
            self._voice.line(failed_line(measured, reason))
        if not self._voice.quiet:
            self._voice.spoke()
            self._voice.line(
                f"measured {len(self._done)} of {len(self._cells)}: {cell.recipe}, lag {cell.lag:,}: "
                f"{count(measured)}{self._how(measured)}"
            )
        if all((one.recipe, one.lag) in self._done for one in self._cells if one.recipe == cell.recipe):
            self._show(cell.recipe, span)

    def end(self, found: Answer, target: JsonTarget | None) -> None:
        """Show what is measured and not shown yet, and what it says."""
        self._voice.pause()
        span = found.span
        self._strangers(span)
        self._failures(span)
        if self._voice.silent:
            return
        for name in span.names:
            if name not in self._shown:
                self._show(name, span, last=True)
        if not span.cells:
            return
        tables = [spans(span), details(span), survival_lines(span, self._voice.ascii_only)]
        tables += [longer_lines(longer_rows(span)), pair_lines(span.comparisons)]
        self._voice.table([line for table in tables if table for line in ("", *table)])
        self._voice.say(["", *_notes(span), "", *filter(None, [answer_line(span.comparisons), found.finding])])
        if found.fail_under is not None and not found.below:
            self._voice.say([f"every interval lies above {found.fail_under:g}"])
        for low in found.below:
            self._voice.say([f"below {found.fail_under:g}: {low.cell.recipe} at lag {low.cell.lag:,}, {count(low)}"])
        if found.picture is not None and not found.left:
            self._voice.say([f"picture: {found.picture}"])
        if found.survival is not None and not found.left:
            self._voice.say([f"survival: {found.survival}"])
        if target is not None and target.path is not None:
            self._voice.say([f"json: {target.path}"])

    def _show(self, name: str, span: Span, last: bool = False) -> None:
        """Print a recipe's line."""
        if self._voice.silent:
            return
        self._voice.pause()
        self._voice.table(self._rates.row(name, span.row(name)))
        self._shown.add(name)  # after it: an interrupt in between may repeat a line, but loses none
        if not last and len(self._done) < len(self._cells):
            self._voice.resume()

    def _before(self, runs: int) -> str:
        """Return the words for what was there before."""
        there = runs - sum(self._missing.values())
        if self._kept.path is None:
            return ""
        return f"; {there:,} of them are in {self._kept.path}" if there else f"; kept in {self._kept.path}"

    def _how(self, measured: MeasuredCell) -> str:
        """Return the words for how long a cell took, or that nothing of it was left to do."""
        if not self._missing[measured.cell.recipe, measured.cell.lag]:
            return f", all in {self._kept.path}"
        return f" in {measured.seconds:.1f} s"

    def _strangers(self, span: Span) -> None:
        """Say if runs were computed in several environments, or came out otherwise when they were made again."""
        for sentence in () if self._voice.quiet else self._kept.differing:
            self._voice.line(f"note: {sentence}")
        found = {one.hash: one.to_json() for cell in span.cells for one in cell.environments}
        if len(found) > 1 and not self._voice.quiet:
            first, *others = found.values()
            apart = sorted({name for other in others for name in first if first[name] != other[name]})
            self._voice.line(
                f"note: these runs were computed in {len(found)} environments, of which {' and '.join(apart)} differ, "
                "so that rounding may; memspan export says which is which"
            )

    def _failures(self, span: Span) -> None:
        """Say how runs that have no result are tried again."""
        if any(one.failed for one in span.cells) and self._kept.command:
            self._voice.line(f"memspan: runs that failed are tried again with: {self._kept.command}")

    def _where(self) -> str:
        """Return the words for where it is measured."""
        return "" if self._cluster is None else f"; on the workers of {self._cluster}, whose seconds are added up"


def failed_line(measured: MeasuredCell, reason: str) -> str:
    """Return how many runs of a cell have no result, and why."""
    return (
        f"memspan: {measured.failed:,} of {len(measured.runs):,} runs of {measured.cell.recipe} at lag "
        f"{measured.cell.lag:,} failed and count as such: {reason}"
    )


def longer_rows(span: Span) -> list[tuple[str, int, list[AtLonger]]]:
    """Return recipes and lags with what their runs are worth at longer lags."""
    return [
        (name, lag, at_longer(one.runs, one.cell.longer)) for name in span.names for lag, one in span.row(name).items()
    ]


def _notes(span: Span) -> list[str]:
    """Return what the tables' words mean, of those that are there."""
    found = span.comparisons
    compared = COMPARED.format(tests=found.family) if pair_lines(found) else None
    return [*NOTES, *filter(None, [LONGER if longer_lines(longer_rows(span)) else None, compared])]


def _work(cell: Cell) -> float:
    """How much a run of a cell is beside others, roughly: symbols read."""
    return float(cell.spec.epochs * cell.spec.problem.n_steps)


def _plural(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
