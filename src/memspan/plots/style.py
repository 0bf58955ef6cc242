"""What all pictures share: colours that colour-blind readers and printers keep apart, type, white ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["COLOURS", "DASHES", "INK", "MUTED", "VegaLite", "complete", "heading"]

VegaLite = dict[str, Any]

# Okabe and Ito 2008, less the yellow that print loses; the dashes tell the lines apart without any colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
DASHES = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (12, 4), (4, 4), (1, 3))
INK = "#111111"
MUTED = "#555555"


def heading(text: str, subtitle: str | Sequence[str] = "", size: int = 13) -> VegaLite:
    """Return a title, left-aligned, with what is measured and on how many runs below it.

    Example:
        >>> heading("Loss", "n = 40")["subtitle"]
        'n = 40'

    Args:
        text: the title.
        subtitle: one line, or several.
        size: of the title's type, in pixels.

    Returns:
        The `title` of a Vega-Lite view.
    """
    lines = subtitle if isinstance(subtitle, str) else list(subtitle)
    return {"text": text, "subtitle": lines, "fontSize": size, "anchor": "start"}


def complete(view: VegaLite) -> VegaLite:
    """Return a view as a spec that stands alone.

    Example:
        >>> complete({"mark": "point"})["background"]
        'white'

    Args:
        view: a single view, or views that are layered or set side by side.

    Returns:
        The spec.
    """
    title = {"fontWeight": "bold", "color": INK, "subtitleColor": MUTED, "subtitleFontSize": 11, "offset": 8}
    axis = {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "gridColor": "#e4e4e4"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        "padding": 12,
        **view,
        "config": {
            "font": "sans-serif",
            "view": {"stroke": None},
            "title": title,
            "axis": axis | {"labelColor": INK, "titleColor": INK},
            "legend": {
                "labelFontSize": 11,
                "titleFontSize": 11,
                "titleFontWeight": "normal",
                "labelLimit": 300,
            },
        },
    }
