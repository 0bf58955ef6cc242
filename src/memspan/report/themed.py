"""Pictures as the page draws them: its ink and ground, its width, its choice of recipes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from memspan.plots.style import INK, MUTED, VegaLite

__all__ = ["embedded", "on_page"]

PAGE_INK = "currentColor"  # what the style sheet says, in light, in dark and in print
READ = {"labelFontSize": 13, "titleFontSize": 13}  # beside text of 16 pixels
WIDEST = 520  # pixels; a picture drawn wider keeps its width and is scrolled


def on_page(spec: VegaLite, finding: str, recipes: Mapping[str, str]) -> VegaLite:
    """Return a spec as the page draws it.

    The title is left to the page, colours of ink follow its theme, a single view is as wide as there is room, and where
    rows bear a recipe's label the parameter `shown` chooses the recipes.

    Example:
        >>> drawn = on_page({"title": "t", "background": "white", "width": 400, "mark": {"color": "#111111"}}, "up", {})
        >>> drawn["mark"]["color"], drawn["width"], drawn["description"], "title" in drawn
        ('currentColor', 'container', 'up', False)

    Args:
        spec: as `memspan.plots` draws it.
        finding: what is seen, for who does not see it.
        recipes: the recipe of every label in its rows.
    """
    drawn = _walked({name: value for name, value in spec.items() if name not in ("title", "background")})
    drawn |= {"description": finding, "background": None, "padding": {"left": 2, "top": 6, "right": 8, "bottom": 2}}
    config = drawn.setdefault("config", {})
    config["title"] = config.get("title", {}) | {"color": PAGE_INK, "subtitleColor": PAGE_INK}
    faint = {"gridColor": PAGE_INK, "gridOpacity": 0.15}
    config["axis"] = config.get("axis", {}) | _coloured("label", "title", "tick", "domain") | faint | READ
    config["legend"] = config.get("legend", {}) | _coloured("label", "title") | READ
    # Vega complains of a width that fits beside a height that counts steps.
    sized = isinstance(drawn.get("width"), int) and not isinstance(drawn.get("height"), dict)
    if sized and drawn["width"] <= WIDEST:
        drawn |= {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    return _pickable(drawn, recipes) if recipes else drawn


def embedded(value: Any) -> str:
    r"""Return data as JSON that may stand inside a script element, whatever names are in it.

    Example:
        >>> embedded({"recipe": "</script><b>"})
        '{"recipe":"\\u003c/script\\u003e\\u003cb\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _coloured(*parts: str) -> dict[str, str]:
    return {f"{part}Color": PAGE_INK for part in parts}


def _walked(value: Any) -> Any:
    """Return a part of a spec with the page's ink in marks and scales; numbers on coloured ground keep theirs."""
    if isinstance(value, list):
        return [_walked(each) for each in value]
    if not isinstance(value, dict):
        return value
    special: dict[str, Callable[[Any], Any]] = {"mark": _inked, "range": _range, "legend": _one_column, "data": _same}
    return {name: special.get(name, _walked)(each) for name, each in value.items()}


def _same(value: Any) -> Any:
    return value


def _inked(mark: Any) -> Any:
    if isinstance(mark, dict) and mark.get("stroke") in (INK, MUTED):
        mark = mark | {"stroke": PAGE_INK}
    if isinstance(mark, dict) and mark.get("color") in (INK, MUTED):
        return mark | {"color": PAGE_INK, "opacity": mark.get("opacity", 0.6 if mark["color"] == MUTED else 1)}
    return mark


def _range(colours: Any) -> Any:
    return [PAGE_INK if one == "#000000" else one for one in colours] if isinstance(colours, list) else colours


def _one_column(legend: Any) -> Any:
    return legend | {"columns": 1} if isinstance(legend, dict) and "columns" in legend else legend


def _pickable(spec: VegaLite, recipes: Mapping[str, str]) -> VegaLite:
    rows = spec["data"]["values"]
    named = [row | {"recipe": recipes.get(row.get("label"), row.get("label"))} for row in rows]
    shown = {"name": "shown", "value": list(dict.fromkeys(recipes.values()))}
    transform = [{"filter": "indexof(shown, datum.recipe) >= 0"}, *spec.get("transform", [])]
    return spec | {"data": {"values": named}, "params": [*spec.get("params", []), shown], "transform": transform}
