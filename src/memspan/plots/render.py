"""Drawing a spec: Vega-Lite to SVG, PNG and PDF, whatever names are in it."""

from __future__ import annotations

import re
from typing import Any

from memspan.plots.style import VegaLite

__all__ = ["pdf", "png", "svg", "writable"]

SCALE = 2.0  # pixels of a PNG per pixel of the spec, for sharp type on today's screens
# What XML has no place for; the drawing library ends the process where it meets one.
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(spec: VegaLite) -> str:
    """Return a spec's drawing as SVG."""
    import vl_convert

    return vl_convert.vegalite_to_svg(writable(spec))


def png(spec: VegaLite) -> bytes:
    """Return a spec's drawing as PNG."""
    import vl_convert

    return vl_convert.vegalite_to_png(writable(spec), scale=SCALE)


def pdf(spec: VegaLite) -> bytes:
    """Return a spec's drawing as PDF."""
    import vl_convert

    return vl_convert.vegalite_to_pdf(writable(spec))


def writable(value: Any) -> Any:
    r"""Return a spec, or a part of one, with a replacement character for each that no drawing can hold.

    Example:
        >>> writable({"title": "a\x07b", "width": 20})
        {'title': 'a\ufffdb', 'width': 20}
    """
    if isinstance(value, str):
        return UNWRITABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {writable(name): writable(each) for name, each in value.items()}
    return [writable(each) for each in value] if isinstance(value, list | tuple) else value
