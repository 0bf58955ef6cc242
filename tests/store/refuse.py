"""Seeing that a store is refused in one sentence, and that nothing beside or in it is changed."""

from __future__ import annotations

import pytest
from tests.store.samples import spec

from memspan.store import Store
from memspan.store.identity import hash_of
from memspan.store.lock import lock_of

SPEC, HASH = spec(), hash_of(spec())


def refuse(path, error, sentence, act=lambda store: None):
    """Open a store, and act; it must be refused, and all that lies there be as it was."""

    def there():
        return {file.name: file.read_bytes() for file in path.parent.iterdir() if file != lock_of(path)}

    before = there()
    with pytest.raises(error) as refusal, Store.open(path) as store:
        act(store)
    assert there() == before
    assert sentence in str(refusal.value)
    assert str(refusal.value).count("\n") == 0
    assert str(path) in str(refusal.value)


def touch(store):
    """Begin to write."""
    with store.writer():
        pass


def read(store):
    list(store.runs(HASH))
