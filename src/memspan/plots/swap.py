"""The swap matrix: how often the answer follows an exchanged part of the state, part by part and step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.plots.style import INK, VegaLite, complete, heading

__all__ = ["SwapMatrix", "draw", "facts", "panel"]

NUMBERED = 12  # steps up to which each cell bears its number, for printers without colour


@dataclass(frozen=True)
class SwapMatrix:
    """What the picture shows.

    Attributes:
        parts: what was exchanged, one row each.
        steps: after which step, one column each.
        follows: swap scores; one row a part.
        chance: the share that would tell the other's cue without knowing either.
        title: what was measured.
    """

    parts: tuple[str, ...]
    steps: tuple[int, ...]
    follows: tuple[tuple[Estimate, ...], ...]
    chance: float
    title: str

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, one row a part and step."""
        return [
            {"part": part, "step": step, "follows": one.point, "low": one.low, "high": one.high, "n": one.n}
            for part, row in zip(self.parts, self.follows, strict=True)
            for step, one in zip(self.steps, row, strict=True)
        ]


def facts(
    parts: Sequence[str],
    steps: Sequence[int],
    follows: Sequence[Sequence[Estimate]],
    chance: float,
    title: str = "Does the answer follow an exchanged state?",
) -> SwapMatrix:
    """Gather swap scores.

    Example:
        >>> one = Estimate(1.0, 0.9, 1.0, 64, "wilson 95 %")
        >>> facts(["whole state"], [1, 2], [[one, one]], chance=0.5).rows()[1]["step"]
        2

    Args:
        parts: what was exchanged.
        steps: after which step.
        follows: one row a part, one score a step.
        chance: the share that would tell the other's cue by chance.
        title: what was measured.

    Returns:
        The facts.

    Raises:
        InvalidInput: the shapes do not agree, or there is nothing to show.
    """
    if not parts or not steps or len(follows) != len(parts) or any(len(row) != len(steps) for row in follows):
        raise InvalidInput(
            f"follows must hold one row for each of {len(parts)} parts and one score for each of {len(steps)} steps, "
            f"but got rows of {[len(row) for row in follows]}"
        )
    return SwapMatrix(tuple(parts), tuple(steps), tuple(tuple(row) for row in follows), chance, title)


def panel(facts: SwapMatrix, width: int = 480) -> VegaLite:
    """Return the picture as a part of a larger one.

    Args:
        facts: what to show.
        width: in pixels.

    Returns:
        A heat map, blue where the answer follows the state, with numbers where there is room.
    """
    methods = ", ".join(dict.fromkeys(one.method for row in facts.follows for one in row))
    sizes = ", ".join(f"{n:,}" for n in sorted({one.n for row in facts.follows for one in row}))
    key = {"scheme": "blues", "domain": [0, 1]}
    legend = {"title": "follows", "format": ".0%"}
    follows = {"field": "follows", "type": "quantitative"}
    numbers = {
        "mark": {"type": "text", "fontSize": 10},
        "encoding": {
            "text": follows | {"format": ".0%"},
            "color": {"condition": {"test": "datum.follows > 0.6", "value": "white"}, "value": INK},
        },
    }
    steps_axis = {"title": "after step, 1 is the cue's", "labelAngle": 0, "labelOverlap": True}
    return {
        "title": heading(facts.title, f"n = {sizes} ({methods}); chance is {100 * facts.chance:.0f} %"),
        "width": width,
        "height": {"step": 26},
        "data": {"values": facts.rows()},
        "encoding": {
            "x": {"field": "step", "type": "ordinal", "axis": steps_axis},
            "y": {"field": "part", "type": "nominal", "sort": None, "axis": {"title": "exchanged"}},
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "white"},
                "encoding": {"color": follows | {"scale": key, "legend": legend}},
            },
            *([numbers] if len(facts.steps) <= NUMBERED else []),
        ],
    }


def draw(facts: SwapMatrix) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> one = Estimate(1.0, 0.9, 1.0, 64, "wilson 95 %")
        >>> draw(facts(["whole state"], [1, 2], [[one, one]], chance=0.5))["title"]["subtitle"]
        'n = 64 (wilson 95 %); chance is 50 %'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    return complete(panel(facts))
