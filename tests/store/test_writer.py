"""A run is there once; a block is there whole; a run that comes out differently is told."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.store.samples import run, spec

from memspan.core.errors import InvalidInput
from memspan.store import Added, Environment, Store
from memspan.store.identity import hash_of
from memspan.store.read import page_of_runs

SPEC, HASH = spec(), hash_of(spec())
ELSEWHERE = Environment({"python": "3.12", "jax": "0.8"}, "a processor", "0123456789abcdef")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "runs.db") as store:
        yield store


def seeds(store):
    return [one.seed for one in store.runs(HASH, curves=False)]


def test_a_repeat_changes_nothing(store):
    with store.writer() as writer:
        assert writer.add(SPEC, [run(1), run(0)]) == Added(2, 0, ())
        again = run(1, seconds=9.0, environment=ELSEWHERE)
        assert writer.add(SPEC, [again, run(2), run(2)]) == Added(1, 2, ())
    assert seeds(store) == [0, 1, 2]
    assert [one.seconds for one in store.runs(HASH)] == [0.25, 0.25, 0.25]
    assert store.missing(HASH, [5, 1, 0, 4]) == [5, 4]
    assert store.missing("of no spec", range(2)) == [0, 1]


def nudged(curve):
    """One bit of one point apart."""
    changed = curve.copy()
    changed.view(np.uint32)[7] ^= 1
    return changed


LOSS = run(1).curves["loss"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"updates": 501}, "updates was 500 and is now 501"),
        ({"status": "diverged"}, "status was finished and is now diverged"),
        ({"updates_until_solved": 3}, "updates_until_solved was None and is now 3"),
        ({"scores": {"test": {"accuracy": 0.5}}}, "test accuracy was nan and is now 0.5"),
        ({"scores": {"test": {**run(1).scores["test"], "x": 1.0}}}, "test x was None and is now 1.0"),
        ({"curves": {**run(1).curves, "loss": nudged(LOSS)}}, f"curve 'loss' was {LOSS[7]} at point 7 and is now"),
        ({"curves": {**run(1).curves, "loss": LOSS[:3]}}, "curve 'loss' was 50 of float32 and is now 3 of float32"),
        ({"curves": {"loss": LOSS, "updates": run(1).curves["updates"]}}, "'accuracy' was there and is not now"),
    ],
)
def test_a_repeat_that_differs_is_told_and_the_first_kept(store, changes, told):
    with store.writer() as writer:
        writer.add(SPEC, [run(1)])
        new, repeated, differing = writer.add(SPEC, [run(1, **changes), run(2)])
        elsewhere = writer.add(SPEC, [run(1, **{**changes, "environment": ELSEWHERE})]).differing
    assert (new, repeated, len(differing)) == (1, 1, 1)
    assert differing[0].startswith(f"seed 1 of spec {HASH} came out differently when it was run again in the same env")
    assert told in differing[0]
    assert "in another environment (versions differ)" in elsewhere[0]
    with store.writer() as writer:
        assert writer.add(SPEC, [run(1), run(2)]) == Added(0, 2, ())


def test_scores_of_a_split_that_was_not_judged_before_are_added(store):
    new = {"lag 9": {"accuracy": 0.5, "solved": 0.0}}
    with store.writer() as writer:
        writer.add(SPEC, [run(1)])
        differing = writer.add(SPEC, [run(1, scores={**run(1).scores, **new}, updates=501)]).differing
        assert (len(differing), next(store.runs(HASH)).scores["test"].keys()) == (1, run(1).scores["test"].keys())
        assert "lag 9" not in next(store.runs(HASH)).scores  # of a run that came out otherwise nothing is kept
        assert writer.add(SPEC, [run(1, scores=new)]) == Added(0, 1, ())
        assert writer.add(SPEC, [run(1, scores={"lag 9": {"accuracy": 0.75}})]).differing
    assert next(store.runs(HASH)).scores["lag 9"] == new["lag 9"]
    assert next(store.runs(HASH)).scores.keys() == {*run(1).scores, "lag 9"}


def test_a_failure_gives_way_to_a_result(store):
    failed = {"status": "failed", "solved": False, "updates_until_solved": None, "curves": {}, "scores": {}}
    with store.writer() as writer:
        writer.add(SPEC, [run(3, **failed, reason="its worker was killed 3 times \udcff"), run(4)])
        assert store.missing(HASH, [3, 4]) == []
        assert store.missing(HASH, [3, 4], retry_failed=True) == [3]
        assert next(store.runs(HASH)).reason == "its worker was killed 3 times \\udcff"
        assert writer.add(SPEC, [run(3, **failed, reason="again"), run(4, **failed)]) == Added(0, 2, ())
        assert writer.add(SPEC, [run(3)]) == Added(1, 0, ())
        assert writer.add(SPEC, [run(3)]) == Added(0, 1, ())
    assert [one.status for one in store.runs(HASH)] == ["finished", "finished"]
    assert store.specs()[0].failed == 0
    store.check()


def test_a_block_is_whole_or_not_there(store):
    """The fourth of its runs cannot be written."""
    with store.writer() as writer:
        writer.add(SPEC, [run(0)])
        writer._connection.execute(
            "CREATE TEMP TRIGGER no BEFORE INSERT ON main.runs WHEN NEW.seed = 4 BEGIN SELECT raise(ABORT, 'no'); END"
        )
        with pytest.raises(Exception, match="no"):
            writer.add(SPEC, [run(seed) for seed in range(1, 6)])
        assert seeds(store) == [0]
        assert writer.add(SPEC, [run(1)]).new == 1
    assert seeds(store) == [0, 1]


def test_an_interrupt_within_a_block_leaves_none_of_it(store, monkeypatch):
    from memspan.store import writer as module

    with store.writer() as writer:
        calls = itertools.count()
        execute = module.Writer._execute

        def interrupted(self, *arguments):
            if next(calls) == 9:
                raise KeyboardInterrupt
            return execute(self, *arguments)

        monkeypatch.setattr(module.Writer, "_execute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.add(SPEC, [run(seed) for seed in range(5)])
        assert seeds(store) == []
        assert writer.add(SPEC, [run(seed) for seed in range(5)]).new == 5


def test_a_page_is_of_one_moment(store, monkeypatch):
    """A failed run gives way while a reader is between its scores and its row: it is seen as it was before."""
    from memspan.store import read

    failed = {"status": "failed", "solved": False, "updates_until_solved": None, "curves": {}, "scores": {}}
    unpack = read.unpack
    with store.writer() as writer:
        writer.add(SPEC, [run(3, **failed), run(4)])

        def replaced(points):
            read.unpack = unpack  # once is enough
            assert writer.add(SPEC, [run(3)]).new == 1
            return unpack(points)

        with monkeypatch.context() as patched:
            patched.setattr(read, "unpack", replaced)
            assert [(one.status, len(one.scores)) for one in store.runs(HASH)] == [("failed", 0), ("finished", 2)]
    assert [(one.status, len(one.scores)) for one in store.runs(HASH)] == [("finished", 2), ("finished", 2)]


def test_pages_join(store, monkeypatch):
    monkeypatch.setattr("memspan.store.read.PAGE", 7)
    sparse = [0, *range(5, 40, 3), 2**63 - 1]
    with store.writer() as writer:
        writer.add(SPEC, [run(seed) for seed in reversed(sparse)])
    assert seeds(store) == sparse
    assert [one.seed for one in page_of_runs(store._connection, HASH, 0)] == sparse[1:8]


def test_many_threads_share_one_writer(store):
    with store.writer() as writer, ThreadPoolExecutor(4) as pool:
        blocks = [range(first, first + 5) for first in range(0, 50, 5)] * 2
        found = list(pool.map(lambda block: (writer.add(SPEC, map(run, block)), len(seeds(store)) % 5), blocks))
    assert sum(added.new for added, _ in found) == 50
    assert all(not torn for _, torn in found)
    assert seeds(store) == list(range(50))


def test_specs_are_told_apart_and_found(store):
    with store.writer() as writer:
        for number in range(3):
            writer.add(spec(number), [run(seed) for seed in range(10 * number)])
    found = {one.settings["model"]["units"]: one for one in store.specs()}
    assert [(found[units].runs, found[units].solved, found[units].diverged) for units in (4, 5, 6)] == [
        (0, 0, 0),
        (10, 4, 1),
        (20, 7, 2),
    ]
    assert [one.hash for one in store.specs()] == sorted(hash_of(spec(number)) for number in range(3))
    assert store.specs(where={"spec.model.units": 5, "spec.epochs": 9}) == (found[5],)
    assert store.specs(where={"spec.model.units": 7}) == ()
    assert store.spec(found[6].hash[:9]) == found[6]
    with pytest.raises(InvalidInput, match=r"must be the beginning of one hash in .*, but got '', which 3 begin with"):
        store.spec("")


def test_studies_are_noted_once(store):
    with store.writer() as writer:
        first = writer.note({"command": ["span", "recipes/tutorial"], "seeds": 20})
        assert writer.note({"seeds": 20, "command": ["span", "recipes/tutorial"]}) == first
    assert store.studies() == {first: {"command": ["span", "recipes/tutorial"], "seeds": 20}}


@pytest.mark.parametrize("bad", ["", "[]", '{"b":1,"a":2}', '{"a": 1}', "{}{}", "nonsense " * 20])
def test_a_spec_has_one_spelling(store, bad):
    with store.writer() as writer, pytest.raises(InvalidInput, match="spec must be the canonical JSON of a spec"):
        writer.add(bad, [run(0)])


def test_no_clock_is_asked():
    """Nothing is ordered by time, so a clock that goes backwards cannot matter: only the lock waits, and counts."""
    import ast
    from pathlib import Path

    import memspan.store

    calls = set()
    # The plug-ins that write another program's log give it the time that it asks for; they write nothing of ours.
    ours = [path for path in Path(memspan.store.__file__).parent.glob("*.py") if not path.name.startswith("to_")]
    for path in ours:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time":
                calls.add(node.attr)
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "datetime" not in ast.unparse(node)
    assert calls == {"sleep"}
