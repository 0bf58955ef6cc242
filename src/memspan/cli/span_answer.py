"""What `memspan span` answers: what was measured, what is left to do, and whether the rates are high enough."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memspan.cli.exits import Exit
from memspan.cli.json_target import JsonTarget
from memspan.cli.span_kept import Kept
from memspan.cli.span_target import Asked
from memspan.core.errors import InvalidInput
from memspan.stats import wilson
from memspan.studies.span import Cell, MeasuredCell, Span, Study, findings

__all__ = ["Answer", "check_fail_under"]

MOST_SEEDS = 1_000_000


@dataclass(frozen=True, eq=False)
class Answer:
    """An answer, whole or as far as it goes.

    Attributes:
        asked: the words of the command line.
        span: what was measured.
        fail_under: the least rate that every interval must lie above; None asks for none.
        picture: where the rates are drawn; None for nowhere.
        survival: where the updates until solved are drawn; None for nowhere.
        kept: where its runs are kept; None for nowhere.
    """

    asked: Asked
    span: Span
    fail_under: float | None
    picture: Path | None
    survival: Path | None = None
    kept: Kept | None = None

    @property
    def left(self) -> list[Cell]:
        """What is not measured yet."""
        done = {(one.cell.recipe, one.cell.lag) for one in self.span.cells}
        return [cell for cell in self.span.study.cells() if (cell.recipe, cell.lag) not in done]

    @property
    def below(self) -> list[MeasuredCell]:
        """The rates whose interval reaches below `fail_under`."""
        least = self.fail_under
        return [] if least is None else [one for one in self.span.cells if one.success.low < least]

    @property
    def exit_code(self) -> Exit:
        """How the command ends when all is measured."""
        if any(one.failed for one in self.span.cells):
            return Exit.FAILED
        return Exit.BELOW if self.below else Exit.DONE

    @property
    def finding(self) -> str | None:
        """The finding in one sentence; None where nothing is measured."""
        return findings(self.span) if self.span.cells else None

    def rest(self) -> list[str]:
        """Return commands that measure what is left, with the same seeds: of one recipe the lags, the others whole."""
        if self.kept is not None and self.kept.command is not None:
            return [self.kept.command] if self.left else []
        whole: list[str] = []
        commands: list[str] = []
        for name, cells in itertools.groupby(self.left, key=lambda cell: cell.recipe):
            if name in self.span.names:
                commands.append(self.asked.command([name], [cell.lag for cell in cells]))
            else:
                whole.append(name)
        if whole == [recipe.name for recipe in self.span.study.listed]:
            commands = [self.asked.command(self.asked.recipes, ())]
        elif whole:
            commands.append(self.asked.command(whole, ()))
        return [command if self.kept is None else self.kept.there(command) for command in commands]

    def rest_in_words(self, target: JsonTarget | None) -> str:
        """Return what an interrupted person is told: what is kept, what is lost, and how to go on."""
        left, done = self.left, len(self.span.cells)
        if not left:
            return "memspan: interrupted; all was measured\n"
        if self.kept is not None and self.kept.command is not None:
            of = sum(len(cell.seeds) for cell in self.span.study.cells())
            return (
                f"memspan: interrupted; {self.kept.stored(self.span.study):,} of {of:,} runs are kept in "
                f"{self.kept.path}; go on with:\n  {self.kept.command}\n"
            )
        kept = f"kept in {target.path}" if target and target.path else "printed"
        other = " (with a --json of its own)" if target and target.path else ""
        return (
            f"memspan: interrupted; {done} of {done + len(left)} cells are done and {kept}; nothing else is, so that "
            f"'{left[0].recipe}' at lag {left[0].lag} starts again from its first epoch (--store FILE would keep every "
            f"run); the rest, with the same seeds{other}:\n" + "".join(f"  {command}\n" for command in self.rest())
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything that the text shows, as one object."""
        study = self.span.study
        return {
            "version": 1,
            "command": "span",
            "study": self.asked.name,
            "problem": study.subject,
            "seed": study.seed,
            "complete": not self.left,
            **self.span.to_json(),
            "not_done": [{"recipe": cell.recipe, "lag": cell.lag} for cell in self.left],
            "rest": self.rest(),
            "finding": self.finding,
            "fail_under": None
            if self.fail_under is None
            else {
                "rate": self.fail_under,
                "below": [
                    {"recipe": one.cell.recipe, "lag": one.cell.lag, "low": one.success.low} for one in self.below
                ],
            },
            "seconds": sum(one.seconds for one in self.span.cells),
            "store": self._store(),
            "picture": None if self.picture is None or self.left else str(self.picture),
            "survival_picture": None if self.survival is None or self.left else str(self.survival),
        }

    def _store(self) -> dict[str, Any] | None:
        if self.kept is None or self.kept.path is None:
            return None
        return {"path": str(self.kept.path), "study": self.kept.study, "runs": self.kept.stored(self.span.study)}


def check_fail_under(rate: float | None, study: Study) -> None:
    """Refuse a rate that no number of successes could show, before the work.

    Example:
        >>> from memspan.studies.span import read_shipped
        >>> check_fail_under(0.9, read_shipped("tutorial", seeds=20))
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: --fail-under 0.9 must be a share that the runs can show, but even 20 of 20
        has an interval from 0.839; use --seeds 35 or more

    Args:
        rate: the rate; None asks for none.
        study: what will be measured.

    Raises:
        InvalidInput: it is no such rate.
    """
    if rate is None:
        return
    if not 0 < rate < 1:
        raise InvalidInput(f"--fail-under must be a share above 0 and below 1, but got {rate}; 0.9 is nine in ten")
    fewest = min(len(cell.seeds) for cell in study.cells())
    if wilson(fewest, fewest).low < rate:
        squared = fewest / wilson(fewest, fewest).low - fewest  # z^2, for all of n have an interval from n / (n + z^2)
        enough = math.ceil(squared * rate / (1 - rate) + 1e-9)
        advice = f"use --seeds {enough:,} or more" if enough <= MOST_SEEDS else "use a lower share"
        raise InvalidInput(
            f"--fail-under {rate:g} must be a share that the runs can show, but even {fewest} of {fewest} has an "
            f"interval from {wilson(fewest, fewest).low:.3f}; {advice}"
        )
