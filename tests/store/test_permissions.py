"""Folders and files that may not be written or read: what can be done is done, the rest is a sentence."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import pytest
from tests.store.refuse import HASH, SPEC, refuse, touch
from tests.store.samples import run
from tests.store.unprivileged import open_folder, unprivileged

from memspan.store import Store, StoreError


def test_a_read_only_folder(whole):
    """What is there can be read; nothing can be written or made, and nothing is left lying about."""
    with open_folder() as folder:
        path = shutil.copy(whole, folder / "runs.db")
        path.chmod(0o644)
        folder.chmod(0o555)
        with unprivileged():
            refuse(path, StoreError, "may not be written here (Permission denied", touch)
            refuse(folder / "new.db", StoreError, "may not be written here (Permission denied")
            with Store.open(path) as store:
                assert len(list(store.runs(HASH))) == 100
                store.check()


@pytest.mark.parametrize("opened", ["before", "during"])
def test_a_read_only_folder_that_another_may_write(whole, opened):
    """With a log there, its reader follows; without, what changes under its hands is noticed and never half read."""
    more = [run(seed) for seed in range(100, 300)]
    with open_folder() as folder, ExitStack() as stack:
        path = shutil.copy(whole, folder / "runs.db")
        path.chmod(0o644)
        late = stack.enter_context(Store.open(path)) if opened == "during" else None
        folder.chmod(0o555)
        with unprivileged():
            reader = stack.enter_context(Store.open(path))
        assert reader.missing(HASH, [100]) == [100]
        folder.chmod(0o777)
        with late or Store.open(path) as store:
            with store.writer() as writer:
                writer.add(SPEC, more)
            if opened == "during":
                assert reader.missing(HASH, [100]) == []
        if opened == "before":
            with pytest.raises(StoreError, match="was written while it was read"):
                reader.missing(HASH, [100])


def test_a_file_that_may_not_be_written(whole):
    with open_folder() as folder:
        path = shutil.copy(whole, folder / "runs.db")
        path.chmod(0o444)
        with unprivileged(), Store.open(path) as store:
            assert len(list(store.runs(HASH))) == 100
            with pytest.raises(StoreError, match=r"may not be written \(attempt to write a read.*\); copy it"):
                touch(store)


def test_a_file_that_may_not_be_read(whole):
    with open_folder() as folder:
        path = shutil.copy(whole, folder / "runs.db")
        path.chmod(0o000)
        with unprivileged(), pytest.raises(StoreError, match=r"may not be read \(Permission denied\); ask"):
            Store.open(path)
