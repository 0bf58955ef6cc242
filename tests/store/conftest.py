"""A store that tests copy before they break it."""

from __future__ import annotations

import pytest
from tests.store.samples import run, spec

from memspan.store import Store
from memspan.store.lock import lock_of


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A store of some pages, closed."""
    path = tmp_path_factory.mktemp("whole") / "runs.db"
    with Store.open(path) as store, store.writer() as writer:
        writer.add(spec(), [run(seed) for seed in range(100)])
    assert [file.name for file in path.parent.iterdir() if file.name != lock_of(path).name] == ["runs.db"]
    return path
