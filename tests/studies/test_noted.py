"""Studies as a store notes them: which one is meant, and what of it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from memspan.core.errors import InvalidInput
from memspan.store import Environment, Store, StoredRun
from memspan.store.identity import hash_of
from memspan.studies.noted import NotedCell, end_of, found_by, note_of, noted, the_study

HERE = Environment({}, "cpu", "")
SPECS = [f'{{"epochs":{number}}}' for number in range(3)]
PATH = Path("runs.db")


def run(seed, status="finished"):
    return StoredRun(seed, status, False, 10 if status != "failed" else 0, None, HERE)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "runs.db") as opened:
        yield opened


def note(writer, name, *specs, seed=0, runs=3):
    cells = [NotedCell("a", lag, hash_of(spec), seed, runs) for lag, spec in enumerate(specs, 1)]
    return writer.note(note_of("span", name, {}, {}, cells))


def test_what_is_missing_has_no_result_yet(store):
    with store.writer() as writer:
        note(writer, "one", *SPECS[:2], seed=1)
        writer.add(SPECS[0], [run(0), run(1), run(2, "diverged"), run(3, "failed")])
    (study,) = noted(store)
    assert [cell.missing(store) for cell in study.cells] == [1, 3]
    assert [[one.seed for one in cell.stored(store)] for cell in study.cells] == [[1, 2], []]
    assert (study.runs, study.missing(store), study.name, study.command) == (6, 4, "one", "span")


def test_the_one_that_is_not_done_is_meant(store):
    with store.writer() as writer:
        done, begun = note(writer, "done", SPECS[0]), note(writer, "begun", SPECS[1])
        writer.add(SPECS[0], [run(seed) for seed in range(3)])
        writer.add(SPECS[1], [run(0)])
    studies = noted(store)
    assert [study.name for study in studies] == ["begun", "done"]
    assert the_study(studies, None, store, PATH).hash == begun
    assert the_study(studies, done[:6], store, PATH).hash == done
    with store.writer() as writer:
        other = note(writer, "other", SPECS[2])
    with pytest.raises(InvalidInput) as refusal:
        the_study(noted(store), None, store, PATH)
    assert str(refusal.value) == (
        "study must be the beginning of one hash in runs.db, but none was named; there are "
        f"{begun} (begun, 1 of 3 runs), {other} (other, 0 of 3 runs); name one, such as memspan resume "
        f"runs.db {begun[:6]}"
    )


def test_where_all_are_done_the_only_one_is_meant(store):
    with store.writer() as writer:
        first = note(writer, "first", SPECS[0])
        writer.add(SPECS[0], [run(seed) for seed in range(3)])
    assert the_study(noted(store), None, store, PATH).hash == first
    with store.writer() as writer:
        note(writer, "second", SPECS[0])
    with pytest.raises(InvalidInput, match="none was named"):
        the_study(noted(store), None, store, PATH)


def test_a_search_is_not_done_before_it_says_so(store):
    """Neither an adaptive study nor a tuning whose cells so far are all there: it may come to others."""
    cell = NotedCell("a", 3, hash_of(SPECS[0]), 0, 2)
    with store.writer() as writer:
        tuning = writer.note(note_of("tune", "tuned", {}, {}, ()))
        other = writer.note(note_of("span", "looked", {}, {"adaptive": {}}, ()))
        for number, runs_so_far in ((7, 3), (2, 2)):
            writer.note(found_by(tuning, number, NotedCell("a", 3, hash_of(SPECS[0]), 0, runs_so_far)))
        writer.note(found_by(tuning, 5, NotedCell("b", 3, hash_of(SPECS[1]), 0, 1)))
        writer.note(found_by(other, 0, cell))
        writer.add(SPECS[0], [run(seed) for seed in range(3)])
        writer.add(SPECS[1], [run(0)])
    looked, tuned = noted(store)
    assert [(one.recipe, one.runs) for one in tuned.cells] == [("a", 3), ("b", 1)]
    assert looked.cells == (cell,)
    assert [(one.done(store), one.missing(store), one.state(store)) for one in (looked, tuned)] == [
        (False, 0, "2 runs, not done"),
        (False, 0, "4 runs, not done"),
    ]
    with pytest.raises(
        InvalidInput, match=r"there are \w+ \(looked, 2 runs, not done\), \w+ \(tuned, 4 runs, not done"
    ):
        the_study(noted(store), None, store, PATH)
    with store.writer() as writer:
        writer.note(end_of(tuning))
    assert [one.done(store) for one in noted(store)] == [False, True]
    assert the_study(noted(store), None, store, PATH).hash == other


def test_notes_of_another_form_are_left_out(store):
    with store.writer() as writer:
        writer.note({"version": 2, "command": "tune"})
        writer.note(["words"])
    assert noted(store) == ()
