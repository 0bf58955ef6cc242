"""Pictures as text for a terminal: shades and signs that can be read without colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite, log10

import numpy as np
from rich.console import Console, ConsoleOptions, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from memspan.core.bars import BARS
from memspan.plots.cell_state import CellState
from memspan.plots.loss_curves import SMALLEST, Curve, LossCurves

__all__ = ["cell_state", "loss_curves"]

WIDEST = 80  # columns, even on a wider terminal: the eye follows no longer lines
SHADES = (" ░▒▓█", " .:*#")  # the second where the terminal knows no block characters
MOST_UNITS = 10


def cell_state(facts: CellState, most_units: int = MOST_UNITS) -> RenderableType:
    """Return the heat maps of the cell state as text: sign and shade give the value, colour only repeats it.

    Example:
        >>> from memspan.plots.cell_state import facts
        >>> cells = np.array([[[0.1, 0.9], [0.1, 0.8]], [[0.1, -0.9], [0.2, -0.8]]])
        >>> Console(width=60).print(cell_state(facts([[3, 0], [4, 0]], cells)))
        Cell states differ by 0.90 per unit after the first symbol,
        0.85 after the last
        unit | 3   0   | 4   0   | 3|4 0
           1 | +▒▒ +▒▒ | -▒▒ -▒▒ | +██ +██
        ...

    Args:
        facts: what to show.
        most_units: units shown, those that tell the sequences apart most.

    Returns:
        Something that rich prints, no wider than 80 columns or the terminal.
    """
    return Constrain(_CellStateText(facts, most_units), WIDEST)


def loss_curves(facts: LossCurves) -> RenderableType:
    """Return the median losses as text, one line a label; the height of a bar is the logarithm of the loss.

    Example:
        >>> from memspan.plots.loss_curves import facts
        >>> Console(width=60).print(loss_curves(facts({"online": np.array([[0.8, 0.4, 0.1]])})))
        online (n = 1)
        0.8 █▆▁ 0.1 [0.1, 0.1]
        ...

    Args:
        facts: what to show.

    Returns:
        Something that rich prints, no wider than 80 columns or the terminal.
    """
    return Constrain(_LossCurvesText(facts), WIDEST)


@dataclass(frozen=True, eq=False)
class _CellStateText:
    """The heat maps; their size is known when they are printed."""

    facts: CellState
    most_units: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        ascii_only, width = options.ascii_only, options.max_width
        steps = _steps(len(self.facts.distance), (width - 5) // 3)
        yield Text(_plain(self.facts.title, ascii_only))
        heads = [[symbols[step] for step in steps] for symbols in self.facts.symbols]
        yield self._line("unit", [[Text(f"{_plain(head[:3], ascii_only):<3}") for head in row] for row in heads], width)
        panels = [np.where(np.isfinite(values), values, np.nan) for values in self.facts.values]
        largest = max((float(np.nanmax(np.abs(v))) for v in panels if np.isfinite(v).any()), default=0.0) or 1.0
        for row, unit in enumerate(self.facts.units[: self.most_units]):
            cells = [[_shade(v[step, row] / largest, ascii_only) for step in steps] for v in panels]
            yield self._line(str(unit), cells, width)
        yield from self._notes(steps, largest, ascii_only)

    def _line(self, name: str, panels: list[list[Text]], width: int) -> Text:
        line = Text(f"{name:>4}", no_wrap=True, overflow="crop")
        for cells in panels:
            line.append(" | ").append_text(Text(" ").join(cells))
        line.truncate(width)
        return line

    def _notes(self, steps: list[int], largest: float, ascii_only: bool) -> Iterator[Text]:
        units, all_steps = len(self.facts.units), len(self.facts.distance)
        shown, last = min(self.most_units, units), len(steps) // 2
        full = SHADES[ascii_only][-1] * 2
        yield Text(f"panels: first and second sequence, first less second; {full} is {largest:.2g}")
        if shown < units:
            yield Text(f"{shown} of {units} units: those that differ most at the last step")
        if len(steps) < all_steps:
            yield Text(f"the first {len(steps) - last} and the last {last} of {all_steps} steps")
        if self.facts.not_finite:
            yield Text(f"{self.facts.not_finite} of {units} units are not finite, shown as ???")


@dataclass(frozen=True)
class _LossCurvesText:
    """The loss curves; their length is known when they are printed."""

    facts: LossCurves

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        bars = BARS[options.ascii_only]
        width = max(options.max_width - 36, 8)
        logs = [_log(v) for curve in self.facts.curves for v in curve.median if isfinite(v)] or [0.0]
        for curve in self.facts.curves:
            yield Text(_plain(curve.legend, options.ascii_only), style="bold")
            ends = f"[{_short(curve.low[-1])}, {_short(curve.high[-1])}]"
            line = "".join(_bar(value, min(logs), max(logs), bars) for value in _sampled(curve, width))
            yield Text(f"{_short(curve.median[0])} {line} {_short(curve.median[-1])} {ends}")
        epochs = max(len(curve.median) for curve in self.facts.curves)
        yield Text(f"median loss, epochs 1 to {epochs}, log scale; at the end [10 %, 90 %] of the runs")


def _steps(n: int, width: int) -> list[int]:
    """Return the steps that fit: all, or as many of the first as of the last."""
    fit = max((width - 2) // 4, 2)
    return list(range(n)) if n <= fit else [*range(fit - fit // 2), *range(n - fit // 2, n)]


def _shade(share: float, ascii_only: bool) -> Text:
    """Return a value as sign and shade; the share is of the largest, from -1 to 1."""
    if not isfinite(share):
        return Text("???", style="bold")
    shades = SHADES[ascii_only]
    level = min(round(abs(share) * (len(shades) - 1) + 0.25), len(shades) - 1)
    if level == 0:
        return Text(" . " if ascii_only else " · ", style="dim")
    sign, style = ("+", "dark_orange") if share > 0 else ("-", "dodger_blue1")
    return Text(sign + shades[level] * 2, style=style)


def _sampled(curve: Curve, width: int) -> list[float]:
    """Return the medians at evenly spread epochs, the first and the last among them."""
    n = len(curve.median)
    at = np.linspace(0, n - 1, min(n, width)).round().astype(int)
    return [curve.median[epoch] for epoch in at.tolist()]


def _log(value: float) -> float:
    return log10(max(value, SMALLEST))


def _bar(value: float, bottom: float, top: float, bars: str) -> str:
    """Return one bar; "!" where more than half of the runs have diverged."""
    if not isfinite(value):
        return "!"
    share = (_log(value) - bottom) / (top - bottom) if top > bottom else 0.0
    return bars[round(share * (len(bars) - 1))]


def _short(value: float) -> str:
    return "inf" if value == inf else f"{value:.2g}"


def _plain(text: str, ascii_only: bool) -> str:
    return text.encode("ascii", "replace").decode() if ascii_only else text
