"""What `memspan tune` says while it runs and when it is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from memspan.cli.voice import Voice
from memspan.studies.in_words import about, count
from memspan.studies.tune import Trial, Tuned, Tuning
from memspan.studies.tune.in_words import findings, front_lines, settings_in_words, winner_lines

__all__ = ["Narrator"]

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
        self._name, self._plan, self._kept = name, plan, kept
        self._voice = Voice("searching", plan.trials, silent, quiet)
        self._began = time.monotonic()
        self._reasons: set[str] = set()

    def begin(self, notes: Sequence[str] = ()) -> None:
        """Say what will be searched.

        Args:
            notes: what a person should know about where.
        """
        plan = self._plan
        if not self._voice.quiet:
            kept = f"; kept in {self._kept}" if self._kept else ""
            self._voice.line(
                f"searching: {plan.trials:,} trials of up to {plan.seeds:,} runs in {', '.join(plan.space)}; then "
                f"{plan.fresh:,} fresh runs of each winner{kept}"
            )
        self._voice.notes(notes)
        self._voice.resume()

    def step(self, found: Tuned) -> None:
        """Say how far the search is, or who won."""
        for trial in (*found.trials[-1:], *(one.fresh for one in found.winners.values() if one)):
            self._failures(trial)
        if self._voice.quiet:
            return
        if found.winners:
            question, winner = list(found.winners.items())[-1]
            told = f"{count(winner.fresh)} of the fresh runs" if winner else "nothing is good enough"
            self._voice.line(f"{question}: {told}")
            return
        asked = sum(one.shortened is None for one in found.trials)
        left = (time.monotonic() - self._began) / asked * max(0, self._plan.trials - asked)
        where = f"{asked:,}/{self._plan.trials:,} trials, {about(left)} left in the search"
        if asked > self._plan.trials:
            where = f"{asked - self._plan.trials:,} neighbours of the best"
        told = f"{where}; {self._best(found)}"
        if not self._voice.waits:
            self._voice.moved(f"searching: {told}", completed=asked, told=told)

    def final(self, question: str, trial: Trial) -> None:
        """Say that a configuration was tried for a question."""
        if self._voice.waits:
            return
        told = f"{trial.weights:,} weights, {trial.updates:,} updates, {count(trial)} of the runs that choose"
        line = f"choosing the {question}: {told}, {settings_in_words(trial.settings)}"
        self._voice.moved(line, description=question, told=told)

    def _failures(self, trial: Trial) -> None:
        """Say why runs have no result, whatever was asked to be quiet; a search meets the same reason often."""
        for reason in trial.reasons:
            if reason not in self._reasons:
                self._reasons.add(reason)
                self._voice.line(
                    f"memspan: {trial.failed:,} of {len(trial.runs):,} runs at {settings_in_words(trial.settings)} "
                    f"failed and count as such: {reason}"
                )

    def stop(self) -> None:
        """Take the bar away."""
        self._voice.pause()

    def end(self, found: Tuned) -> None:
        """Show what was found."""
        self.stop()
        plan = self._plan
        self._voice.table(
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
        self._voice.say([*NOTES, "", findings(found)])

    def _best(self, found: Tuned) -> str:
        holding = [one for one in found.trials if one.holds(self._plan.target)]
        if not holding:
            return "none holds yet"
        weights, updates = min(one.weights for one in holding), min(one.updates for one in holding)
        return f"of {len(holding):,} that hold the fewest weights are {weights:,}, the fewest updates {updates:,}"
