"""What the measured rates show, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from memspan.stats import MemorySpan
from memspan.studies.outcomes import AbstractOutcomes

__all__ = ["Rates", "findings"]


@runtime_checkable
class Rates(Protocol):
    """What was measured of recipes at lags, whether just now or long ago."""

    @property
    def names(self) -> tuple[str, ...]:
        """The recipes of which something was measured."""
        ...

    def row(self, name: str) -> Mapping[int, AbstractOutcomes]:
        """Return what was measured of a recipe by lag, the shortest first."""
        ...

    def memory_span(self, name: str, level: float = 0.5) -> MemorySpan:
        """Return the longest lag up to which enough of its runs succeed."""
        ...


def findings(span: Rates, level: float = 0.5) -> str:
    """Return one sentence: up to which lag enough of the runs of each recipe succeed, the longest first.

    Args:
        span: what was measured.
        level: the share of the runs that is enough.

    Returns:
        The sentence; every number in it was measured just now.
    """
    enough = "half" if level == 0.5 else f"{100 * level:g} %"
    spans = {name: span.memory_span(name, level) for name in span.names}
    reaching = [name for name in span.names if spans[name].point is not None]
    failing = [name for name in span.names if spans[name].point is None]
    ordered = sorted(reaching, key=lambda name: _rank(span, name, spans[name]), reverse=True)
    parts = [_reach(span, name, spans[name]) for name in ordered]
    if failing:
        shortest = sorted({spans[name].tested[0] for name in failing})
        parts.append(
            f"not even at the shortest lag, {_listed([f'{lag:,}' for lag in shortest])}, with {_named(failing)}"
        )
    return f"At every tested lag, at least {enough} of the runs succeed {'; '.join(parts)}."


def _rank(span: Rates, name: str, reached: MemorySpan) -> tuple[float, ...]:
    """Sort by the span, then by the rate of success at the longest lag and at the shorter ones."""
    rates = [one.success.point for one in span.row(name).values()]
    return (float(reached.point or 0), *reversed(rates))


def _reach(span: Rates, name: str, reached: MemorySpan) -> str:
    lag = reached.point or 0
    one = span.row(name)[lag]
    longest = ", the longest it was tried at," if reached.is_longest_tested else ""
    return f"up to lag {lag:,}{longest} with '{name}' ({one.solved} of {len(one.runs)} there)"


def _named(names: Sequence[str]) -> str:
    return _listed([f"'{name}'" for name in names])


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
