"""What `memspan demo` says while it runs and when it is done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from memspan.cli.console import err, out
from memspan.core.estimate import Estimate
from memspan.studies.demo import RECIPES, RECOMMENDED, TUTORIAL, Line, Measured, Settings

if TYPE_CHECKING:
    from memspan.engine.train import Progress as Done
    from memspan.studies.demo.picture import Drawn

__all__ = ["Narrator"]

EPOCHS_SHOWN = 6
SYMBOLS_SHOWN = 12


class Narrator:
    """Tells the story of the demonstration: progress on standard error, results on standard output.

    Args:
        settings: what was asked for.
        lines: what will run.
        silent: say nothing on standard output (another format is printed at the end).
        quiet: say nothing on standard error.
    """

    def __init__(self, settings: Settings, lines: Sequence[Line], silent: bool, quiet: bool) -> None:
        self._settings, self._silent, self._quiet = settings, silent, quiet
        self._out, self._err = out(), err()
        self._told = False
        # Shown in this order, whichever is done first: the same command prints the same text.
        self._order = [settings.rule] if settings.rule else [TUTORIAL, RECOMMENDED]
        self._unshown: dict[str, Measured] = {}
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("epochs, loss {task.fields[loss]}"),
        )
        self._bars = Progress(*columns, TimeRemainingColumn(), console=self._err, transient=True)
        self._tasks: dict[str, TaskID] = {}
        self._live = self._err.is_terminal and not quiet
        if self._live:
            for line in lines:
                total = len(line.seeds) * line.spec.epochs
                self._tasks[line.name] = self._bars.add_task(line.label, total=total, loss="-")
            self._bars.start()
        elif not quiet:
            self._err.print(f"training: {len(lines)} rules and controls, seeds from {settings.seed}")

    def progress(self, line: Line, done: Done) -> None:
        """Move a line's bar."""
        if line.name in self._tasks:
            self._bars.update(self._tasks[line.name], completed=done.epochs, loss=f"{done.loss:.4f}")

    def finished(self, measured: Measured, beginnings: Sequence[Sequence[object]], length: int) -> None:
        """Say that a line is done; show its first run in full where it is the tutorial's or the recommended rule."""
        name = measured.line.name
        if name in self._tasks:
            self._bars.remove_task(self._tasks.pop(name))
        elif not self._quiet:
            self._err.print(f"measured: {measured.line.label}, {len(measured.runs)} runs")
        if not self._silent:
            self._unshown[name] = measured
        while self._order and self._order[0] in self._unshown:
            self._stop()
            self._introduce()
            run = self._unshown.pop(self._order.pop(0))
            self._run(run)
            self._continued(run, beginnings, length)
            if self._tasks:
                self._bars.start()
        if not self._tasks:
            self._stop()

    def _stop(self) -> None:
        """Take the bars away, so that text and bars do not write over each other."""
        if self._live:
            self._bars.stop()

    def _introduce(self) -> None:
        """State the task, once."""
        if self._told:
            return
        self._told = True
        problem = self._settings.problem
        for number, sequence in enumerate(problem.sequences(), 1):
            self._out.print(f"sequence {number}: {_symbols(sequence)}")
        below = problem.ceiling(problem.demand - 1)
        self._out.print(
            f"Predict each next symbol. Best possible accuracy when only the last {problem.demand - 1} symbols are "
            f"seen: {below:.4g}; with {problem.demand}: {problem.ceiling(problem.demand):.4g}.\n",
            soft_wrap=not self._out.is_terminal,
        )

    def _run(self, measured: Measured) -> None:
        """Show one run the way the tutorial prints it."""
        runs, problem = measured.runs, self._settings.problem
        self._out.print(f"[bold]{measured.line.label}[/bold]: the run of seed {runs.seeds[0]}")
        epochs = runs.loss.shape[1]
        marks = sorted({1, epochs, *(round(epochs * i / (EPOCHS_SHOWN - 1)) for i in range(1, EPOCHS_SHOWN))})
        for epoch in marks:
            if epoch:
                self._out.print(f"Epoch {epoch}/{epochs} - loss: {runs.loss[0, epoch - 1]:.4f}")
        for number, sequence in enumerate(problem.sequences(), 1):
            self._out.print(f"Sequence {number}")
            predicted = runs[0].predict(sequence[:-1])
            rows = list(zip(sequence[:-1], sequence[1:], predicted, strict=True))
            for x, y, yhat in _ends(rows, SYMBOLS_SHOWN):
                self._out.print(f"X={_number(x)} y={_number(y)}, yhat={_number(yhat)}")
        self._out.print(f"This run ended: {runs.status[0]}.")

    def _continued(self, measured: Measured, beginnings: Sequence[Sequence[object]], length: int) -> None:
        """Let the network go on by itself from each beginning."""
        for prefix in beginnings:
            added = measured.runs[0].generate(prefix, length)
            self._out.print(f"given {_symbols(prefix)} it goes on: {_symbols(added)}")
        self._out.print("")

    def table(self, done: Mapping[str, Measured]) -> None:
        """Print the finished lines."""
        self._stop()
        if self._silent or not done:
            return
        table = Table(box=None, pad_edge=False, title_justify="left", header_style="bold")
        table.add_column("weights are updated")
        for heading in ("runs", "solved", "95 % interval", "updates until solved", "ceiling"):
            table.add_column(heading, justify="right")
        for name in (name for name in RECIPES if name in done):
            row = done[name]
            rate, times = row.runs.success, row.updates_until_solved
            table.add_row(
                row.line.label,
                str(rate.n),
                f"{rate.point:.2f}",
                f"{rate.low:.2f} to {rate.high:.2f}",
                _times(times),
                f"{row.line.ceiling:.3f}",
            )
        self._out.print(table)
        updates = ", ".join(f"{n:,}" for n in sorted({row.runs.updates for row in done.values()}))
        self._out.print(
            f"solved: every step right at the end of {self._settings.epochs} epochs ({updates} updates, depending on "
            "the rule); intervals: Wilson. updates until solved: median, over all runs, of when every step was first "
            "right, with its 95 % interval (Kaplan-Meier); not reached: half of the runs never solved it. ceiling: "
            "best possible accuracy for what the model can see.\n",
            soft_wrap=not self._out.is_terminal,
        )

    def sentences(self, sentences: Sequence[str]) -> None:
        """Print what was shown, in words."""
        if not self._silent:
            for sentence in sentences:
                self._out.print(sentence, soft_wrap=not self._out.is_terminal)
            self._out.print("")

    def pictures(self, drawn: Drawn) -> None:
        """Show the picture as text, and say where the file is."""
        if not self._silent:
            for text in drawn.texts:
                self._out.print(text)
            self._out.print(f"picture: {drawn.path}")


def _times(times: Estimate) -> str:
    """Print a median with its interval; infinity means that the budget ended first."""
    if math.isinf(times.point):
        return "not reached"
    high = "-" if math.isinf(times.high) else f"{times.high:.0f}"
    return f"{times.point:.0f} [{times.low:.0f}, {high}]"


def _ends(rows: list[tuple[object, object, object]], most: int) -> list[tuple[object, object, object]]:
    """Return the first and last rows of a long list."""
    return rows if len(rows) <= most else rows[: most // 2] + rows[-most // 2 :]


def _number(symbol: object) -> str:
    """Print a number as the tutorial does."""
    return f"{symbol:.1f}" if isinstance(symbol, int | float) else str(symbol)


def _symbols(symbols: Sequence[object]) -> str:
    """Print symbols, the middle of a long sequence left out."""
    words = [str(symbol) for symbol in symbols]
    if len(words) > SYMBOLS_SHOWN:
        half = SYMBOLS_SHOWN // 2
        words = [*words[:half], "...", *words[-half:]]
    return ",".join(words)
