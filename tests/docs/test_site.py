"""The documentation site is built as `make docs` builds it, and a warning is an error."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.report.browser import chromium as chromium

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    words = ["-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d", str(out / "trees"), str(DOCS), str(out)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return out


def test_every_page_is_there_and_can_be_reached(site):
    sources = [page.relative_to(DOCS) for page in DOCS.rglob("*.md")]
    pages = {page.with_suffix("").as_posix() for page in sources if page.parts[0] != "_build"}
    assert len(pages) > 15
    for page in pages:
        assert (site / f"{page}.html").is_file(), page
    listed = set(re.findall(r'class="reference internal" href="([\w/-]+)\.html"', (site / "index.html").read_text()))
    assert pages - {"index"} <= listed


def test_the_reference_says_what_the_docstrings_say(site):
    from memspan.rules import SnAp

    page = (site / "api" / "rules.html").read_text()
    assert SnAp.__doc__.split("\n")[0].split("`")[0][:40] in re.sub(r"<[^>]+>", "", page)
    for name in ("BPTT", "RTRL", "TruncatedBPTT"):
        assert f'id="memspan.rules.{name}"' in page


def test_pictures_are_part_of_the_site(site):
    shown = {"demo.svg", *(path.name for path in (DOCS / "gallery").iterdir())}
    assert shown <= {path.name for path in (site / "_images").iterdir()}


def test_attributes_are_called_so_and_code_ends_where_it_ends(site):
    page = (site / "api" / "stats.html").read_text()
    assert "Attributes<" in page
    assert "Variables<" not in page
    for name in ("start", "statistics", "everything"):
        assert not re.search(r"\n\n</pre>", (site / f"{name}.html").read_text()), name


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280, 1600, 1700])
def test_nothing_is_cut_off(site, chromium, width):
    """No page is wider than the window; where there is room, no line of code is pushed out of its block."""
    page = chromium.new_page(viewport={"width": width, "height": 900})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    for name in ("index", "gallery", "hold", "everything", "notebooks", "api/exchange"):
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        pushed = (
            "[...document.querySelectorAll('pre')].filter(block => block.scrollWidth > block.clientWidth + 1).length"
        )
        assert width < 740 or page.evaluate(pushed) == 0, name
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), name
    page.close()
    assert complaints == []
