"""What is cited exists, is what the code's own pages cite, and is BibTeX."""

from __future__ import annotations

import inspect
import re
import unicodedata

import pytest
from tests.report.samples import put

from memspan import engine, models, problems, rules
from memspan.report.make import make
from memspan.report.sources import COMPARED, OF_TYPES, SEARCHED, STATISTICS, bibliography
from memspan.store import Store

NEEDED = {
    "article": {"journal"},
    "inproceedings": {"booktitle"},
    "misc": set(),
    "techreport": {"institution"},
    "software": {"url"},
}
HOMES = (models, rules, problems, engine)


def surname(entry):
    """The first author's, without accents."""
    return re.sub(r"\{\\\W(\w)\}", r"\1", fields(entry)["author"]).split(",")[0]


def fields(entry):
    return dict(re.findall(r"^  (\w+) = \{(.*)\},?$", entry, re.MULTILINE))


@pytest.mark.parametrize("key", bibliography())
def test_an_entry_is_whole(key):
    entry = bibliography()[key]
    kind = re.match(r"@(\w+)\{", entry)[1]
    found = fields(entry)
    assert {"author", "title", "year", *NEEDED[kind]} <= found.keys()
    assert entry.count("{") == entry.count("}")
    assert len(entry.splitlines()) == len(found) + 2  # no line that is not a field
    assert re.search(r"\d{4}", key)[0] == found["year"]
    assert key.startswith(surname(entry).lower().replace(" ", "")) or kind == "software"


def test_every_key_is_an_entry_and_every_entry_is_used():
    from_types = {key for keys in OF_TYPES.values() for key in keys}
    others = {"bengio2009curriculum", "tallec2018chrono", "jax2018github"}
    assert from_types | STATISTICS.keys() | COMPARED.keys() | SEARCHED.keys() | others == bibliography().keys()


@pytest.mark.parametrize("kind", OF_TYPES)
def test_what_is_cited_for_a_part_is_what_its_own_page_cites(kind):
    """The oracle is the docstring, written for another purpose: it names the first author."""
    part = next(vars(home)[kind] for home in HOMES if kind in vars(home))
    page = f"{inspect.getdoc(part)} {getattr(part, 'reference', '')} {inspect.getmodule(part).__doc__}"
    for key in OF_TYPES[kind]:
        assert surname(bibliography()[key]) in unicodedata.normalize("NFD", page).encode("ascii", "ignore").decode()


def test_a_study_cites_what_it_uses_and_nothing_else(tmp_path):
    put(tmp_path / "runs.db", {"r": (1.0,)}, lags=(3,))
    with Store.open(tmp_path / "runs.db") as store:
        made = make(store, tmp_path / "runs.db", state=False)
    keys = [source.key for source in made.sources]
    assert {"hochreiter1997lstm", "werbos1990bptt", "kingma2015adam", "brownlee2017demonstration"} <= set(keys)
    assert "cho2014gru" not in keys
    assert "newcombe1998paired" not in keys  # nothing is compared
    assert {name for name, _ in made.references} == {"BPTT", "Conflict", "LSTM"}
