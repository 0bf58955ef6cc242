"""Trained weights: a safetensors file a run, of the run that is kept."""

from __future__ import annotations

import struct
import sys

import numpy as np
import pytest
import safetensors.numpy
from tests.store.samples import run, spec

from memspan.core.errors import InvalidInput
from memspan.store import Added, Store
from memspan.store.identity import hash_of

SPEC, HASH = spec(), hash_of(spec())


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "runs.db") as store:
        yield store


TENSORS = {"cell.kernel": np.arange(6, dtype=np.float32).reshape(2, 3).T, "bias": np.zeros(2, np.float32)}


def test_weights_are_a_safetensors_file(store, tmp_path):
    """Written here, read by the library that nobody here wrote, and by hand from its published layout."""
    with store.writer() as writer:
        writer.add(SPEC, [run(0), run(1)], weights={1: TENSORS})
        ((file,),) = writer._connection.execute("SELECT tensors FROM weights").fetchall()
    read = safetensors.numpy.load(file)
    assert {name: array.tolist() for name, array in read.items()} == {
        name: array.tolist() for name, array in TENSORS.items()
    }
    (length,) = struct.unpack("<Q", file[:8])
    assert file[8 : 8 + length].strip()[:1] == b"{"
    assert len(file) == 8 + length + 4 * 8
    assert store.weights(HASH, 1)["cell.kernel"].tolist() == TENSORS["cell.kernel"].tolist()
    assert store.weights(HASH, 0) is None
    assert store.weights("of no spec", 1) is None


def test_weights_are_those_of_the_run_that_is_kept(store):
    other = {**TENSORS, "bias": np.ones(2, np.float32)}
    with store.writer() as writer:
        writer.add(SPEC, [run(0), run(1)])
        assert len(writer.add(SPEC, [run(0, updates=501)], weights={0: other}).differing) == 1
        assert store.weights(HASH, 0) is None
        assert writer.add(SPEC, [run(0)], weights={0: TENSORS}) == Added(0, 1, ())
        assert writer.add(SPEC, [run(0)], weights={0: TENSORS}) == Added(0, 1, ())
        (told,) = writer.add(SPEC, [run(0)], weights={0: other}).differing
        assert told.startswith(f"weights of seed 0 of spec {HASH} came out differently")
        with pytest.raises(InvalidInput, match="weights must belong to runs of the block, but got seed 7"):
            writer.add(SPEC, [run(0)], weights={7: TENSORS})
    assert store.weights(HASH, 0)["bias"].tolist() == [0, 0]


def test_weights_without_the_library(store, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with store.writer() as writer, pytest.raises(InvalidInput, match=r"install it with pip install 'memspan\[weights"):
        writer.add(SPEC, [run(0)], weights={0: TENSORS})
    assert store.missing(HASH, [0]) == [0]
