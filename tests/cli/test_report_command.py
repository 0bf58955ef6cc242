"""`memspan report` as a command: where it writes, what it prints, and what it refuses in one sentence."""

from __future__ import annotations

import json

import pytest
from tests.cli.commands import command as command
from tests.report.samples import failed, put

from memspan.store import Store

RATES = {"online": (0.6, 0.0), "RTRL": (1.0, 0.7)}


@pytest.fixture
def store(tmp_path):
    put(tmp_path / "runs.db", RATES)
    return tmp_path / "runs.db"


def test_the_usual_file_is_an_html_page(command, store, tmp_path):
    done = command("report", "runs.db", "--no-state")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].startswith("Furthest comes 'RTRL': lag 5")
    assert done.out.splitlines()[-1].startswith("report.html: 0.9")
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(("name", "begins"), [("a.md", b"# a study"), ("a.pdf", b"%PDF-"), ("a.HTML", b"<!doctype")])
def test_the_ending_decides_the_format(command, store, tmp_path, name, begins):
    assert command("report", "runs.db", "-o", name, "--no-state", "--quiet").code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_json_says_the_answer_and_where_the_report_is(command, store, tmp_path):
    done = command("report", "runs.db", "--no-state", "--json", "-o", "a.md")
    answer = json.loads(done.out)
    assert (answer["version"], answer["command"], answer["output"], answer["format"]) == (1, "report", "a.md", "md")
    assert answer["bytes"] == (tmp_path / "a.md").stat().st_size
    assert answer["figures"] == ["success", "score", "updates", "loss", "differences"]
    assert done.err == ""


def test_the_same_store_gives_the_same_bytes(command, store, tmp_path):
    for name in ("a", "b"):
        assert command("report", "runs.db", "-o", f"{name}.html", "--no-state", "-q").code == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("none.db",), "store must be a file that exists, but"),
        (("runs.db", "ffff"), "study must be the beginning of one hash in runs.db, but got 'ffff', which 0 begin with"),
        (("runs.db", "-o", "a.doc"), "--output must be a file named *.html, *.htm, *.md, *.markdown, *.pdf, but got"),
        (
            ("runs.db", "-o", "no/a.md"),
            "--output must be a file in a folder that exists and that you may write to, but",
        ),
        (("runs.db", "-o", "-", "--json"), "--json and --output - must not both want standard output, but did; name"),
        (("runs.db", "--state", "-o", "a.md"), "spec"),
    ],
)
def test_refusals_are_a_sentence(command, store, words, sentence):
    if "--state" in words:  # all runs failed: there is no network to show
        store.unlink()
        put(store, {"r": (0.0,)}, lags=(3,), seeds=1, extra=[("r", 3, failed(0))])
        sentence = "none of its runs ended with a network, for all diverged or have no result"
    done = command("report", *words)
    assert done.code == 2
    text = json.loads(done.out)["error"]["message"] if "--json" in words else done.err
    assert sentence in text
    assert len(text.strip().splitlines()) == 1


def test_a_report_is_made_while_the_store_is_written(command, store):
    with Store.open(store) as opened, opened.writer():
        assert command("report", "runs.db", "-o", "a.md", "--no-state").code == 0
