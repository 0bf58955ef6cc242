"""The course of a search: what each trial cost, what became of it, and the best that held so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from memspan.core.errors import InvalidInput, check_choice
from memspan.core.estimate import Estimate
from memspan.plots.style import COLOURS, INK, MUTED, VegaLite, complete, heading

__all__ = ["SearchCourse", "Trial", "draw", "facts"]

LOOKS = {"holds": ("circle", COLOURS[0]), "falls short": ("triangle-up", COLOURS[5]), "given up": ("cross", "#888888")}
OUTLINE = {"stroke": MUTED, "strokeWidth": 0.7}  # for dark ground


class Trial(NamedTuple):
    """One configuration.

    Attributes:
        cost: what there should be little of.
        rate: share of its runs that succeed, with its n.
        kind: "holds", "falls short" or "given up".
        words: its settings.
    """

    cost: int
    rate: Estimate
    kind: str
    words: str


@dataclass(frozen=True)
class SearchCourse:
    """What the picture shows.

    Attributes:
        trials: in the order of the search.
        measure: what there should be little of, such as "weights".
    """

    trials: tuple[Trial, ...]
    measure: str

    @property
    def best(self) -> tuple[int | None, ...]:
        """The least cost that held up to each trial; None before any did."""
        found: list[int | None] = []
        for one in self.trials:
            before = found[-1] if found else None
            better = one.kind == "holds" and (before is None or one.cost < before)
            found.append(one.cost if better else before)
        return tuple(found)

    @property
    def title(self) -> str:
        """What is seen: how few were found, and when."""
        best = self.best
        if best[-1] is None:
            return f"None of {len(self.trials):,} trials holds"
        return f"{best[-1]:,} {self.measure} held first in trial {best.index(best[-1])} of {len(best):,}"


def facts(trials: Sequence[Trial], measure: str) -> SearchCourse:
    """Gather the trials of a search.

    Example:
        >>> rate = Estimate(1.0, 0.96, 1.0, 100, "clopper-pearson 95 %")
        >>> shown = facts([Trial(90, rate, "holds", ""), Trial(50, rate, "given up", ""), Trial(70, rate, "holds", "")],
        ...               "weights")
        >>> shown.best, shown.title
        ((90, 90, 70), '70 weights held first in trial 2 of 3')

    Args:
        trials: in order, numbered from 0.
        measure: what there should be little of.

    Returns:
        The facts.

    Raises:
        InvalidInput: there is none, or one costs nothing or is of no known kind.
    """
    if not trials:
        raise InvalidInput("trials must hold one configuration or more, but got none; search first")
    for one in trials:
        check_choice("kind", one.kind, tuple(LOOKS))
        if one.cost < 1:
            raise InvalidInput(f"trials must cost 1 or more, but got {one}; correct it")
    return SearchCourse(tuple(trials), measure)


def draw(facts: SearchCourse) -> VegaLite:
    """Return the picture as a Vega-Lite spec that stands alone.

    Example:
        >>> rate = Estimate(1.0, 0.96, 1.0, 100, "clopper-pearson 95 %")
        >>> draw(facts([Trial(90, rate, "holds", "")], "weights"))["title"]["text"]
        '90 weights held first in trial 0 of 1'

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    rows: list[dict[str, Any]] = [
        {"trial": number, "cost": one.cost, "rate": one.rate.point, "n": one.rate.n, "kind": one.kind, "of": one.words}
        for number, one in enumerate(facts.trials)
    ]
    best = [{"trial": number, "cost": cost} for number, cost in enumerate(facts.best) if cost is not None]
    kinds = [kind for kind in LOOKS if any(one.kind == kind for one in facts.trials)]
    x = {"field": "trial", "type": "quantitative", "axis": {"title": "trial", "format": "d", "tickMinStep": 1}}
    y = {
        "field": "cost",
        "type": "quantitative",
        "scale": {"type": "log", "nice": False, "padding": 8},
        "axis": {"title": f"{facts.measure} (log scale)", "format": ",d", "tickCount": 6},
    }
    legend = {"title": None, "orient": "bottom", "direction": "vertical", "symbolSize": 80}
    shape = {"field": "kind", "type": "nominal", "legend": legend}
    told = [
        {"field": "trial", "type": "quantitative", "title": "trial"},
        {"field": "of", "type": "nominal", "title": "settings"},
        {"field": "cost", "type": "quantitative", "format": ",d", "title": facts.measure},
        {"field": "rate", "type": "quantitative", "format": ".1%", "title": "runs that solve it"},
        {"field": "n", "type": "quantitative", "format": ",d", "title": "of runs"},
        {"field": "kind", "type": "nominal", "title": "what became of it"},
    ]
    return complete(
        {
            "title": heading(facts.title, "line: the fewest that held so far"),
            "width": 440,
            "height": 240,
            "layer": [
                {
                    "data": {"values": best},
                    "mark": {"type": "line", "interpolate": "step-after", "color": INK, "strokeWidth": 1.5},
                    "encoding": {"x": x, "y": y},
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.9, **OUTLINE},
                    "encoding": {
                        "x": x,
                        "y": y,
                        "shape": shape | {"scale": {"domain": kinds, "range": [LOOKS[kind][0] for kind in kinds]}},
                        "color": shape | {"scale": {"domain": kinds, "range": [LOOKS[kind][1] for kind in kinds]}},
                        "tooltip": told,
                    },
                },
            ],
        }
    )
