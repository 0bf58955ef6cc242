"""The picture of the demonstration: losses and success rates above, the cell state below."""

from __future__ import annotations

from dataclasses import dataclass

from memspan.plots import cell_state, loss_curves, success
from memspan.plots.style import VegaLite, complete, heading

__all__ = ["DemoPage", "draw", "facts"]


@dataclass(frozen=True, eq=False)
class DemoPage:
    """What the picture of the demonstration shows.

    Attributes:
        title: what was demonstrated.
        subtitle: on how many runs of how many epochs.
        losses: facts of the loss curves.
        rates: facts of the success rates; None leaves that panel out.
        cells: facts of the cell state; None, for a model without cells, leaves that panel out.
    """

    title: str
    subtitle: str
    losses: loss_curves.LossCurves
    rates: success.Success | None
    cells: cell_state.CellState | None


def facts(
    title: str,
    losses: loss_curves.LossCurves,
    rates: success.Success | None = None,
    cells: cell_state.CellState | None = None,
    note: str = "",
) -> DemoPage:
    """Gather the panels, and say on how many runs of how many epochs they rest.

    Example:
        >>> import numpy as np
        >>> losses = loss_curves.facts({"online": np.full((40, 250), 0.3), "rtrl": np.full((40, 250), 0.1)})
        >>> facts("A demonstration of memory", losses).subtitle
        'online, rtrl: 40 runs each, 250 epochs'

    Args:
        title: what was demonstrated.
        losses: facts of the loss curves.
        rates: facts of the success rates.
        cells: facts of the cell state.
        note: what else the reader should know, put after the numbers of runs.

    Returns:
        The facts.
    """
    sizes = [(curve.n, len(curve.median)) for curve in losses.curves]
    if len(set(sizes)) == 1:
        n, epochs = sizes[0]
        names = ", ".join(curve.label for curve in losses.curves)
        text = f"{names}: {n:,} runs{' each' if len(sizes) > 1 else ''}, {epochs:,} epochs"
    else:
        text = "; ".join(
            f"{curve.label}: {n:,} runs, {epochs:,} epochs"
            for curve, (n, epochs) in zip(losses.curves, sizes, strict=True)
        )
    return DemoPage(title, f"{text}; {note}" if note else text, losses, rates, cells)


def draw(facts: DemoPage) -> VegaLite:
    """Return the picture as one Vega-Lite spec.

    Example:
        >>> import numpy as np
        >>> losses = loss_curves.facts({"online": np.full((40, 250), 0.3)})
        >>> len(draw(facts("A demonstration of memory", losses))["vconcat"])
        1

    Args:
        facts: what to show.

    Returns:
        The spec.
    """
    above = [loss_curves.panel(facts.losses)]
    if facts.rates is not None:
        above.append(success.panel(facts.rates))
    below = [] if facts.cells is None else [cell_state.panel(facts.cells)]
    apart = {"scale": {"color": "independent", "strokeDash": "independent"}}
    return complete(
        {
            "title": heading(facts.title, facts.subtitle, size=18) | {"offset": 18},
            "vconcat": [{"hconcat": above, "spacing": 40, "resolve": apart}, *below],
            "spacing": 34,
            "resolve": apart,
        }
    )
