"""The files: nothing from outside, nothing that a name could run, small enough, and whole."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.report.samples import HOSTILE, put

from memspan.report.html import html
from memspan.report.make import make
from memspan.report.markdown import markdown, plain
from memspan.report.pdf import page, pdf
from memspan.report.themed import embedded
from memspan.store import Store

LIMIT = 2_000_000


class Page(HTMLParser):
    """Elements, what they refer to, and the text of scripts, as a browser's parser sees them."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.refers, self.scripts, self.captions, self.ids, self.text = [], [], [], 0, [], []
        self.policy, self._in = "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.elements.append(tag)
        self.captions += tag == "caption"
        self.ids += [given["id"]] if "id" in given else []
        self.refers += [given[name] for name in ("src", "href", "action", "data", "poster", "srcset") if name in given]
        assert not [name for name in given if name.startswith("on")], given
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        self._in = tag
        if tag == "script":
            self.scripts.append((given.get("type"), ""))

    def handle_data(self, data):
        if self._in == "script":
            kind, text = self.scripts[-1]
            self.scripts[-1] = (kind, text + data)
        else:
            self.text.append(data)

    def handle_endtag(self, tag):
        self._in = ""


def made(path, **settings):
    with Store.open(path, create=False) as store:
        return make(store, path, **{"state": False, **settings})


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "runs.db"
    put(path, {HOSTILE: (0.5, 0.2), "a\nb \u2028\u202e\x07": (1.0, 0.9)}, name=HOSTILE)
    return made(path)


def test_the_page_refers_to_nothing_outside(hostile):
    shown = Page(html(hostile, "0"))
    assert {link[0] for link in shown.refers if not link.startswith("data:")} == {"#"}
    assert all(link[1:] in shown.ids for link in shown.refers if link.startswith("#"))
    assert "default-src 'none'" in shown.policy
    assert not {"iframe", "object", "embed", "img", "link rel=stylesheet", "base", "form"} & set(shown.elements)


def test_no_script_runs_but_those_that_the_policy_names(hostile):
    shown = Page(html(hostile, "0"))
    runs = [text for kind, text in shown.scripts if kind != "application/json"]
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in runs}
    assert set(re.findall(r"'sha256-([^']+)'", shown.policy)) == digests
    assert len(runs) == 2
    scripts = re.search(r"script-src ([^;]+);", shown.policy)[1]
    assert "unsafe" not in scripts


def test_hostile_names_are_text(hostile):
    shown = Page(html(hostile, "0"))
    assert "b" not in shown.elements  # the name's element is no element
    assert HOSTILE in "".join(shown.text)
    (data,) = [text for kind, text in shown.scripts if kind == "application/json"]
    assert json.loads(data)["recipes"][0] == HOSTILE
    assert "<" not in data


@given(st.text(max_size=40))
def test_data_stay_inside_their_element_and_come_back(text):
    found = embedded({"name": text})
    assert not set("<>&\u2028\u2029") & set(found)
    assert json.loads(found) == {"name": text}


def test_every_picture_has_a_table_with_a_caption(hostile):
    shown = Page(html(hostile, "0"))
    assert shown.elements.count("figure") == len(hostile.figures)
    assert shown.captions == shown.elements.count("table") >= len(hostile.figures) + 2
    assert len(set(shown.ids)) == len(shown.ids)


def test_fifty_cells_are_small_enough(tmp_path):
    lags = tuple(range(1, 11))
    put(tmp_path / "runs.db", {f"recipe {i}": (0.5,) * 10 for i in range(5)}, lags=lags, seeds=3)
    report = made(tmp_path / "runs.db")
    assert len(report.figures[0].table.rows) == 50
    assert len(html(report, "0").encode()) < LIMIT


def test_markdown_shows_every_table_as_it_is(hostile):
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = parser.parse(markdown(hostile, "0"))
    inline = [child for token in tokens for child in token.children or []]
    assert not [token for token in (*tokens, *inline) if token.type in ("html_block", "html_inline", "link_open")]
    tables, rows = [], []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and token.level >= 4 and rows:
            rows[-1].append("".join(child.content for child in token.children))
        elif token.type == "table_close":
            tables.append(rows[1:])
            rows = []
    expected = [hostile.spans, *(one.table for one in hostile.figures), hostile.settings]
    flat = [[[" ".join(cell.split()) for cell in row] for row in table.rows] for table in expected]
    assert tables == flat


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30))
def test_plain_text_is_shown_as_it_is(text):
    tokens = MarkdownIt("commonmark").parseInline("x" + plain(text))
    shown = "".join(child.content for child in tokens[0].children if child.type in ("text", "text_special"))
    assert {child.type for child in tokens[0].children} <= {"text", "text_special"}
    assert shown == "x" + " ".join(text.split())


def test_the_pdf_is_one_page(hostile, tmp_path):
    found = pdf(hostile, "0")
    assert found.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", found)) == 1
    assert re.search(rb"/MediaBox\s*\[\s*0 0 595(\.\d+)? 842(\.\d+)?\s*\]", found)


def test_the_page_to_print_says_the_answer_and_ends_where_the_paper_does(hostile):
    drawn = page(hostile, "0")
    said = " ".join(re.findall(r">([^<>]+)</text>", drawn))
    assert "lag 5, the longest lag tried, in 9 of 10 runs" in said
    heights = [float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"', drawn)]
    assert max(heights) < 842
    assert "&lt;/script&gt;" in drawn
