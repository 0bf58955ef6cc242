"""What goes into a store comes out of it, bit for bit; what cannot go in is refused in a sentence."""

from __future__ import annotations

import itertools
import json
import math
import sqlite3
import struct
import zlib
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.store.samples import HERE, run, spec

from memspan.core.errors import InvalidInput
from memspan.core.spec import Spec
from memspan.engine import Adam
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.rules import BPTT
from memspan.store import Environment, Store, StoredRun, this_environment
from memspan.store.curve import pack, unpack
from memspan.store.identity import canonical, dotted, hash_of
from memspan.store.run import difference

CURVES = st.sampled_from([np.float32, np.float64, np.int32, np.int64, np.bool_]).flatmap(
    lambda kind: hnp.arrays(kind, st.integers(0, 40))
)
NAMES = st.text(st.characters(exclude_characters=".", min_codepoint=32, exclude_categories=["Cs"]), min_size=1)
NUMBERS = itertools.count()
PLACES = st.tuples(st.dictionaries(NAMES, st.text()), st.text(), st.text())


@st.composite
def facts(draw):
    """What runs are made of in the test: their types are checked by random samples, which a strategy may not draw."""
    updates = draw(st.integers(0, 2**63 - 1))
    until = draw(st.none() | st.integers(0, updates))
    status = draw(st.sampled_from(["finished", "diverged", "failed"]))
    return dict(
        seed=draw(st.integers(0, 2**63 - 1)),
        status=status,
        solved=draw(st.booleans()) and status == "finished" and until is not None,
        updates=updates,
        updates_until_solved=until,
        environment=draw(PLACES),
        scores=draw(st.dictionaries(NAMES, st.dictionaries(NAMES, st.floats(), max_size=3), max_size=3)),
        curves=draw(st.dictionaries(NAMES, CURVES, max_size=3)),
        seconds=draw(st.floats(allow_nan=False, allow_infinity=False)),
        reason=draw(st.text()),
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("round") / "runs.db") as store:
        yield store


@settings(max_examples=60)
@given(drawn=st.lists(facts(), unique_by=lambda fact: fact["seed"], max_size=4))
def test_runs_come_back_as_they_were(store, drawn):
    runs = [StoredRun(**{**fact, "environment": Environment(*fact["environment"])}) for fact in drawn]
    text = spec(next(NUMBERS))
    hash = hash_of(text)
    with store.writer() as writer:
        assert writer.add(text, runs) == (len(runs), 0, ())
    back = list(store.runs(hash))
    assert [run.seed for run in back] == sorted(run.seed for run in runs)
    for was, now in zip(sorted(runs, key=lambda run: run.seed), back, strict=True):
        assert difference(was, now) is None
        assert (was.seconds, was.reason, was.environment) == (now.seconds, now.reason, now.environment)
    assert store.missing(hash, [run.seed for run in runs]) == []


@settings(max_examples=200)
@given(CURVES)
def test_curves_keep_their_bits(curve):
    back = unpack(pack(curve))
    assert back.dtype == curve.dtype
    assert back.tobytes() == curve.tobytes()


def test_a_packed_curve_is_what_is_written_down():
    """The format by hand: a letter, then deflated bytes of the differences of the bits, lowest byte of all first."""
    numbers = [0.5, 0.25, 0.25]
    bits = [struct.unpack("<I", struct.pack("<f", number))[0] for number in numbers]
    steps = [(bit - before) % 2**32 for bit, before in zip(bits, [0, *bits], strict=False)]
    planes = bytes((step >> 8 * place) & 255 for place in range(4) for step in steps)
    packed = pack(np.array(numbers, np.float32))
    assert packed[:1] == b"f"
    assert zlib.decompress(packed[1:]) == planes


@pytest.mark.parametrize("bad", [b"", b"x" + zlib.compress(b""), b"fxyz", b"f" + zlib.compress(b"abc")])
def test_bytes_that_are_no_curve(bad):
    with pytest.raises(ValueError, match=r"curve|reshape"):
        unpack(bad)


def test_the_tables_say_it_without_us(tmp_path):
    """Read back with plain SQLite: columns, units and nulls are what the schema says."""
    with Store.open(tmp_path / "runs.db") as store, store.writer() as writer:
        writer.add(spec(), [run(3), run(4)])
    with closing(sqlite3.connect(tmp_path / "runs.db")) as plain:
        rows = plain.execute("SELECT seed, status, solved, updates, updates_until_solved, seconds FROM runs").fetchall()
        assert rows == [(3, "finished", 1, 500, 13, 0.25), (4, "finished", 0, 500, None, 0.25)]
        value = float(np.random.default_rng(3).random())
        scores = plain.execute("SELECT split, name, value FROM scores WHERE run = 1").fetchall()
        assert scores == [("test", "accuracy", None), ("train", "accuracy", value)]
        assert plain.execute("SELECT hash, settings FROM specs").fetchall() == [(hash_of(spec()), spec())]
        (content,) = plain.execute("SELECT content FROM environments").fetchone()
        assert json.loads(content) == HERE.to_json()
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        strict = plain.execute("SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite%'").fetchall()
        assert len(strict) == 7
        assert all(one for _, one in strict)


def test_commits_are_synced(tmp_path):
    with Store.open(tmp_path / "runs.db") as store, store.writer() as writer:
        for pragma, value in (("synchronous", 2), ("foreign_keys", 1), ("journal_mode", "wal")):
            assert writer._connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)


def test_the_hash_is_that_of_the_spec():
    whole = Spec(Conflict(), LSTM(units=4), BPTT(), Adam())
    assert hash_of(whole.canonical_json()) == whole.hash
    assert canonical({"ü": "ß"}) == r'{"\u00fc":"\u00df"}'
    names = dotted(json.loads(whole.canonical_json()), "spec")
    assert (names["spec.model.units"], names["spec.problem.lag"], names["spec.type"]) == (4, Conflict().lag, "Spec")


def test_environments_are_kept_once(tmp_path):
    other = Environment({"python": "3.12"}, "another", "")
    with Store.open(tmp_path / "runs.db") as store:
        with store.writer() as writer:
            writer.add(spec(0), [run(0), run(1)])
            writer.add(spec(1), [run(0), run(1, environment=other)])
        assert store.environments() == {HERE.hash: HERE, other.hash: other}
        assert [one.environment for one in store.runs(hash_of(spec(1)))] == [HERE, other]


def test_this_environment_is_of_this_code():
    found = this_environment("one core")
    assert found.device == "one core"
    assert found.versions["numpy"] == np.__version__
    assert len(found.code) == 16
    assert this_environment().hash == this_environment().hash


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": -1}, "seed must be a whole number from 0 to 9,223,372,036,854,775,807, but got -1"),
        ({"seed": 2**63}, "seed must be a whole number"),
        ({"status": "done"}, "status must be one of finished, diverged, failed, but got 'done'"),
        ({"status": "diverged"}, "a solved run must have finished"),
        ({"updates_until_solved": 501}, "updates_until_solved must be a whole number from 0 to 500, but got 501"),
        ({"seconds": math.nan}, "seconds must be a finite number"),
        ({"scores": {"a.b": {"accuracy": 1.0}}}, "names of scores and curves must be words without dots"),
        ({"scores": {"train": {"": 1.0}}}, "names of scores and curves must be words without dots"),
        ({"curves": {"loss": np.zeros((2, 2), np.float32)}}, "curve 'loss' must be one row of float32"),
        ({"curves": {"loss": np.zeros(2, np.complex64)}}, "curve 'loss' must be one row of float32"),
    ],
)
def test_what_is_no_run(changes, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        run(**{"seed": 3, **changes})
