"""A report as one HTML file that needs no network: its style, its script, its data and the drawing library inside."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from memspan.report.contents import Report, Table
from memspan.report.themed import embedded, on_page

__all__ = ["html"]

FILES = ("report.html.j2", "table.html.j2", "report.css", "report.js")


def html(report: Report, version: str) -> str:
    """Return a report as a page.

    All text in it is escaped, its data cannot end the element that holds them, and its policy lets no script run but
    those it was made with, and nothing be fetched.

    Args:
        report: what it says.
        version: of memspan.
    """
    files = {name: _file(name) for name in FILES}
    templates = Environment(
        loader=DictLoader(files), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    scripts = (_vega(), files["report.js"])
    return templates.get_template("report.html.j2").render(
        report=report,
        version=version,
        table=lambda shown: _table(templates, shown),
        css=Markup(files["report.css"]),
        vega=Markup(scripts[0]),
        script=Markup(scripts[1]),
        data=Markup(embedded(_data(report))),
        allowed=Markup(" ".join(map(_digest, scripts))),
    )


def _data(report: Report) -> dict[str, object]:
    return {
        "recipes": list(report.recipes),
        "figures": [
            {
                "key": figure.key,
                "picks": bool(figure.recipes),
                "steps": list(figure.steps),
                "views": [
                    {"finding": view.finding, "spec": _spec(on_page(view.spec, view.finding, figure.recipes))}
                    for view in figure.views
                ],
            }
            for figure in report.figures
        ],
    }


def _spec(spec: dict[str, object]) -> dict[str, object]:
    """Return a spec whose parameters are moved by the page's own controls."""
    params: list[dict[str, object]] = spec.get("params", [])  # pyright: ignore[reportAssignmentType]
    own = [{name: value for name, value in param.items() if name != "bind"} for param in params]
    return spec | {"params": own} if own else spec


def _table(templates: Environment, shown: Table) -> Markup:
    return Markup(templates.get_template("table.html.j2").render(shown=shown))


def _digest(script: str) -> str:
    """Return what a content security policy calls a script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@functools.cache
def _vega() -> str:
    """Return Vega-Lite, Vega and Vega-Embed as one script, as vl-convert brings them along."""
    import vl_convert

    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    assert "</script" not in bundle.lower(), "the drawing library would end its own element"
    return bundle


def _file(name: str) -> str:
    return resources.files("memspan.report").joinpath("page", name).read_text(encoding="utf-8")
