"""What the measured lines show, in three plain sentences."""

from __future__ import annotations

from collections.abc import Mapping

from memspan.core.status import Status
from memspan.studies.demo.measure import Measured
from memspan.studies.demo.plan import RECIPES, Settings

__all__ = ["findings"]


def findings(settings: Settings, measured: Mapping[str, Measured]) -> list[str]:
    """Return three sentences: that memory is needed, what learns it, and what a single run is worth.

    Args:
        settings: what was asked for.
        measured: the finished lines by name.

    Returns:
        The sentences; every number in them was measured or computed just now.
    """
    taught = {name: measured[name] for name in RECIPES if name in measured and RECIPES[name].control is None}
    return [_needed(settings, measured), _learned(settings, taught), _trusted(taught)]


def _count(measured: Measured) -> str:
    return f"{int(measured.runs.solved.sum())} of {len(measured.runs)} runs"


def _needed(settings: Settings, measured: Mapping[str, Measured]) -> str:
    problem = settings.problem
    blind, window = measured["perceptron"], measured["window"]
    return (
        f"Memory is needed: whoever sees fewer than the last {problem.demand} symbols is right in at most "
        f"{problem.ceiling(problem.demand - 1):.1%} of the steps, as computed from the sequences; the perceptron "
        f"that sees one symbol never got past {blind.best_accuracy:.1%} (its ceiling is {blind.line.ceiling:.1%}), "
        f"and one that sees {window.line.window} solved it in {_count(window)}."
    )


def _learned(settings: Settings, taught: Mapping[str, Measured]) -> str:
    ordered = sorted(taught.values(), key=lambda line: (line.runs.success.point, line.runs.success.low), reverse=True)
    parts = [f"{_count(line)} with '{line.line.label}'" for line in ordered]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
    same = "" if len(parts) == 1 else " The network and the data are the same each time."
    return f"How it is taught decides: the LSTM of {settings.units} units solved it in {listed}.{same}"


def _trusted(taught: Mapping[str, Measured]) -> str:
    first = next(iter(taught.values()))
    shown = first.runs
    low, high = shown.success.low, shown.success.high
    lost = shown.status.count(Status.LOST)
    return (
        f"One run proves little: '{first.line.label}' solves it in {low:.0%} to {high:.0%} of runs (95 % "
        f"interval, n = {len(shown)}), and {lost} of {len(shown)} runs had solved it on the way and lost it again."
    )
