"""What `memspan demand` answers: a table, sentences, a picture, or one JSON object."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from memspan.cli.console import out
from memspan.cli.demand_target import Asked
from memspan.core.estimate import Estimate
from memspan.demand import Estimated, Exact, Outcome, Step, estimate_pairs, exact, findings
from memspan.demand.conflicts import readable
from memspan.plots import demand_curve, save

__all__ = ["answer"]

STEPS_SHOWN = 20
CONFLICTS_SHOWN = 5


class Answer(ABC):
    """An answer that can be printed either way."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return everything that the text shows, as one object."""

    @abstractmethod
    def print(self) -> None:
        """Print it for a person."""


def answer(asked: Asked, max_window: int, tolerance: float, seed: int, output: Path) -> Answer:
    """Find the demand and save its picture.

    Args:
        asked: the sequences.
        max_window: longest window to try where the demand is estimated.
        tolerance: bits per symbol that do not matter.
        seed: decides what is held out.
        output: where the picture goes.

    Returns:
        The answer.
    """
    if asked.is_all:
        return _exact(asked, output)
    estimated = estimate_pairs(
        asked.inputs,
        asked.targets,
        asked.mask,
        len(asked.alphabet),
        len(asked.answers),
        rng=np.random.default_rng(seed),
        max_window=max_window,
        tolerance=tolerance,
    )
    sentences = [*_unseen(asked, estimated), *findings(estimated)]
    return EstimatedAnswer(asked, estimated, sentences, seed, _estimated_picture(asked, estimated, sentences, output))


@dataclass(frozen=True, eq=False)
class ExactAnswer(Answer):
    """The demand of sequences that are all there are."""

    asked: Asked
    known: Exact
    picture: Path

    def to_json(self) -> dict[str, Any]:
        """Return everything that the text shows, as one object."""
        return {
            **_head(self.asked, "exact"),
            "demand": self.known.demand,
            "sequences": self.known.n_sequences,
            "positions": self.known.n_positions,
            "ceilings": [
                {"first": s.first, "last": s.last, "ceiling": float(s.ceiling), "fraction": str(s.ceiling)}
                for s in self.known.steps
            ],
            "conflicts": [
                {
                    "window": c.window,
                    "context": readable(c.context),
                    "times": c.times,
                    "followers": [{"symbol": symbol, "share": often / c.times} for symbol, often in c.followers],
                    "resolved_by": c.resolved_by,
                    "sentence": str(c),
                }
                for c in self.known.conflicts
            ],
            "picture": str(self.picture),
        }

    def print(self) -> None:
        """Print it for a person."""
        console, known = out(), self.known
        _say(console, _subject(self.asked, known.n_positions, known.n_sequences) + "\n")
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("symbols seen", "best possible accuracy", ""):
            table.add_column(name, justify="right")
        for step in _ends(known.steps):
            table.add_row(*(("...", "", "") if step is None else _step(step, step is known.steps[-1])))
        console.print(table)
        _say(console, f"\nDemand: {known.demand:,} symbols, exactly.")
        for conflict in known.conflicts[:CONFLICTS_SHOWN]:
            _say(console, f"  {conflict}")
        more = len(known.conflicts) - CONFLICTS_SHOWN
        if more > 0:
            _say(console, f"  and {more:,} more conflicts; --json lists them")
        _say(console, f"picture: {self.picture}")


@dataclass(frozen=True, eq=False)
class EstimatedAnswer(Answer):
    """The demand of sequences of which only some are seen."""

    asked: Asked
    estimated: Estimated
    sentences: Sequence[str]
    seed: int
    picture: Path | None

    def to_json(self) -> dict[str, Any]:
        """Return everything that the text shows, as one object."""
        verdict, excess = self.estimated.verdict, self.estimated.excess
        return {
            **_head(self.asked, "estimate"),
            "demand": None
            if _unseen(self.asked, self.estimated) or verdict.outcome is not Outcome.FOUND
            else verdict.window,
            "known_demand": self.asked.known,
            "verdict": {
                "outcome": verdict.outcome.value,
                "window": verdict.window,
                "at_least": verdict.at_least,
                "judged": verdict.judged,
                "best": verdict.best,
                "tolerance": verdict.tolerance,
                "order": verdict.order,
                "after_order": verdict.after_order,
                "excess": None if excess is None else excess.to_json(),
            },
            "curve": [
                {
                    "window": row.window,
                    "bits": row.bits.to_json(),
                    "accuracy": row.accuracy.to_json(),
                    "contexts_known": row.known,
                }
                for row in self.estimated.rows
            ],
            "sequences": len(self.asked.inputs),
            "units": self.estimated.n_units,
            "cut_into_blocks": self.estimated.is_cut,
            "positions": self.estimated.n_positions,
            "symbols": self.estimated.n_symbols,
            "seed": self.seed,
            "read": self.asked.read,
            "findings": list(self.sentences),
            "picture": None if self.picture is None else str(self.picture),
        }

    def print(self) -> None:
        """Print it for a person."""
        console, estimated = out(), self.estimated
        _say(console, _subject(self.asked, estimated.n_positions, len(self.asked.inputs)) + "\n")
        if estimated.rows:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for name in ("symbols seen", "bits per symbol", "95 % interval", "accuracy", "95 % interval", "known"):
                table.add_column(name, justify="right")
            for row in estimated.rows:
                bits, right = row.bits, row.accuracy
                table.add_row(
                    str(row.window),
                    f"{bits.point:.4f}",
                    f"{bits.low:.4f} to {bits.high:.4f}",
                    f"{right.point:.3f}",
                    f"{right.low:.3f} to {right.high:.3f}",
                    f"{100 * row.known:.0f} %",
                )
            console.print(table)
            _say(console, "known: share of the held-out contexts that were counted ten times or more\n")
        for sentence in self.sentences:
            _say(console, sentence)
        if self.asked.known is not None:
            _say(console, f"From the problem's definition: a demand of {self.asked.known:,}, exactly.")
        if self.picture is not None:
            _say(console, f"picture: {self.picture}")


def _unseen(asked: Asked, estimated: Estimated) -> list[str]:
    """Say where a problem's own sequences reach further than any window that could be judged: more may be demanded."""
    verdict = estimated.verdict
    if asked.drawn_steps is None or verdict.window is None or verdict.judged >= asked.drawn_steps:
        return []
    return [
        f"The problem's demand is not known from this: it draws sequences of up to {asked.drawn_steps:,} steps, and "
        f"what lies further back than {verdict.judged:,} could not be judged. Within these:"
    ]


def _exact(asked: Asked, output: Path) -> ExactAnswer:
    known = exact(asked.inputs, asked.targets, asked.mask, asked.alphabet, asked.answers)
    points = [
        (window, Estimate(float(s.ceiling), float(s.ceiling), float(s.ceiling), known.n_positions, "exact"))
        for s in known.steps
        for window in dict.fromkeys((s.first, s.last))
    ]
    curve = demand_curve.facts(
        f"Memory demanded by {asked.name}",
        {"best possible accuracy": points},
        note=f"demand: {known.demand:,} symbols, exactly",
        window=known.demand,
        stepped=True,
    )
    return ExactAnswer(asked, known, save(demand_curve.draw(curve), output))


def _estimated_picture(asked: Asked, estimated: Estimated, sentences: Sequence[str], output: Path) -> Path | None:
    if not estimated.rows:
        return None
    curves: Mapping[str, list[tuple[int, Estimate]]] = {
        "bits per symbol": [(row.window, row.bits) for row in estimated.rows],
        "accuracy": [(row.window, row.accuracy) for row in estimated.rows],
    }
    verdict = estimated.verdict
    curve = demand_curve.facts(
        f"Memory demanded by {asked.name}", curves, note=sentences[0], window=verdict.window, judged=verdict.judged
    )
    return save(demand_curve.draw(curve), output)


def _head(asked: Asked, kind: str) -> dict[str, Any]:
    return {"version": 1, "command": "demand", "kind": kind, "target": asked.name}


def _subject(asked: Asked, positions: int, sequences: int) -> str:
    return f"{asked.name}: {sequences:,} sequences, {positions:,} symbols to predict, {len(asked.answers):,} different"


def _say(console: Console, sentence: str) -> None:
    """Print a sentence: broken between words on a terminal, whole for a program that reads it."""
    console.print(sentence, markup=False, soft_wrap=not console.is_terminal)


def _step(step: Step, is_last: bool) -> tuple[str, str, str]:
    windows = f"{step.first:,} or more" if is_last else f"{step.first:,} to {step.last:,}"
    if step.first == step.last and not is_last:
        windows = f"{step.first:,}"
    return windows, f"{float(step.ceiling):.6g}", str(step.ceiling)


def _ends(steps: Sequence[Step]) -> list[Step | None]:
    """Return the first and last of many steps, with a gap between."""
    if len(steps) <= STEPS_SHOWN:
        return list(steps)
    return [*steps[: STEPS_SHOWN // 2], None, *steps[-STEPS_SHOWN // 2 :]]
