"""What `memspan tune` says while it runs and when it is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn

from memspan.cli.console import err, out
from memspan.studies.in_words import about, count
from memspan.studies.tune import Trial, Tuned, Tuning
from memspan.studies.tune.in_words import findings, front_lines, settings_in_words, winner_lines

__all__ = ["Narrator"]

SILENCE = 30.0  # seconds after which a search says where it is, where no bar can show it

NOTES = (
    "front: trials that no other beats in weights, updates and rate at once. Its rates are those that chose, so they "
    "flatter; a trial that was given up rests on few runs, which show that its rate lies below the target.",
    "fresh runs: of seeds that no choice has seen, all of them counted once; their 95 % interval is exact "
    "(Clopper and Pearson).",
)


class Narrator:
    """Tells a tuning: progress on standard error, results on standard output.

    Args:
        name: of the tuning.
        plan: what is searched.
        silent: say nothing on standard output (another format is printed at the end).
        quiet: say nothing on standard error.
        kept: where runs are kept.
    """

    def __init__(self, name: str, plan: Tuning, silent: bool, quiet: bool, kept: Path | None) -> None:
        self._name, self._plan, self._silent, self._quiet, self._kept = name, plan, silent, quiet, kept
        self._out, self._err = out(), err()
        self._live = self._err.is_terminal and not quiet
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[told]}", markup=False),
            console=self._err,
            transient=True,
        )
        self._bar = self._bars.add_task("searching", total=plan.trials, told="")
        self._began = self._spoke = time.monotonic()
        self._reasons: set[str] = set()

    def begin(self, notes: Sequence[str] = ()) -> None:
        """Say what will be searched.

        Args:
            notes: what a person should know about where.
        """
        plan = self._plan
        if not self._quiet:
            kept = f"; kept in {self._kept}" if self._kept else ""
            self._line(
                f"searching: {plan.trials:,} trials of up to {plan.seeds:,} runs in {', '.join(plan.space)}; then "
                f"{plan.fresh:,} fresh runs of each winner{kept}"
            )
            for note in notes:
                self._line(f"note: {note}")
        if self._live:
            self._bars.start()

    def step(self, found: Tuned) -> None:
        """Say how far the search is, or who won."""
        for trial in (*found.trials[-1:], *(one.fresh for one in found.winners.values() if one)):
            self._failures(trial)
        if self._quiet:
            return
        if found.winners:
            question, winner = list(found.winners.items())[-1]
            told = f"{count(winner.fresh)} of the fresh runs" if winner else "nothing is good enough"
            self._line(f"{question}: {told}")
            return
        asked = sum(one.shortened is None for one in found.trials)
        now = time.monotonic()
        left = (now - self._began) / asked * max(0, self._plan.trials - asked)
        where = f"{asked:,}/{self._plan.trials:,} trials, {about(left)} left in the search"
        if asked > self._plan.trials:
            where = f"{asked - self._plan.trials:,} neighbours of the best"
        told = f"{where}; {self._best(found)}"
        if self._live:
            self._bars.update(self._bar, completed=asked, told=told)
        elif now - self._spoke >= SILENCE:
            self._spoke = now
            self._line(f"searching: {told}")

    def final(self, question: str, trial: Trial) -> None:
        """Say that a configuration was tried for a question."""
        if self._quiet:
            return
        told = f"{trial.weights:,} weights, {trial.updates:,} updates, {count(trial)} of the runs that choose"
        if self._live:
            self._bars.update(self._bar, description=question, told=told)
        elif time.monotonic() - self._spoke >= SILENCE:
            self._spoke = time.monotonic()
            self._line(f"choosing the {question}: {told}, {settings_in_words(trial.settings)}")

    def _failures(self, trial: Trial) -> None:
        """Say why runs have no result, whatever was asked to be quiet; a search meets the same reason often."""
        for reason in trial.reasons:
            if reason not in self._reasons:
                self._reasons.add(reason)
                self._line(
                    f"memspan: {trial.failed:,} of {len(trial.runs):,} runs at {settings_in_words(trial.settings)} "
                    f"failed and count as such: {reason}"
                )

    def stop(self) -> None:
        """Take the bar away."""
        if self._live:
            self._bars.stop()

    def end(self, found: Tuned) -> None:
        """Show what was found."""
        self.stop()
        if self._silent:
            return
        plan = self._plan
        self._print(
            [
                f"{self._name}: {found.trials[0].spec.problem.variant}; target: {100 * plan.target:g} % of the runs",
                "",
                f"front of {len(found.trials):,} trials (seeds {plan.seed} to {plan.seed + plan.seeds - 1})",
                *front_lines(found),
                "",
                f"winners (seeds {plan.confirming.start} to {plan.confirming.stop - 1})",
                *winner_lines(found),
                "",
            ]
        )
        for sentence in [*NOTES, "", findings(found)]:
            self._out.print(sentence, markup=False, soft_wrap=not self._out.is_terminal)

    def _best(self, found: Tuned) -> str:
        holding = [one for one in found.trials if one.holds(self._plan.target)]
        if not holding:
            return "none holds yet"
        weights, updates = min(one.weights for one in holding), min(one.updates for one in holding)
        return f"of {len(holding):,} that hold the fewest weights are {weights:,}, the fewest updates {updates:,}"

    def _line(self, line: str) -> None:
        self._bars.console.print(line, markup=False, soft_wrap=not self._live)

    def _print(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._out.print(line, markup=False, soft_wrap=True)
        self._out.file.flush()
