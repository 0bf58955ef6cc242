"""A picture as a value: notebooks show it, files hold it."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memspan.plots.render import svg
from memspan.plots.save import save
from memspan.plots.style import VegaLite

__all__ = ["Picture"]

# Notebooks that know Vega-Lite draw the spec itself; all others show the drawing.
VEGA_LITE = "application/vnd.vegalite.v6+json"


@dataclass(frozen=True, eq=False)
class Picture:
    """A Vega-Lite spec that a notebook shows when it is the last line of a cell.

    Example:
        >>> from memspan.core.estimate import Estimate
        >>> from memspan.plots import success
        >>> rate = ("online", Estimate(0.4, 0.26, 0.55, 40, "wilson 95 %"))
        >>> picture = Picture(success.draw(success.facts([rate])))
        >>> picture
        Picture('Share of runs that solve the problem')
        >>> sorted(picture._repr_mimebundle_())
        ['application/vnd.vegalite.v6+json', 'image/svg+xml', 'text/plain']

    Attributes:
        spec: the Vega-Lite spec, as any `draw` of `memspan.plots` returns it.
    """

    spec: VegaLite

    def __repr__(self) -> str:
        title: Any = self.spec.get("title", "")
        return f"Picture({(title.get('text', '') if isinstance(title, dict) else title)!r})"  # pyright: ignore

    def svg(self) -> str:
        """Return the drawing as SVG."""
        return svg(self.spec)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save it as .svg, .png, .pdf or .json; see `memspan.plots.save`."""
        return save(self.spec, path)

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """Return what a notebook may choose from: the spec, the drawing, one line of text.

        Args:
            include: kinds that are wanted; None for all.
            exclude: kinds that are not.
        """
        makers = {VEGA_LITE: lambda: self.spec, "image/svg+xml": self.svg, "text/plain": lambda: repr(self)}
        wanted = [kind for kind in makers if (not include or kind in include) and kind not in (exclude or ())]
        return {kind: makers[kind]() for kind in wanted}
